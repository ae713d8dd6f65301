// The page of a call: the sound, its picture, and the transcript that follows it.

import { clock, isWriting, part, ready, toast } from "./app.js";
import { askMoment } from "./call_forms.js";
import { Card } from "./judging.js";
import { drawWaves } from "./wave.js";

const SKIP_FROM = 1.0; // seconds of silence that are worth skipping
const SKIP_MARGIN = 0.3; // seconds of it that are left, so that a pause is still one
const MOST_WIDTH = 30_000; // pixels of the picture, however closely one looks
const MARK = 26; // pixels of a mark at least, so that a finger meets it

const call = document.getElementById("call");
const sound = document.getElementById("sound");
const turns = document.getElementById("turns");
const data = sound ? JSON.parse(document.getElementById("sound-data").textContent) : null;
const inner = document.getElementById("timeline-in");
const scroller = document.getElementById("timeline");
const adding = document.getElementById("add-moment");
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
  } else if (pressed === "m" && adding) askMoment(sound);
  else known = card?.key(pressed) ?? false;
  if (known) event.preventDefault();
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

if (sound) {
  adding?.addEventListener("click", () => askMoment(sound));
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
  drawWaves({
    data,
    sound,
    recordingId: call.dataset.id,
    nonce: call.dataset.nonce,
    sought: (at) => follow(at, { always: true }),
  });
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
