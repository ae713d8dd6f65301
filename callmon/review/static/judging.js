// A finding's card: its clip, its verdict, its history. On the queue and on the call's page.

import { part, place, send, sendOnce, toast } from "./app.js";

const MOST_SECONDS = 3600; // somebody went away and left the page open
const unanswered = new Map(); // by finding: the verdict that was sent, which may have been kept

/** How long a card has been looked at; a hidden page does not count. */
class Watch {
  constructor() {
    this.spent = 0;
    this.since = document.hidden ? null : performance.now();
    this.turn = () => (document.hidden ? this.stop() : this.go());
    document.addEventListener("visibilitychange", this.turn);
  }
  go() { this.since ??= performance.now(); }
  stop() {
    if (this.since !== null) this.spent += performance.now() - this.since;
    this.since = null;
  }
  get seconds() { return Math.min(MOST_SECONDS, Math.round(this.spent / 100) / 10); }
  end() {
    this.stop();
    document.removeEventListener("visibilitychange", this.turn);
  }
}

/**
 * A card in `holder`. `decided(answer, { of, here, wasBlind })` is called after a verdict was
 * kept, `changed(answer, { of })` after something else about the finding was: `of` is the id
 * under which it was shown, `here` whether it still is.
 */
export class Card {
  constructor(holder, { on, decided, changed = () => {} }) {
    this.holder = holder;
    this.on = on;
    this.decided = decided;
    this.changed = changed;
    this.watch = null;
    this.audio = null;
    this.asked = 0;
    this.loading = false;
    this.sending = false; // a verdict, of what is shown
  }

  get element() { return this.holder.querySelector(".card"); }
  get id() { return this.element?.dataset.id; }
  get isReady() { return this.element !== null && !this.loading && !this.sending; }
  get isBlind() { return this.element?.dataset.blind === "yes"; }

  /** Shows the finding; false when another one was asked for meanwhile. */
  async show(id) {
    const number = ++this.asked;
    this.close();
    this.loading = true;
    this.sending = false;
    this.holder.setAttribute("aria-busy", "true");
    let found;
    try {
      found = await part(`/review/card/${encodeURIComponent(id)}?on=${this.on}`);
    } catch (refusal) {
      found = { text: "", ok: false };
      toast(refusal.message, { bad: true });
    }
    if (number !== this.asked) return false;
    this.loading = false;
    this.holder.removeAttribute("aria-busy");
    place(this.holder, found.text);
    if (found.ok) this.begin();
    const talk = this.element?.querySelector(".talk");
    const at = talk?.querySelector(".at");
    if (at) talk.scrollTop = at.offsetTop - talk.offsetTop - talk.clientHeight / 3;
    return found.ok;
  }

  close() {
    this.audio?.pause();
    this.audio = null;
    this.watch?.end();
    this.watch = null;
  }

