// The page of a call: the sound, its picture, the transcript and the findings, together.

import { clock, isKeyOff, isWriting, toast } from "./app.js";
import { askMoment } from "./call_forms.js";
import { Card } from "./judging.js";
import { Marking } from "./marking.js";
import { Mixer } from "./mixer.js";
import { follow as followAnalysis, isUnderWay, worded } from "./progress.js";
import { Search, Transcript } from "./transcript.js";
import { drawWaves } from "./wave.js";

const SKIP_FROM = 1.0; // seconds of silence that are worth skipping
const SKIP_MARGIN = 0.3; // seconds of it that are left, so that a pause is still one
const JUMP = 5; // seconds of the arrow keys
const MOST_WIDTH = 30_000; // pixels of the picture, however closely one looks
const MARK = 26; // pixels of a mark at least, so that a finger meets it
const TICK = 74; // pixels between two times under the wave, at least
const TICKS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600]; // seconds
const KEPT = "callmon.sound"; // what a browser remembers of how one listens

const call = document.getElementById("call");
const sound = document.getElementById("sound");
const data = sound ? JSON.parse(document.getElementById("sound-data").textContent) : null;
const inner = document.getElementById("timeline-in");
const scroller = document.getElementById("timeline");
const adding = document.getElementById("add-moment");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const transcript = new Transcript(document.getElementById("turns"));
const search = new Search(transcript, document.getElementById("find"));
let width = 0; // of the picture in pixels; 0 is as wide as the page
let marking = null;
let mixer = null;

// ── Sound ───────────────────────────────────────────────────────────────────────────────

function toggle() { if (sound.paused) start(); else sound.pause(); }
function start() {
  sound.play().catch((error) => {
    if (error.name !== "AbortError") toast("The sound of this call cannot be played.", { bad: true });
  });
}
function seek(second) {
  sound.currentTime = Math.min(data.duration, Math.max(0, second));
  follow(sound.currentTime, { always: true });
}
function playFrom(second) {
  if (!sound) return;
  seek(second);
  start();
}
/** Plays what is between the seconds, and stops there. */
function playStretch({ start: from, end: to }) {
  playFrom(from);
  const stop = () => {
    if (sound.currentTime < to && sound.currentTime >= from - 1) return;
    if (sound.currentTime >= to) sound.pause();
    sound.removeEventListener("timeupdate", stop);
  };
  sound.addEventListener("timeupdate", stop);
}

function tick() {
  if (!sound.paused && document.getElementById("skip").checked) skip(sound.currentTime);
  const now = sound.currentTime;
  document.getElementById("now").textContent = clock(now);
  document.getElementById("playhead").style.left = `${(now / data.duration) * 100}%`;
  marking?.move(now);
  follow(now);
  if (!sound.paused) requestAnimationFrame(tick);
}

function skip(now) {
  const silence = data.silent.find(([from, to]) =>
    now >= from + SKIP_MARGIN && now < to - SKIP_MARGIN && to - from > SKIP_FROM);
  if (silence) sound.currentTime = silence[1] - SKIP_MARGIN;
}

function follow(now, { always = false } = {}) {
  const wanted = document.getElementById("follow")?.checked && !sound.paused;
  const changed = transcript.follow(now, { scroll: always || wanted });
  if (width && changed)
    scroller.scrollLeft = (now / data.duration) * inner.clientWidth - scroller.clientWidth / 3;
}

function kept() {
  try { return JSON.parse(localStorage.getItem(KEPT)) ?? {}; } catch { return {}; }
}
function keep(changes) {
  try { localStorage.setItem(KEPT, JSON.stringify({ ...kept(), ...changes })); } catch { /* a browser that keeps nothing */ }
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
  const step = TICKS.find((each) => (each / data.duration) * wide >= TICK) ?? TICKS.at(-1);
  const ticks = [];
  for (let second = 0; second < data.duration; second += step) {
    const mark = document.createElement("span");
    mark.textContent = clock(second);
    mark.style.left = `${(second / data.duration) * 100}%`;
    ticks.push(mark);
  }
  document.getElementById("ruler").replaceChildren(...ticks);
}

function zoom(times) {
  const page = scroller.clientWidth;
  const middle = (scroller.scrollLeft + page / 2) / inner.clientWidth;
  width = Math.min(MOST_WIDTH, Math.max(page, (width || page) * times));
  inner.style.width = width > page ? `${width}px` : "";
  if (width <= page) width = 0;
  scroller.scrollLeft = middle * inner.clientWidth - page / 2;
}

