// The sound's outline, coloured by party.

const LANE = 44; // pixels
const LOUD_SHARE = 0.98; // of the sound that is drawn at its full height
const NO_SOUND = {
  404: "The sound of this call is not kept any more.",
  409: "The sound is not ready to be played.",
};

/** The heights of one party's lane: of their own channel, or while they speak. */
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

/** Draws the sound's two lanes into `#wave`; a click there calls `sought` with the second. */
export async function drawWaves({ data, sound, recordingId, nonce, scrubs, sought }) {
  const note = document.getElementById("wave-note");
  if (!window.WaveSurfer) { note.textContent = "The sound can be played, but its wave is not drawn here."; return; }
  const fine = data.duration < 120 ? 50 : data.duration < 3600 ? 10 : 1;
  let peaks;
  try {
    const response = await fetch(`/v1/recordings/${recordingId}/peaks?per_second=${fine}`);
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
      const colour = style.getPropertyValue(party === "unknown" ? "--soft" : `--${party}`).trim();
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
    dragToSeek: scrubs,
    hideScrollbar: true,
    autoScroll: false,
    cspNonce: nonce,
    ...colours(),
  });
  wave.on("interaction", sought);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => wave.setOptions(colours()));
}
