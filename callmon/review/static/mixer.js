// How loud each party is heard, where each has a channel of their own.

const USUAL = 100; // percent: as recorded
const SMOOTH = 0.02; // seconds of a change of volume, which clicks otherwise

/**
 * The controls in `area`, one `.volume` for each party, over the sound.
 *
 * The sound plays as it is until somebody wants it otherwise: only then it goes through the
 * Web Audio API. Volumes are kept by `keep` for the next call; what is muted is not, because
 * a call that is silent without a visible reason looks broken.
 */
export class Mixer {
  constructor(sound, area, { volumes, keep }) {
    this.sound = sound;
    this.keep = keep;
    this.context = null;
    this.strips = [...area.querySelectorAll(".volume")].map((element) => ({
      party: element.dataset.party,
      channel: Number(element.dataset.channel),
      slider: element.querySelector("input"),
      button: element.querySelector("button"),
      muted: false,
    }));
    for (const strip of this.strips) {
      const kept = volumes[strip.party];
      if (kept !== undefined) strip.slider.value = kept;
      strip.slider.addEventListener("input", () => { strip.muted = false; this.changed(); });
      strip.button.addEventListener("click", () => { strip.muted = !strip.muted; this.changed(); });
    }
    sound.addEventListener("play", () => { if (this.isWanted) this.build(); this.context?.resume(); });
    this.show();
  }

  get isWanted() { return this.strips.some((strip) => this.volume(strip) !== USUAL / 100); }

  volume(strip) { return strip.muted ? 0 : Number(strip.slider.value) / 100; }

  changed() {
    this.keep(Object.fromEntries(this.strips.map(({ party, slider }) => [party, Number(slider.value)])));
    this.build();
    this.context.resume();
    this.show();
  }

  build() {
    if (this.context === null) {
      this.context = new AudioContext();
      const splitter = this.context.createChannelSplitter(2);
      this.context.createMediaElementSource(this.sound).connect(splitter);
      for (const strip of this.strips) {
        strip.gain = this.context.createGain();
        strip.side = this.context.createStereoPanner();
        splitter.connect(strip.gain, strip.channel).connect(strip.side).connect(this.context.destination);
      }
    }
    const heard = this.strips.filter((strip) => this.volume(strip) > 0);
    for (const strip of this.strips) {
      strip.gain.gain.setTargetAtTime(this.volume(strip), this.context.currentTime, SMOOTH);
      // A voice alone belongs into both ears.
      const side = heard.length === 1 ? 0 : strip.channel === 0 ? -1 : 1;
      strip.side.pan.setTargetAtTime(side, this.context.currentTime, SMOOTH);
    }
  }

  show() {
    for (const strip of this.strips) {
      const quiet = this.volume(strip) === 0;
      strip.button.setAttribute("aria-pressed", String(quiet));
      strip.button.title = quiet ? "Not heard" : `${strip.slider.value} %`;
      strip.slider.setAttribute("aria-valuetext", quiet ? "not heard" : `${strip.slider.value} %`);
    }
  }

  /** Mutes the party, or lets it be heard again. */
  toggle(party) {
    const strip = this.strips.find((each) => each.party === party);
    strip?.button.click();
  }
}
