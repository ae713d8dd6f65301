// The page of a call: the sound, its picture, and the transcript that follows it.

import { clock, isWriting, newKey, part, ready, send, toast } from "./app.js";
import { Card } from "./judging.js";

const SKIP_FROM = 1.0; // seconds of silence that are worth skipping
const SKIP_MARGIN = 0.3; // seconds of it that are left, so that a pause is still one
const MOST_WIDTH = 30_000; // pixels of the picture, however closely one looks
const LANE = 44; // pixels
const MARK = 26; // pixels of a mark at least, so that a finger meets it
const LOUD_SHARE = 0.98; // of the sound that is drawn at its full height

const call = document.getElementById("call");
const sound = document.getElementById("sound");
const turns = document.getElementById("turns");
const data = sound ? JSON.parse(document.getElementById("sound-data").textContent) : null;
const inner = document.getElementById("timeline-in");
const scroller = document.getElementById("timeline");
const NO_SOUND = {
  404: "The sound of this call is not kept any more.",
  409: "The sound is not ready to be played.",
};
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let width = 0; // of the picture in pixels; 0 is as wide as the page

// ── Sound ───────────────────────────────────────────────────────────────────────────────

function toggle() { if (sound.paused) start(); else sound.pause(); }
function start() { sound.play().catch(() => {}); }
function playFrom(second) {
  if (!sound) return;
  sound.currentTime = second;
  start();
  follow(second, { always: true });
}

function tick() {
  if (!sound.paused && document.getElementById("skip").checked) skip(sound.currentTime);
  const now = sound.currentTime;
  document.getElementById("now").textContent = clock(now);
  const head = document.getElementById("playhead");
  head.style.left = `${(now / data.duration) * 100}%`;
  follow(now);
  if (!sound.paused) requestAnimationFrame(tick);
}

function skip(now) {
  const silence = data.silent.find(([from, to]) =>
    now >= from + SKIP_MARGIN && now < to - SKIP_MARGIN && to - from > SKIP_FROM);
  if (silence) sound.currentTime = silence[1] - SKIP_MARGIN;
}

// ── Picture ─────────────────────────────────────────────────────────────────────────────

/** Puts the marks at their seconds; one that would cover another stands beside it. */
function position() {
  const wide = inner.clientWidth;
  for (const lane of inner.querySelectorAll(".marks")) {
    let taken = 0;
    for (const region of lane.children) {
      const from = (Number(region.dataset.start) / data.duration) * wide;
      const to = (Number(region.dataset.end) / data.duration) * wide;
      const left = Math.max(taken, Math.min(from, wide - MARK));
      const length = region.dataset.finding ? MARK : Math.max(MARK, Math.min(to, wide) - left);
      region.style.left = `${left}px`;
      region.style.width = `${length}px`;
      taken = left + length + 2;
    }
  }
}

function lane(peaks, { channel, shared, speaks }) {
  const pairs = peaks.channels[Math.min(channel, peaks.channels.length - 1)];
  const heights = new Float32Array(pairs.length / 2);
  for (let n = 0; n < heights.length; n += 1)
    heights[n] = Math.max(-pairs[2 * n], pairs[2 * n + 1]) / 127;
  if (!shared && peaks.channels.length > 1) return heights;
  const theirs = new Float32Array(heights.length);
  for (const [from, to] of speaks) {
    const first = Math.floor(from * peaks.per_second);
    const last = Math.min(heights.length, Math.ceil(to * peaks.per_second));
    for (let n = first; n < last; n += 1) theirs[n] = heights[n];
  }
  return theirs;
}

