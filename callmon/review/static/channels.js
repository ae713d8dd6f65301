// The first seconds of a file, channel by channel: to be seen and heard before it is sent.

const LOOKED_AT = 20; // seconds
const RATE = 8000; // Hz; voices on the telephone have no more
const WAV_BYTES = 6e6; // of the beginning of a WAV: 20 s of the finest kind
const BEGINNING = 1e6; // bytes of other kinds, which are compressed
const WHOLE = 8e6; // bytes of a file that is decoded whole, where its beginning alone means nothing
const BARS = 90;
const SILENT = 0.003; // of full scale: the noise of a line without a voice
const SAME = 0.05; // of the louder channel's level: what two copies differ by after compression

/**
 * What can be seen of a file: `{ channels: [Float32Array], seconds, verdict }`.
 *
 * Verdicts are `two`, `one`, `same` (twice the same sound), `silent`, `no left` and `no right`.
 * Null where this browser cannot read it, which says nothing about the service.
 */
export async function look(file) {
  const found = await decode(file);
  if (!found) return null;
  const channels = [];
  for (let n = 0; n < Math.min(2, found.numberOfChannels); n += 1) channels.push(found.getChannelData(n));
  const seconds = found.duration;
  if (channels.length < 2) return { channels, seconds, verdict: "one" };
  const [left, right] = channels.map(level);
  if (Math.max(left, right) < SILENT) return { channels, seconds, verdict: "silent" };
  if (Math.min(left, right) < SILENT) return { channels, seconds, verdict: left < right ? "no left" : "no right" };
  const apart = channels[0].map((value, n) => value - channels[1][n]);
  return { channels, seconds, verdict: level(apart) < SAME * Math.max(left, right) ? "same" : "two" };
}

function level(samples) {
  let sum = 0;
  for (const value of samples) sum += value * value;
  return Math.sqrt(sum / Math.max(1, samples.length));
}

async function decode(file) {
  if (!window.OfflineAudioContext) return null;
  const pieces = [];
  const head = new Uint8Array(await file.slice(0, 12).arrayBuffer());
  const isWav = text(head, 0, 4) === "RIFF" && text(head, 8, 12) === "WAVE";
  pieces.push(isWav ? shortened(await file.slice(0, WAV_BYTES).arrayBuffer()) : await file.slice(0, BEGINNING).arrayBuffer());
  if (!isWav && file.size > BEGINNING && file.size <= WHOLE) pieces.push(null);
  for (const piece of pieces) {
    try {
      const bytes = piece ?? await file.arrayBuffer();
      return await new OfflineAudioContext(2, 1, RATE).decodeAudioData(bytes);
    } catch { /* the next piece, or none */ }
  }
  return null;
}

const text = (bytes, from, to) => String.fromCharCode(...bytes.subarray(from, to));

/** A WAV that was cut off says so in its header: some browsers refuse it otherwise. */
function shortened(buffer) {
  const bytes = new Uint8Array(buffer);
  const view = new DataView(buffer);
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true);
    if (text(bytes, at, at + 4) === "data") {
      const left = bytes.length - at - 8;
      if (size > left) {
        view.setUint32(at + 4, left, true);
        view.setUint32(4, bytes.length - 8, true);
      }
      break;
    }
    at += 8 + size + (size % 2);
  }
  return buffer;
}

/** Draws the samples as bars of the text's colour, as loud as the loudest of the channels. */
export function draw(canvas, samples, loudest) {
  const shown = samples.subarray(0, LOOKED_AT * RATE);
  const scale = window.devicePixelRatio || 1;
  const { width, height } = canvas.getBoundingClientRect();
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = getComputedStyle(canvas).color;
  const each = shown.length / BARS;
  const step = canvas.width / BARS;
  for (let n = 0; n < BARS; n += 1) {
    const tall = Math.max(scale, (peak(shown.subarray(n * each, (n + 1) * each)) / loudest) * canvas.height);
    pen.fillRect(n * step, (canvas.height - tall) / 2, Math.max(1, step - scale), tall);
  }
}

export function peak(samples) {
  let most = 0;
  for (const value of samples) most = Math.max(most, Math.abs(value));
  return most;
}

let playing = null; // one at a time: what stops it

/** Plays one channel of the file in both ears, from where a voice is; `ended` when it is over. */
export async function play(file, channel, ended) {
  stop();
  let over = false;
  const context = new AudioContext();
  const end = () => {
    if (over) return;
    over = true;
    if (playing === end) playing = null;
    context.close();
    ended();
  };
  playing = end;
  const found = await decode(file);
  if (over) return;
  if (!found) { end(); return; }
  const samples = found.getChannelData(channel);
  const voice = samples.findIndex((value) => Math.abs(value) > 10 * SILENT);
  const one = context.createBuffer(1, samples.length, RATE);
  one.copyToChannel(samples, 0);
  const source = context.createBufferSource();
  source.buffer = one;
  source.connect(context.destination);
  source.addEventListener("ended", end);
  source.start(0, Math.max(0, voice / RATE - 0.2), LOOKED_AT);
}

export function stop() { playing?.(); }
