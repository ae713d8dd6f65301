// The review queue: one finding after the other, by keyboard.

import { isKeyOff, isWriting, part, place, toast } from "./app.js";
import { Card } from "./judging.js";

const SAID = { agree: "Agreed.", disagree: "Disagreed.", unsure: "Noted as unsure." };

const queue = document.getElementById("queue");
const stage = document.getElementById("stage");
const split = document.getElementById("split");
const counts = document.getElementById("counts");
const autoplay = document.getElementById("autoplay");
const COUNT_MS = 1500; // after the last verdict; who is fast would have them counted in vain
const KEPT = 50; // verdicts that one can go back to
const UNDO = "callmon.judged";
const AUTOPLAY = "callmon.autoplay";

const items = () => [...queue.querySelectorAll(".item")];
const current = () => queue.querySelector(".item[aria-current]");
const itemOf = (id) => items().find((item) => item.dataset.id === id);

/** What was decided in this tab, the last one last; it outlives another filter. */
const decidedBefore = {
  all: () => JSON.parse(sessionStorage.getItem(UNDO) ?? "[]"),
  keep: (those) => sessionStorage.setItem(UNDO, JSON.stringify(those.slice(-KEPT))),
};

let counting = 0;
function countAgain() {
  clearTimeout(counting);
  counting = setTimeout(() => {
    if (!counts) return;
    part(counts.getAttribute("hx-get")).then(({ text, ok }) => ok && place(counts, text), () => {});
  }, COUNT_MS);
}

const card = new Card(stage, {
  on: "queue",
  changed: (answer, { of }) => {
    const item = itemOf(of);
    if (!item || answer.assigned_to === undefined) return;
    item.querySelector(".for")?.remove();
    if (answer.assigned_to !== null) label(item, "Given", "for");
    countAgain();
  },
  decided: async (answer, { of, here, wasBlind }) => {
    const item = itemOf(of);
    const { finding, verdict } = answer;
    decidedBefore.keep([...decidedBefore.all(), { id: finding.id, wasBlind }]);
    countAgain();
    if (item) {
      item.dataset.id = finding.id;
      item.classList.add("done");
      mark(item, verdict.verdict);
    }
    part("/review/pace").then(
      ({ text, ok }) => ok && place(document.getElementById("pace"), text), () => {});
    if (!here) {
      toast(`${SAID[verdict.verdict]} Z goes back to it.`);
    } else if (wasBlind) {
      // What the machine says is shown now, so one stays to see it.
      await card.show(finding.id);
      toast("Saved. This is what the machine said. J goes on.");
      stage.querySelector(".card")?.focus({ preventScroll: true });
    } else {
      toast(`${SAID[verdict.verdict]} Z goes back to it.`);
      if (!go(1)) await card.show(finding.id);
    }
  },
});

function mark(item, verdict) {
  item.querySelector(".item-state").replaceChildren();
  label(item, { agree: "Agreed", disagree: "Disagreed", unsure: "Unsure" }[verdict]);
}

function label(item, text, name = "") {
  const state = document.createElement("span");
  state.className = `state ${name}`.trim();
  state.textContent = text;
  item.querySelector(".item-state").append(state);
}

function open(item, { scroll = true } = {}) {
  current()?.removeAttribute("aria-current");
  item.setAttribute("aria-current", "true");
  if (scroll) item.scrollIntoView({ block: "nearest" });
  history.replaceState(null, "", item.getAttribute("href"));
  return card.show(item.dataset.id).then((shown) => {
    if (!shown) return;
    stage.scrollTop = 0;
    if (autoplay.checked && navigator.userActivation?.hasBeenActive !== false) card.play();
    if (split.getBoundingClientRect().top < 0 || innerWidth < 900) window.scrollTo({ top: 0 });
  });
}

/** The next item, or the one before; false where there is none. */
function go(step) {
  const all = items();
  const at = all.indexOf(current());
  if (step > 0 && at >= all.length - 3) queue.querySelector("#more")?.click();
  const next = all[at + step];
  if (!next) {
    toast(step > 0 ? "This was the last one here." : "This is the first one.");
    return false;
  }
  open(next);
  return true;
}

/** Back to the one that was decided last. */
function back() {
  const those = decidedBefore.all();
  const last = those.pop();
  if (last === undefined) { toast("Nothing was decided here yet."); return; }
  decidedBefore.keep(those);
  const { id, wasBlind } = last;
  const item = itemOf(id);
  if (item) open(item);
  else { current()?.removeAttribute("aria-current"); card.show(id); }
  toast(wasBlind
    ? "Decide again. The new verdict counts here; in calibration the first, blind one does."
    : "Decide again. The new verdict counts; the history keeps both.");
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape" && event.target.closest("textarea, input")) {
    event.target.blur();
    return;
  }
  if (isWriting(event) || document.querySelector("dialog[open]")) return;
  // One goes on when the verdict is kept; what is pressed meanwhile would be for another.
  if (isKeyOff(event) || card.sending) return;
  const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const onControl = event.target.closest("button, a, summary, input");
  // Of a control that has the focus these are its own.
  if (onControl && (pressed === " " || (pressed === "Enter" && !event.target.matches("input")))) return;
  const arrows = event.target.matches("input[type=radio]");
  let known = true;
  if (pressed === "j" || (pressed === "ArrowDown" && !arrows)) go(1);
  else if (pressed === "k" || (pressed === "ArrowUp" && !arrows)) go(-1);
  else if (pressed === " " || pressed === "p") card.play();
  else if (pressed === "z") back();
  else if (pressed === "o" && card.isReady && card.element.dataset.call) location.assign(card.element.dataset.call);
  else known = card.key(pressed);
  if (known) event.preventDefault();
}

autoplay.checked = localStorage.getItem(AUTOPLAY) === "yes";
autoplay.addEventListener("change", () =>
  localStorage.setItem(AUTOPLAY, autoplay.checked ? "yes" : "no"));
if (queue) {
  queue.addEventListener("click", (event) => {
    const item = event.target.closest(".item");
    if (!item || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(item, { scroll: false });
  });
  document.addEventListener("keydown", key);
  const first = items().find((item) => item.dataset.id === queue.dataset.first);
  if (first) open(first, { scroll: false });
  else card.show(queue.dataset.first);
}
const filters = document.getElementById("filters");
// Blank fields say nothing, so the address does without them.
filters?.addEventListener("formdata", (event) => {
  for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
});