async function drawWaves() {
  const note = document.getElementById("wave-note");
  if (!window.WaveSurfer) { note.textContent = "The sound can be played, but its wave is not drawn here."; return; }
  const fine = data.duration < 120 ? 50 : data.duration < 3600 ? 10 : 1;
  let peaks;
  try {
    const response = await fetch(`/v1/recordings/${call.dataset.id}/peaks?per_second=${fine}`);
    if (!response.ok) {
      note.textContent = NO_SOUND[response.status] ?? "The wave cannot be drawn. Load the page again.";
      return;
    }
    peaks = await response.json();
  } catch {
    note.textContent = "The service cannot be reached. Load the page again.";
    return;
  }
  note.hidden = true;
  const heights = data.lanes.map((each) => lane(peaks, each));
  // A bang would make all speech small, so the loudest few are cut.
  const spoken = heights.flatMap((each) => [...each].filter((height) => height > 0.02)).sort((a, b) => a - b);
  const loudest = Math.max(0.05, spoken[Math.floor(spoken.length * LOUD_SHARE)] ?? 0);
  const colours = () => {
    const style = getComputedStyle(document.documentElement);
    const split = data.lanes.map(({ party }) => {
      const colour = style.getPropertyValue(`--${party}`).trim();
      return { height: LANE, waveColor: colour, progressColor: colour };
    });
    return { splitChannels: split, cursorColor: "transparent" };
  };
  const wave = window.WaveSurfer.create({
    container: "#wave",
    media: sound,
    peaks: heights,
    duration: data.duration,
    height: LANE,
    maxPeak: loudest,
    normalize: true,
    barWidth: 2,
    barGap: 1,
    barRadius: 1,
    cursorWidth: 0,
    interact: true,
    dragToSeek: true,
    hideScrollbar: true,
    autoScroll: false,
    cspNonce: call.dataset.nonce,
    ...colours(),
  });
  wave.on("interaction", (at) => follow(at, { always: true }));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => wave.setOptions(colours()));
}

function zoom(times) {
  const page = scroller.clientWidth;
  const middle = (scroller.scrollLeft + page / 2) / inner.clientWidth;
  width = Math.min(MOST_WIDTH, Math.max(page, (width || page) * times));
  inner.style.width = width > page ? `${width}px` : "";
  if (width <= page) width = 0;
  scroller.scrollLeft = middle * inner.clientWidth - page / 2;
}

// ── Transcript ──────────────────────────────────────────────────────────────────────────

let timed = [];
function note() {
  timed = [...turns.querySelectorAll(".turn[data-start]")].map((element) => ({
    element, start: Number(element.dataset.start), end: Number(element.dataset.end),
  }));
}

async function loadRest() {
  for (let more; (more = turns.querySelector("[data-more]"));) {
    const row = more.closest("li");
    let found;
    try { found = await part(more.dataset.more); } catch { found = { ok: false }; }
    if (!found.ok) { toast("The rest of the talk could not be loaded. Load the page again.", { bad: true }); return; }
    const held = document.createElement("template");
    held.innerHTML = found.text;
    ready(held.content);
    row.replaceWith(held.content);
    note();
  }
}

let lit = null;
let word = null;
function follow(now, { always = false } = {}) {
  // Of two who speak at once the one who began last.
  const here = timed.filter((turn) => now >= turn.start && now < turn.end).at(-1);
  if (here?.element !== lit) {
    lit?.classList.remove("lit");
    lit = here?.element ?? null;
    lit?.classList.add("lit");
    const wanted = document.getElementById("follow")?.checked;
    if (lit && (always || (wanted && !sound.paused)))
      lit.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
    if (width) scroller.scrollLeft = (now / data.duration) * inner.clientWidth - scroller.clientWidth / 3;
  }
  word?.classList.remove("now");
  word = lit ? [...lit.querySelectorAll(".w")].filter((each) => Number(each.dataset.s) <= now).at(-1) ?? null : null;
  word?.classList.add("now");
}

