// The transcript: it comes in parts, follows the sound, and is searched.

import { part, ready, toast } from "./app.js";

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const smooth = () => (calm.matches ? "auto" : "smooth");

export class Transcript {
  constructor(turns) {
    this.turns = turns;
    this.timed = [];
    this.lit = null;
    this.word = null;
    this.note();
  }

  note() {
    this.timed = [...this.turns.querySelectorAll(".turn[data-start]")].map((element) => ({
      element, start: Number(element.dataset.start), end: Number(element.dataset.end),
    }));
  }

  /** Loads what did not come with the page, part by part; `came` after each. */
  async loadRest(came) {
    for (let more; (more = this.turns.querySelector("[data-more]"));) {
      const row = more.closest("li");
      let found;
      try { found = await part(more.dataset.more); } catch { found = { ok: false }; }
      if (!found.ok) {
        toast("The rest of the talk could not be loaded. Load the page again.", { bad: true });
        return;
      }
      const held = document.createElement("template");
      held.innerHTML = found.text;
      ready(held.content);
      row.replaceWith(held.content);
      this.note();
      came();
    }
  }

  /** Of two who speak at once the one who began last. */
  at(second) { return this.timed.filter((turn) => second >= turn.start && second < turn.end).at(-1); }

  /** Customer's turns that are heard between the seconds. */
  customerBetween(from, to) {
    return this.timed.filter(({ element, start, end }) =>
      element.classList.contains("turn-customer") && Math.min(end, to) > Math.max(start, from));
  }

  /** Lights what is said at the second; `scroll` brings it into view. True when it is another turn. */
  follow(second, { scroll }) {
    const here = this.at(second)?.element ?? null;
    const changed = here !== this.lit;
    if (changed) {
      this.lit?.classList.remove("lit");
      this.lit = here;
      here?.classList.add("lit");
    }
    if (here && scroll && changed) here.scrollIntoView({ block: "nearest", behavior: smooth() });
    const word = here ? [...here.querySelectorAll(".w")].filter((each) => Number(each.dataset.s) <= second).at(-1) ?? null : null;
    if (word !== this.word) {
      this.word?.classList.remove("now");
      this.word = word;
      word?.classList.add("now");
    }
    return changed;
  }

  /** The second of the word `by` words after the one at the second. */
  wordFrom(second, by) {
    const words = [...this.turns.querySelectorAll(".w")];
    const starts = words.map((each) => Number(each.dataset.s)).sort((one, other) => one - other);
    const now = starts.findLastIndex((start) => start <= second + 0.01);
    return starts[Math.min(starts.length - 1, Math.max(0, now + by))];
  }

  /** The second in which the turn `by` turns after the one at the second begins. */
  turnFrom(second, by) {
    const starts = this.timed.map((turn) => turn.start).sort((one, other) => one - other);
    const now = starts.findLastIndex((start) => start <= second + 0.01);
    return starts[Math.min(starts.length - 1, Math.max(0, now + by))];
  }
}

/** The search field over the transcript. Enter goes to the next place, with Shift to the one before. */
export class Search {
  constructor(transcript, form) {
    this.turns = transcript.turns;
    this.field = form.querySelector("input");
    this.count = form.querySelector("[role=status]");
    this.places = [];
    this.here = -1;
    // Marks are painted over the words, which stay as they are. Older browsers mark the turn alone.
    this.paint = window.Highlight && CSS.highlights ? new Highlight() : null;
    if (this.paint) CSS.highlights.set("found", this.paint);
    form.addEventListener("submit", (event) => { event.preventDefault(); this.go(1); });
    this.field.addEventListener("input", () => this.run());
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.shiftKey) { event.preventDefault(); this.go(-1); }
    });
  }

  /** Looks for what the field holds in all turns that are here. */
  run() {
    const wanted = this.field.value.trim().replace(/\s+/g, " ").toLowerCase();
    const before = this.places[this.here]?.turn;
    this.places = [];
    this.paint?.clear();
    for (const turn of this.turns.querySelectorAll(".turn")) {
      const ranges = wanted === "" ? [] : found(turn.querySelector(".said-words"), wanted);
      turn.classList.toggle("hit", ranges.length > 0);
      turn.classList.remove("hit-here");
      for (const range of ranges) {
        this.paint?.add(range);
        this.places.push({ turn, range });
      }
    }
    // What was already looked at stays where it is when further parts come.
    this.here = before ? this.places.findIndex((each) => each.turn === before) : -1;
    this.say();
  }

  go(by) {
    if (!this.places.length) return;
    this.places[this.here]?.turn.classList.remove("hit-here");
    const first = this.here < 0 && by < 0 ? 0 : this.here;
    this.here = (first + by + this.places.length) % this.places.length;
    const { turn } = this.places[this.here];
    turn.classList.add("hit-here");
    turn.scrollIntoView({ block: "center", behavior: smooth() });
    this.say();
  }

  say() {
    const all = this.places.length;
    const more = this.turns.querySelector("[data-more]") ? " so far" : "";
    if (!this.field.value.trim()) this.count.textContent = "";
    else if (!all) this.count.textContent = more ? "Not said so far" : "Not said";
    else if (this.here < 0) this.count.textContent = `${all} ${all === 1 ? "place" : "places"}${more}`;
    else this.count.textContent = `${this.here + 1} of ${all}${more}`;
  }
}

/** Where the words stand in the element, as ranges. */
function found(element, wanted) {
  const text = element.textContent.toLowerCase();
  if (!text.includes(wanted)) return [];
  const nodes = [];
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let at = 0, node; (node = walk.nextNode()); at += node.length) nodes.push({ node, at });
  const place = (position, { end }) => {
    const { node, at } = nodes.findLast((each) => (end ? each.at < position : each.at <= position));
    return [node, Math.min(node.length, position - at)];
  };
  const ranges = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    const range = new Range();
    range.setStart(...place(at, { end: false }));
    range.setEnd(...place(at + wanted.length, { end: true }));
    ranges.push(range);
  }
  return ranges;
}
