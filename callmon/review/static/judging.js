// A finding's card: its clip, its verdict, its history. On the queue and on the call's page.

import { newKey, part, place, send, toast } from "./app.js";

const MOST_SECONDS = 3600; // somebody went away and left the page open

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
  end() {
    this.stop();
    document.removeEventListener("visibilitychange", this.turn);
    return Math.min(MOST_SECONDS, Math.round(this.spent / 100) / 10);
  }
}

/**
 * A card in `holder`. `decided(answer, verdict)` is called after a verdict was kept,
 * `changed(answer)` after something else about the finding was.
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
  }

  get element() { return this.holder.querySelector(".card"); }
  get id() { return this.element?.dataset.id; }
  get isBlind() { return this.element?.dataset.blind === "yes"; }

  /** Shows the finding; false when another one was asked for meanwhile. */
  async show(id) {
    const number = ++this.asked;
    this.close();
    this.holder.setAttribute("aria-busy", "true");
    let found;
    try {
      found = await part(`/review/card/${encodeURIComponent(id)}?on=${this.on}`);
    } catch (refusal) {
      found = { text: "", ok: false };
      toast(refusal.message, { bad: true });
    }
    if (number !== this.asked) return false;
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
    this.sending = false;
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
    const body = {};
    for (const field of form.querySelectorAll("[name]")) {
      const value = field.value.trim();
      if (value || "null" in field.dataset) body[field.name] = value || null;
    }
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const answer = await send(form.dataset.method, form.dataset.path, body);
      this.changed(answer);
      await this.show(this.id);
      const history = this.element?.querySelector(".history");
      if (history) history.open = true;
      toast(form.dataset.said);
    } catch (refusal) {
      button.disabled = false;
      toast(refusal.message, { bad: true });
    }
  }

  /** Plays the clip, or pauses it. */
  play() {
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
    if (!card) return false;
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
    if (this.sending) return;
    this.sending = true;
    this.element.classList.add("sending");
    const note = this.element.querySelector(".note textarea")?.value.trim();
    const seconds = this.watch.end();
    const body = { ...given, seconds, ...(note ? { note } : {}) };
    const wasBlind = this.isBlind;
    try {
      const path = `/v1/findings/${encodeURIComponent(this.id)}/verdicts`;
      const answer = await send("POST", path, body, { key: newKey() });
      this.audio?.pause();
      await this.decided(answer, { wasBlind });
    } catch (refusal) {
      this.watch = new Watch();
      this.refuse(refusal.message);
    } finally {
      this.sending = false;
      this.element?.classList.remove("sending");
    }
  }
}