  begin() {
    this.watch = new Watch();
    const card = this.element;
    for (const button of card.querySelectorAll("[data-verdict]"))
      button.addEventListener("click", () => this.say(button.dataset.verdict));
    card.querySelector("#no-kinds")?.addEventListener("click", () => this.askKind(false));
    card.querySelector("#verdict")?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.saveKind();
    });
    const note = card.querySelector(".note textarea");
    note?.addEventListener("input", () => {
      note.rows = Math.min(6, note.value.split("\n").length);
    });
    card.querySelector(".clip-play")?.addEventListener("click", () => this.play());
    card.querySelector(".clip-longer")?.addEventListener("click", () => this.hearMore());
    for (const form of card.querySelectorAll(".act"))
      form.addEventListener("submit", (event) => { event.preventDefault(); this.act(form); });
    const history = card.querySelector(".history");
    // To who does not judge, what was written is the point.
    const reads = history && !card.querySelector("#verdict");
    history?.addEventListener("toggle", async () => {
      const body = history.querySelector(".history-body");
      if (!history.open || body.childElementCount) return;
      try { place(body, (await part(history.dataset.history)).text); }
      catch (refusal) { toast(refusal.message, { bad: true }); }
    });
    if (reads) history.open = true;
  }

  /** Sends a form to the API as it says itself, and shows the finding as it is then. */
  async act(form) {
    const { element, id } = this;
    const body = {};
    for (const field of form.querySelectorAll("[name]")) {
      const value = field.value.trim();
      if (value || "null" in field.dataset) body[field.name] = value || null;
    }
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const answer = await send(form.dataset.method, form.dataset.path, body);
      this.changed(answer, { of: id });
      if (!this.shows(element)) { toast(form.dataset.said); return; }
      await this.show(id);
      const history = this.element?.querySelector(".history");
      if (history) history.open = true;
      toast(form.dataset.said);
    } catch (refusal) {
      button.disabled = false;
      toast(refusal.message, { bad: true });
    }
  }

  /** Whether this is what one looks at; meanwhile another may have been opened. */
  shows(element) { return this.element === element && !this.loading; }

  /** Plays the clip, or pauses it. */
  play() {
    if (this.loading) return;
    const clip = this.element?.querySelector(".clip");
    if (!clip) return;
    if (this.audio === null) {
      const audio = new Audio(clip.dataset.clip);
      const bar = clip.querySelector(".clip-bar");
      const button = clip.querySelector(".clip-play");
      const tell = (playing) => {
        clip.classList.toggle("playing", playing);
        button.setAttribute("aria-label", playing ? "Pause" : "Play the moment");
      };
      audio.addEventListener("play", () => tell(true));
      audio.addEventListener("pause", () => tell(false));
      audio.addEventListener("ended", () => { bar.value = 1; tell(false); });
      audio.addEventListener("timeupdate", () => {
        if (audio.duration > 0) bar.value = audio.currentTime / audio.duration;
      });
      audio.addEventListener("error", () => {
        tell(false);
        if (this.audio === audio) toast("The sound of this moment cannot be played.", { bad: true });
      });
      this.audio = audio;
    }
    if (this.audio.paused) this.audio.play().catch(() => {});
    else this.audio.pause();
  }

  /** Plays from some seconds earlier, and further. */
  hearMore() {
    if (this.loading) return;
    const clip = this.element?.querySelector(".clip");
    if (!clip) return;
    this.audio?.pause();
    this.audio = null;
    clip.dataset.clip = clip.dataset.longer;
    this.play();
  }

  /** A key that is about the card; true when it was. */
  key(key) {
    const card = this.element;
    // While another one comes, this is still the one before.
    if (!card || !this.isReady) return false;
    const kinds = card.querySelector("#kinds");
    if (key === "n") { card.querySelector(".note textarea")?.focus(); return true; }
    if (key === "l") { this.hearMore(); return true; }
    if (!kinds) return false;
    if (key === "t") {
      const take = card.querySelector(".take:has(button)");
      if (take) this.act(take);
      return true;
    }
    if (/^[1-9]$/.test(key) && !kinds.hidden) {
      const choice = kinds.querySelectorAll("input")[Number(key) - 1];
      if (choice) { choice.checked = true; choice.focus(); }
      return true;
    }
    if (key === "Escape" && !kinds.hidden && !this.isBlind) { this.askKind(false); return true; }
    if (key === "Enter" && !kinds.hidden) { this.saveKind(); return true; }
    if (key === "u") { this.say("unsure"); return true; }
    if (this.isBlind) return false;
    if (key === "a") { this.say("agree"); return true; }
    if (key === "d") { this.say("disagree"); return true; }
    return false;
  }

  say(verdict) {
    if (!this.isReady) return;
    if (verdict === "disagree") this.askKind(this.element.querySelector("#kinds").hidden);
    else this.give({ verdict });
  }

  askKind(open) {
    const card = this.element;
    const kinds = card.querySelector("#kinds");
    kinds.hidden = !open;
    card.querySelector("[data-verdict=disagree]")?.setAttribute("aria-expanded", String(open));
    if (open) kinds.querySelector("input:checked")?.focus();
    else card.querySelector("[data-verdict=disagree]")?.focus();
  }

  saveKind() {
    const chosen = this.element.querySelector("#kinds input:checked");
    if (!chosen) { this.refuse("Choose what is to be raised here, or that there is nothing."); return; }
    const kind = chosen.value;
    this.give(this.isBlind ? { kind } : { verdict: "disagree", kind });
  }

  refuse(text) {
    const error = this.element.querySelector("#verdict-error");
    error.textContent = text;
    error.hidden = false;
  }

  async give(given) {
    if (!this.isReady) return;
    const { element, id, isBlind: wasBlind, watch } = this;
    this.sending = true;
    element.classList.add("sending");
    watch.stop();
    const note = element.querySelector(".note textarea")?.value.trim();
    const said = { ...given, ...(note ? { note } : {}) };
    const before = unanswered.get(id);
    // The same verdict once more is the one that may have been kept, with its seconds.
    const isSame = before !== undefined && JSON.stringify(before.said) === JSON.stringify(said);
    const seconds = isSame ? before.seconds : watch.seconds;
    unanswered.set(id, { said, seconds });
    let answer;
    try {
      answer = await sendOnce(`/v1/findings/${encodeURIComponent(id)}/verdicts`, { ...said, seconds });
    } catch (refusal) {
      if (!this.shows(element)) { toast(`The verdict before was not kept: ${refusal.message}`, { bad: true }); return; }
      watch.go();
      this.refuse(refusal.message);
      this.sent(element);
      return;
    }
    unanswered.delete(id);
    const here = this.shows(element);
    if (here) { this.audio?.pause(); this.sent(element); }
    await this.decided(answer, { of: id, here, wasBlind });
  }

  sent(element) {
    this.sending = false;
    element.classList.remove("sending");
  }
}