const find = document.getElementById("find");
const findText = document.getElementById("find-text");
let hits = [];
let hit = -1;
function search() {
  const wanted = findText.value.trim().toLowerCase();
  hits = [];
  for (const turn of turns.querySelectorAll(".turn")) {
    const holds = wanted !== "" && turn.querySelector(".turn-text").textContent.toLowerCase().includes(wanted);
    turn.classList.toggle("hit", holds);
    turn.classList.remove("hit-here");
    if (holds) hits.push(turn);
  }
  hit = -1;
  document.getElementById("find-count").textContent =
    wanted === "" ? "" : hits.length ? `${hits.length} turns` : "Not said";
}
function nextHit() {
  if (!hits.length) return;
  hits[hit]?.classList.remove("hit-here");
  hit = (hit + 1) % hits.length;
  hits[hit].classList.add("hit-here");
  hits[hit].scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
  document.getElementById("find-count").textContent = `${hit + 1} of ${hits.length}`;
}

// ── Findings ────────────────────────────────────────────────────────────────────────────

const list = document.getElementById("findings");
let open = null; // the button of the finding that is open
let card = null;

async function show(button, { scroll = true, focus = false } = {}) {
  if (open && open !== button) shut();
  const body = button.nextElementSibling;
  open = button;
  button.setAttribute("aria-expanded", "true");
  body.hidden = false;
  card = new Card(body, { on: "call", decided });
  await card.show(button.dataset.id);
  body.querySelector(".play-moment")?.addEventListener("click", () => playFrom(momentOf(button)));
  if (scroll) button.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
  if (focus) button.focus({ preventScroll: true });
}

function shut() {
  card?.close();
  open.setAttribute("aria-expanded", "false");
  open.nextElementSibling.hidden = true;
  open.nextElementSibling.replaceChildren();
  open = null;
  card = null;
}

const momentOf = (button) => Math.max(0, Number(button.dataset.start) - 1);

async function decided(answer, { wasBlind }) {
  const { finding, verdict } = answer;
  const state = document.createElement("span");
  state.className = "state";
  state.textContent = { agree: "Agreed", disagree: "Disagreed", unsure: "Unsure" }[verdict.verdict];
  open.querySelector(".item-state").replaceChildren(state);
  open.dataset.id = finding.id;
  toast(wasBlind ? "Saved. This is what the machine said." : "Saved.");
  await show(open, { scroll: false, focus: true });
}

function step(by) {
  const all = [...(list?.querySelectorAll(".finding-item") ?? [])];
  const next = all[(open ? all.indexOf(open) : by > 0 ? -1 : all.length) + by];
  if (!next) return;
  show(next, { focus: true });
  if (sound && sound.paused && next.dataset.start) sound.currentTime = momentOf(next);
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape" && event.target.closest("textarea, input")) { event.target.blur(); return; }
  if (isWriting(event)) return;
  const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const control = event.target.closest("button, a, summary, input");
  const item = event.target.closest(".finding-item");
  if (control && !item && (pressed === " " || (pressed === "Enter" && !event.target.matches("input")))) return;
  if (pressed === "Enter" && item) return;
  let known = true;
  if (pressed === "j") step(1);
  else if (pressed === "k") step(-1);
  else if (pressed === " " || pressed === "p") {
    if (!sound) return;
    if (sound.paused && open && item) playFrom(momentOf(open)); else toggle();
  } else if (pressed === "m" && dialog) askMoment();
  else known = card?.key(pressed) ?? false;
  if (known) event.preventDefault();
}

// ── A missed moment ─────────────────────────────────────────────────────────────────────

const dialog = document.getElementById("moment");
const momentForm = document.getElementById("moment-form");
let meantTurn = null;

/** Asks for the moment in the customer's turn that is or was heard last. */
function askMoment() {
  sound.pause();
  const now = sound.currentTime;
  const theirs = timed.filter(({ element, start }) =>
    element.classList.contains("turn-customer") && start <= now + 0.05);
  if (!theirs.length) { toast("The customer has not spoken yet. Play to the moment, then add it."); return; }
  const { element, start } = theirs.at(-1);
  meantTurn = Number(element.id.slice("turn-".length));
  document.getElementById("moment-at").textContent = clock(start);
  document.getElementById("moment-text").textContent =
    element.querySelector(".turn-text").textContent.trim();
  document.getElementById("moment-error").hidden = true;
  dialog.showModal();
}

