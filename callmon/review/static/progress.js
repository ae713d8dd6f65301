// How far analyses are, as the service tells it; asked for where no stream is to be had.

import { send } from "./app.js";

const EVERY_MS = 3000; // between two questions, without a stream
const MOST = 50; // recordings of one stream
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
 * until none is under way. What is deleted is told with the state `gone`. Gives what ends it.
 */
export function follow(ids, told) {
  const followed = ids.slice(0, MOST);
  let ended = false;
  let stop = () => {};
  const tell = (now) => { if (!ended) told(now); };
  const ask = () => { if (!ended) stop = poll(followed, tell); };
  if (window.EventSource) {
    const query = new URLSearchParams(followed.map((id) => ["recording_id", id]));
    const stream = new EventSource(`/v1/progress?${query}`);
    stream.addEventListener("message", (event) => tell(JSON.parse(event.data)));
    stream.addEventListener("gone", (event) => tell({ ...JSON.parse(event.data), state: "gone" }));
    stream.addEventListener("end", () => stream.close());
    // Closed is a refusal; else the browser connects again by itself.
    stream.addEventListener("error", () => { if (stream.readyState === EventSource.CLOSED) ask(); });
    // Left open, it would be one of the few connections that the next page has.
    window.addEventListener("pagehide", () => stream.close());
    stop = () => stream.close();
  } else ask();
  return () => { ended = true; stop(); };
}

function poll(ids, tell) {
  let left = ids;
  let timer = null;
  async function look() {
    for (const id of left) {
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
    if (left.length) timer = setTimeout(look, EVERY_MS);
  }
  look();
  return () => { left = []; clearTimeout(timer); };
}
