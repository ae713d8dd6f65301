// How far analyses are, as the service tells it; asked for where no stream is to be had.

import { send } from "./app.js";

const EVERY_MS = 3000; // between two questions, without a stream
const MOST = 50; // recordings of one stream
const TURN_MS = 15_000; // of a stream, where others wait for theirs
const UNDER_WAY = ["received", "queued", "analysing"];

export const isUnderWay = ({ state }) => UNDER_WAY.includes(state);

const STAGES = {
  audio: "reading the sound",
  transcript: "writing down what is said",
  speakers: "telling the voices apart",
  tones: "listening to the voice",
  judgement: "judging the answers",
};

/** Where a recording stands, in a few words. */
export function worded(now) {
  if (now.state === "analysing") {
    const share = `${Math.floor(now.progress * 100)} % analysed`;
    return now.stage in STAGES ? `${share}: ${STAGES[now.stage]}` : share;
  }
  return {
    received: "Received", queued: "Waiting for its turn", done: "Analysed",
    failed: "Could not be analysed", cancelled: "Cancelled",
  }[now.state] ?? now.state;
}

/**
 * Calls `told` with the progress of each recording, first of all, then of those that changed,
 * until none is under way. What is deleted is told with the state `gone`. Of more than a stream
 * takes, each has its turn. Gives what ends it.
 */
export function follow(ids, told) {
  const left = new Set(ids);
  let ended = false;
  let stop = () => {};
  let timer = null;
  function tell(now) {
    if (ended) return;
    if (!isUnderWay(now)) left.delete(now.id);
    told(now);
  }
  function turn() {
    stop();
    clearTimeout(timer);
    if (ended || !left.size) return;
    const batch = [...left].slice(0, MOST);
    // They come last the next time.
    for (const id of batch) { left.delete(id); left.add(id); }
    const done = () => { for (const id of batch) left.delete(id); turn(); };
    stop = window.EventSource ? listen(batch, tell, done) : poll(batch, tell, done);
    if (left.size > MOST) timer = setTimeout(turn, TURN_MS);
  }
  function end() { ended = true; stop(); clearTimeout(timer); }
  // Left open, a stream would be one of the few connections that the next page has.
  window.addEventListener("pagehide", end);
  turn();
  return () => { window.removeEventListener("pagehide", end); end(); };
}

function listen(ids, tell, done) {
  const query = new URLSearchParams(ids.map((id) => ["recording_id", id]));
  const stream = new EventSource(`/v1/progress?${query}`);
  let stop = () => stream.close();
  stream.addEventListener("message", (event) => tell(JSON.parse(event.data)));
  stream.addEventListener("gone", (event) => tell({ ...JSON.parse(event.data), state: "gone" }));
  stream.addEventListener("end", () => { stream.close(); done(); });
  // Closed is a refusal; else the browser connects again by itself.
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) stop = poll(ids, tell, done);
  });
  return () => stop();
}

function poll(ids, tell, done) {
  let left = ids;
  let timer = null;
  let ended = false;
  async function look() {
    for (const id of left) {
      if (ended) return;
      try {
        const now = await send("GET", `/v1/recordings/${encodeURIComponent(id)}`);
        if (!isUnderWay(now)) left = left.filter((each) => each !== id);
        tell(now);
      } catch (refusal) {
        if (refusal.status !== 404) continue; // it is asked again in a moment
        left = left.filter((each) => each !== id);
        tell({ id, state: "gone" });
      }
    }
    if (ended) return;
    if (left.length) timer = setTimeout(look, EVERY_MS);
    else done();
  }
  look();
  return () => { ended = true; clearTimeout(timer); };
}