async function addMoment(event) {
  event.preventDefault();
  const body = { turn: meantTurn, kind: momentForm.elements.kind.value };
  const note = momentForm.elements.note.value.trim();
  if (note) body.note = note;
  try {
    await send("POST", `/v1/recordings/${call.dataset.id}/moments`, body, { key: newKey() });
    location.reload();
  } catch (refusal) {
    const error = document.getElementById("moment-error");
    error.textContent = refusal.message;
    error.hidden = false;
  }
}

// ── What is known of the call ───────────────────────────────────────────────────────────

const edit = document.getElementById("edit");
const editForm = document.getElementById("edit-form");

async function saveEdit(event) {
  event.preventDefault();
  const body = {};
  for (const name of ["agent", "team", "queue"]) {
    const field = editForm.elements[name];
    if (field.value.trim() !== field.defaultValue) body[name] = field.value.trim() || null;
  }
  const voice = editForm.elements.voice?.value;
  if (voice) body.parties = { [voice]: "agent" };
  if (!Object.keys(body).length) { edit.close(); return; }
  try {
    await send("PATCH", `/v1/recordings/${call.dataset.id}`, body);
    location.reload();
  } catch (refusal) {
    const error = document.getElementById("edit-error");
    error.textContent = refusal.message;
    error.hidden = false;
  }
}

// ── Begin ───────────────────────────────────────────────────────────────────────────────

note();
loadRest().then(() => { if (findText.value) search(); });
call.addEventListener("click", (event) => {
  const at = event.target.closest("[data-at]");
  const said = event.target.closest(".w");
  const region = event.target.closest(".region");
  const item = event.target.closest(".finding-item");
  // After a click with the mouse the space bar is again for the sound.
  if (event.detail) (at ?? region)?.blur();
  if (at) playFrom(Number(at.dataset.at));
  else if (said && !String(getSelection())) playFrom(Number(said.dataset.s));
  else if (region) {
    playFrom(Math.max(0, Number(region.dataset.start) - 0.5));
    const button = [...(list?.querySelectorAll(".finding-item") ?? [])]
      .find((each) => each.dataset.id === region.dataset.finding);
    if (button && button !== open) show(button);
  } else if (item) { if (item === open) shut(); else show(item); }
});
document.addEventListener("keydown", key);
find.addEventListener("submit", (event) => { event.preventDefault(); nextHit(); });
findText.addEventListener("input", search);

if (edit) {
  document.getElementById("edit-call").addEventListener("click", () => edit.showModal());
  document.getElementById("edit-close").addEventListener("click", () => edit.close());
  editForm.addEventListener("submit", saveEdit);
}
if (dialog) {
  document.getElementById("add-moment").addEventListener("click", askMoment);
  document.getElementById("moment-close").addEventListener("click", () => dialog.close());
  momentForm.addEventListener("submit", addMoment);
}
if (sound) {
  new ResizeObserver(position).observe(inner);
  sound.addEventListener("play", () => { toggleLook(true); tick(); });
  sound.addEventListener("pause", () => toggleLook(false));
  sound.addEventListener("seeked", tick);
  document.getElementById("play").addEventListener("click", toggle);
  document.getElementById("speed").addEventListener("change", (event) => {
    sound.playbackRate = Number(event.target.value);
  });
  document.getElementById("zoom-in").addEventListener("click", () => zoom(2));
  document.getElementById("zoom-out").addEventListener("click", () => zoom(0.5));
  drawWaves();
}
function toggleLook(playing) {
  const button = document.getElementById("play");
  button.classList.toggle("playing", playing);
  button.setAttribute("aria-label", playing ? "Pause" : "Play");
}
const named = decodeURIComponent(location.hash.slice(1));
const meant = [...(list?.querySelectorAll(".finding-item") ?? [])].find((each) => each.dataset.id === named);
if (meant) {
  show(meant);
  if (sound && meant.dataset.start) sound.currentTime = momentOf(meant);
}
