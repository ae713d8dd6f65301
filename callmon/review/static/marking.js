// Marks a stretch of the sound by dragging over its wave, or by keys at the playhead.

const DRAGGED = 5; // pixels; less is a click that shook
const SHORTEST = 0.3; // seconds

/** In `area`, within `inner` that shows the whole call; `chosen({start, end})` gets the stretch. */
export class Marking {
  constructor({ inner, area, duration, chosen }) {
    this.inner = inner;
    this.duration = duration;
    this.chosen = chosen;
    this.begun = null; // the second in which keys began it
    this.box = document.createElement("div");
    this.box.className = "stretch";
    this.box.hidden = true;
    inner.append(this.box);
    let from = null; // pixels, while the button of the mouse is down
    let dragging = false;
    let ended = 0; // when a stretch was drawn; the click that follows it is none
    area.addEventListener("pointerdown", (event) => {
      // A finger scrolls; it has the fields of the form.
      if (event.button !== 0 || event.pointerType === "touch") return;
      from = event.clientX;
    });
    window.addEventListener("pointermove", (event) => {
      if (from === null) return;
      if (!dragging && Math.abs(event.clientX - from) < DRAGGED) return;
      dragging = true;
      this.show(this.second(from), this.second(event.clientX));
    });
    window.addEventListener("pointerup", (event) => {
      if (dragging) {
        ended = event.timeStamp;
        this.choose(this.second(from), this.second(event.clientX));
      }
      from = null;
      dragging = false;
    });
    window.addEventListener("pointercancel", () => { from = null; dragging = false; this.clear(); });
    area.addEventListener("click", (event) => {
      if (ended && event.timeStamp - ended < 300) event.stopPropagation();
    }, { capture: true });
    area.addEventListener("dragstart", (event) => event.preventDefault());
  }

  second(x) {
    const box = this.inner.getBoundingClientRect();
    return Math.min(1, Math.max(0, (x - box.left) / box.width)) * this.duration;
  }

  show(one, other) {
    const [from, to] = one < other ? [one, other] : [other, one];
    this.box.hidden = false;
    this.box.style.left = `${(from / this.duration) * 100}%`;
    this.box.style.width = `${((to - from) / this.duration) * 100}%`;
  }

  /** Begins at this second; `move` follows the playhead from then on. */
  begin(second) { this.begun = second; this.show(second, second); }
  move(second) { if (this.begun !== null) this.show(this.begun, second); }

  choose(one, other) {
    const [start, end] = one < other ? [one, other] : [other, one];
    this.begun = null;
    if (end - start < SHORTEST) { this.clear(); return false; }
    this.show(start, end);
    this.chosen({ start, end });
    return true;
  }

  clear() { this.begun = null; this.box.hidden = true; }
}