/** The times under the wave: drag there to go through the call. */
function scrub(ruler) {
  const to = (event) => {
    const box = inner.getBoundingClientRect();
    seek(((event.clientX - box.left) / box.width) * data.duration);
  };
  ruler.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    ruler.setPointerCapture(event.pointerId);
    to(event);
  });
  ruler.addEventListener("pointermove", (event) => { if (ruler.hasPointerCapture(event.pointerId)) to(event); });
}

// ── Findings ────────────────────────────────────────────────────────────────────────────

const list = document.getElementById("findings");
const buttons = () => [...(list?.querySelectorAll(".finding-item") ?? [])];
let open = null; // the button of the finding that is open
let card = null;

async function show(button, { scroll = true, focus = false } = {}) {
  if (open && open !== button) shut();
  card?.close();
  const body = button.nextElementSibling;
  open = button;
  button.setAttribute("aria-expanded", "true");
  body.hidden = false;
  card = new Card(body, { on: "call", decided });
  await card.show(button.dataset.id);
  if (open !== button) return;
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

async function decided(answer, { of, here, wasBlind }) {
  const { finding, verdict } = answer;
  const button = buttons().find((each) => each.dataset.id === of);
  const state = document.createElement("span");
  state.className = "state";
  state.textContent = { agree: "Agreed", disagree: "Disagreed", unsure: "Unsure" }[verdict.verdict];
  button.querySelector(".item-state").replaceChildren(state);
  button.dataset.id = finding.id;
  toast(here && wasBlind ? "Saved. This is what the machine said." : "Saved.");
  if (here) await show(button, { scroll: false, focus: true });
}

function step(by) {
  if (card?.sending) return;
  const all = buttons();
  const next = all[(open ? all.indexOf(open) : by > 0 ? -1 : all.length) + by];
  if (!next) return;
  show(next, { focus: true });
  if (sound && sound.paused && next.dataset.start) sound.currentTime = momentOf(next);
}

// ── Keys ────────────────────────────────────────────────────────────────────────────────

const speed = document.getElementById("speed");
function faster(by) {
  speed.selectedIndex = Math.min(speed.options.length - 1, Math.max(0, speed.selectedIndex + by));
  speed.dispatchEvent(new Event("change"));
  toast(`Speed ${speed.options[speed.selectedIndex].text}`);
}

/** A missed moment: between the seconds, or in the customer's turn that is or was heard last. */
function ask(stretch) {
  sound.pause();
  marking.begun = null;
  const before = transcript.timed.filter(({ element, start }) =>
    element.classList.contains("turn-customer") && start <= sound.currentTime + 0.05).at(-1);
  const meant = stretch ?? before;
  if (!meant) { toast("The customer has not spoken yet. Play to the moment, then add it."); return; }
  marking.show(meant.start, meant.end);
  askMoment({ start: meant.start, end: meant.end }, {
    words: (from, to) => transcript.customerBetween(from, to).map(({ element }) => element.querySelector(".said-words").textContent.trim()),
    changed: (from, to) => marking.show(from, to),
    play: playStretch,
    shut: () => { sound.pause(); marking.clear(); },
    now: () => sound.currentTime,
  });
}

const OF_SOUND = {
  ArrowLeft: () => seek(sound.currentTime - JUMP),
  ArrowRight: () => seek(sound.currentTime + JUMP),
  ",": () => playFrom(transcript.wordFrom(sound.currentTime, -1) ?? 0),
  ".": () => playFrom(transcript.wordFrom(sound.currentTime, 1) ?? 0),
  b: () => playFrom(transcript.turnFrom(sound.currentTime, -1) ?? 0),
  f: () => playFrom(transcript.turnFrom(sound.currentTime, 1) ?? 0),
  "<": () => faster(-1),
  ">": () => faster(1),
  "+": () => zoom(2),
  "-": () => zoom(0.5),
  c: () => mixer?.toggle("customer"),
  g: () => mixer?.toggle("agent"),
};
const OF_MOMENTS = {
  m: () => ask(),
  s: () => { marking.begin(sound.currentTime); toast("The moment begins here. Press E where it ends, Esc to leave it."); },
  e: () => {
    if (marking.begun === null) toast("Press S where the moment begins, then E where it ends.");
    else if (!marking.choose(marking.begun, sound.currentTime)) toast("That is too short. Go on to where the moment ends.");
  },
};

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape" && event.target.closest("textarea, input")) { event.target.blur(); return; }
  if (isWriting(event) && !(event.target.type === "range" && event.key.length === 1)) return;
  if (isKeyOff(event)) return;
  const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const control = event.target.closest("button, a, summary, input");
  const item = event.target.closest(".finding-item");
  if (control && !item && (pressed === " " || (pressed === "Enter" && !event.target.matches("input")))) return;
  if (pressed === "Enter" && item) return;
  // Choosing among kinds is by arrows, too, and so is looking along a picture that is wider than the page.
  if (pressed.startsWith("Arrow") && (event.target.matches("input") || (width && event.target === scroller))) return;
  let known = true;
  if (pressed === "j") step(1);
  else if (pressed === "k") step(-1);
  else if (pressed === "/") search.field.focus();
  else if ((pressed === " " || pressed === "p") && sound) {
    if (sound.paused && open && item) playFrom(momentOf(open)); else toggle();
  } else if (pressed === "Escape" && marking && !marking.box.hidden) marking.clear();
  else if (card?.key(pressed)) known = true;
  else if (sound && pressed in OF_SOUND) OF_SOUND[pressed]();
  else if (sound && adding && pressed in OF_MOMENTS) OF_MOMENTS[pressed]();
  else known = false;
  if (known) event.preventDefault();
}

// ── Begin ───────────────────────────────────────────────────────────────────────────────

transcript.loadRest(() => { if (search.field.value) search.run(); });
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
    const button = buttons().find((each) => each.dataset.id === region.dataset.finding);
    if (button && button !== open) show(button);
  } else if (item) { if (item === open) shut(); else show(item); }
});
document.addEventListener("keydown", key);

if (sound) {
  const remembered = kept();
  if (adding) {
    marking = new Marking({ inner, area: document.getElementById("waves"), duration: data.duration, chosen: ask });
    adding.addEventListener("click", () => ask());
  }
  new ResizeObserver(position).observe(inner);
  scrub(document.getElementById("ruler"));
  sound.addEventListener("play", () => { toggleLook(true); tick(); });
  sound.addEventListener("pause", () => toggleLook(false));
  sound.addEventListener("seeked", tick);
  document.getElementById("play").addEventListener("click", toggle);
  const listen = () => { sound.playbackRate = Number(speed.value); };
  if ([...speed.options].some((each) => each.value === remembered.speed)) speed.value = remembered.speed;
  speed.addEventListener("change", () => { listen(); keep({ speed: speed.value }); });
  sound.addEventListener("loadedmetadata", listen);
  listen();
  const skips = document.getElementById("skip");
  skips.checked = remembered.skip === true;
  skips.addEventListener("change", () => keep({ skip: skips.checked }));
  document.getElementById("zoom-in").addEventListener("click", () => zoom(2));
  document.getElementById("zoom-out").addEventListener("click", () => zoom(0.5));
  const volumes = document.getElementById("volumes");
  if (volumes) {
    if (window.AudioContext) mixer = new Mixer(sound, volumes, {
      volumes: remembered.volumes ?? {},
      keep: (values) => keep({ volumes: values }),
    });
    else volumes.hidden = true;
  }
  drawWaves({
    data,
    sound,
    recordingId: call.dataset.id,
    nonce: call.dataset.nonce,
    // Where stretches are marked by dragging, the times below are there to go along.
    scrubs: marking === null,
    sought: (at) => follow(at, { always: true }),
  });
}
function toggleLook(playing) {
  const button = document.getElementById("play");
  button.classList.toggle("playing", playing);
  button.setAttribute("aria-label", playing ? "Pause" : "Play");
}

const again = document.getElementById("again");
if (again) followAnalysis([call.dataset.id], (now) => {
  const line = document.getElementById("again-text");
  if (isUnderWay(now)) line.textContent = `${worded(now)}.`;
  else {
    line.textContent = now.state === "done" ? "It is done." : `${worded(now)}. ${now.error ?? ""}`;
    document.getElementById("again-show").hidden = now.state !== "done";
  }
});
document.getElementById("again-show")?.addEventListener("click", () => location.reload());

// An address may name a finding, or a second: #at=83.5
const named = decodeURIComponent(location.hash.slice(1));
const meant = buttons().find((each) => each.dataset.id === named);
const second = Number(/^at=(\d+(?:\.\d+)?)$/.exec(named)?.[1] ?? NaN);
if (meant) show(meant);
const from = meant?.dataset.start ? momentOf(meant) : second;
if (sound && Number.isFinite(from)) sound.currentTime = from;
