// Takes files, shows what is in them, and sends one after the other to the API.

import { newKey } from "./app.js";
import { draw, look, peak, play, stop } from "./channels.js";
import { follow, worded } from "./progress.js";

const AT_ONCE = 2;
const CHANNEL = "channel of "; // names of the choices that are about one file alone
const FINAL = [413, 415]; // answers that another attempt would get, too
const form = document.getElementById("upload");
const drop = document.getElementById("drop");
const picker = document.getElementById("files");
const list = document.getElementById("uploads");
const shape = document.getElementById("upload-row");
const sendAll = document.getElementById("send");
const most = Number(form.dataset.mostBytes);
const rows = []; // of files, in the order in which they came
let underWay = 0;
let looking = Promise.resolve();
let unfollow = () => {};

function size(bytes) {
  if (bytes === 0) return "0 kB";
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

// ── What is taken ───────────────────────────────────────────────────────────────────────

function take(files) {
  const news = [...files].filter((file) =>
    !rows.some((row) => row.file.name === file.name && row.file.size === file.size
      && row.file.lastModified === file.lastModified));
  for (const file of news) {
    const row = new Row(file);
    rows.push(row);
    if (file.size > most) row.refuse(`It has ${size(file.size)}; ${size(most)} is the most that is taken.`);
    else if (file.size === 0) row.refuse("It is empty.");
    // One after the other: decoding takes memory.
    else looking = looking.then(() => row.look());
  }
  tell();
}

/** All files of what was dropped, also those within folders. */
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...transfer.files];
  const files = [];
  async function walk(entry) {
    if (entry.isFile) { files.push(await new Promise((done, failed) => entry.file(done, failed))); return; }
    const reader = entry.createReader();
    // A reader gives a hundred at a time.
    for (let some; (some = await new Promise((done, failed) => reader.readEntries(done, failed))).length; )
      for (const each of some) await walk(each);
  }
  for (const entry of entries) await walk(entry);
  return files.filter((file) => !file.name.startsWith("."));
}

const VERDICTS = {
  one: "One channel: the voices are told apart by how they sound.",
  same: "Both channels hold the same sound: the voices are told apart by how they sound.",
  silent: "Nothing is heard at its beginning.",
  "no left": "The left channel is silent at the beginning.",
  "no right": "The right channel is silent at the beginning.",
};

/** A file, from being chosen to being analysed. */
class Row {
  constructor(file) {
    this.file = file;
    this.state = "ready";
    this.key = newKey(); // sent again, it is the same upload
    this.element = shape.content.firstElementChild.cloneNode(true);
    this.bar = this.find("progress");
    this.find(".upload-name").textContent = file.name;
    this.find(".upload-size").textContent = size(file.size);
    this.bar.setAttribute("aria-label", `Sent of ${file.name}`);
    this.find(".remove").setAttribute("aria-label", `Leave out ${file.name}`);
    this.find(".remove").addEventListener("click", () => this.remove());
    this.find(".retry").addEventListener("click", () => { this.become("waiting", "Waiting"); next(); });
    this.say("Ready to be sent");
    list.append(this.element);
  }

  find(selector) { return this.element.querySelector(selector); }
  say(text) { this.find(".upload-state").textContent = text; }
  become(state, text) {
    this.state = state;
    this.element.dataset.state = state;
    this.find(".remove").hidden = state !== "ready" && state !== "refused";
    this.find(".retry").hidden = state !== "failed";
    this.bar.hidden = state !== "sending";
    if (state !== "ready") this.find(".upload-note").hidden = true;
    if (this.find(".channels")) this.find(".channels").hidden = state !== "ready";
    if (text !== undefined) this.say(text);
    tell();
  }
  refuse(text) { this.become("refused", text); }
  remove() {
    stop();
    rows.splice(rows.indexOf(this), 1);
    this.element.remove();
    tell();
    (list.querySelector(".remove:not([hidden])") ?? picker).focus();
  }

  /** Shows the channels, where this browser can decode the file. */
  async look() {
    if (this.state !== "ready") return;
    const seen = await look(this.file);
    if (!this.element.isConnected) return;
    const note = this.find(".upload-note");
    note.textContent = !seen ? "This browser cannot show what is in it. It can be sent all the same." : VERDICTS[seen.verdict] ?? "";
    note.hidden = note.textContent === "" || this.state !== "ready";
    if (!seen || seen.channels.length < 2 || seen.verdict === "same") return;
    const box = document.getElementById("upload-channels").content.firstElementChild.cloneNode(true);
    note.after(box);
    box.hidden = this.state !== "ready";
    const loudest = Math.max(0.01, ...seen.channels.map(peak));
    const name = CHANNEL + this.key;
    for (const [n, side] of [...box.querySelectorAll(".channel")].entries()) {
      const button = side.querySelector("button");
      const canvas = side.querySelector("canvas");
      const paint = () => draw(canvas, seen.channels[n], loudest);
      new ResizeObserver(paint).observe(canvas);
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
      button.setAttribute("aria-label", `Play the ${["left", "right"][n]} channel of ${this.file.name}`);
      button.addEventListener("click", () => {
        const was = button.classList.contains("playing");
        stop();
        if (was) return;
        button.classList.add("playing");
        play(this.file, n, () => button.classList.remove("playing"));
      });
    }
    for (const choice of box.querySelectorAll("input")) choice.name = name;
  }

  /** What the form says, and for this file alone which channel is the agent's. */
  fields() {
    const fields = {};
    for (const [name, value] of new FormData(form)) {
      if (typeof value !== "string" || !value.trim() || name.startsWith(CHANNEL)) continue;
      fields[name] = name === "started" ? new Date(value).toISOString() : value.trim();
    }
    const chosen = this.find(".channels input:checked")?.value;
    if (chosen) fields.agent_channel = chosen;
    return fields;
  }

  post() {
    const body = new FormData();
    // The fields come first, so that the service knows them when the sound arrives.
    for (const [name, value] of Object.entries(this.told)) body.append(name, value);
    body.append("file", this.file);
    const request = new XMLHttpRequest();
    request.open("POST", "/v1/recordings");
    const csrf = document.querySelector("meta[name=csrf]");
    if (csrf) request.setRequestHeader("X-CSRF-Token", csrf.content);
    request.setRequestHeader("Idempotency-Key", this.key);
    this.become("sending", "0 % sent");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const share = event.loaded / event.total;
      this.bar.value = share;
      this.say(share < 1 ? `${Math.floor(share * 100)} % sent` : "Being kept…");
    });
    request.addEventListener("load", () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* a proxy in between */ }
      if (request.status === 200 || request.status === 202) this.arrive(answer, request.status === 200);
      else if (request.status === 401) this.become("failed", "You were signed out. Sign in in another tab, then send it again.");
      else this.become(FINAL.includes(request.status) ? "refused" : "failed", answer.detail || `The service answered ${request.status}.`);
    });
    request.addEventListener("error", () => this.become("failed", "The service cannot be reached. Nothing is lost: send it again."));
    request.addEventListener("loadend", () => { underWay -= 1; next(); });
    request.send(body);
  }

  arrive(recording, known) {
    // Done and without an analysis: of somebody else, who sent the same before.
    if (known && recording.state === "done" && recording.analysis === null) {
      this.become("done", "Was here already, nothing is left to do");
      return;
    }
    this.id = recording.id;
    this.was = known ? "Was here already. " : "";
    const link = this.find(".open");
    link.href = `/calls/${encodeURIComponent(recording.id)}`;
    link.hidden = false;
    this.become("sent", `${this.was}${worded(recording)}`);
  }

  /** How far its analysis is. */
  progress(now) {
    this.become({ done: "done", failed: "refused", cancelled: "ended", gone: "ended" }[now.state] ?? "sent",
      now.state === "failed" ? `${worded(now)}. ${now.error ?? ""}` : `${this.was}${now.state === "gone" ? "Deleted" : worded(now)}`);
    this.find(".remove").hidden = true;
  }
}

// ── Sending ─────────────────────────────────────────────────────────────────────────────

const of = (...states) => rows.filter((row) => states.includes(row.state));

function tell() {
  const ready = of("ready").length;
  document.getElementById("chosen").hidden = !rows.length;
  sendAll.hidden = !ready;
  sendAll.textContent = ready === 1 ? "Send 1 recording" : `Send ${ready} recordings`;
  const going = of("waiting", "sending").length;
  const there = of("sent", "done", "ended").length;
  const failed = of("failed", "refused").length;
  document.getElementById("tally").textContent = [
    going ? `${going} on their way` : "", there ? `${there} taken in` : "", failed ? `${failed} not taken in` : "",
  ].filter(Boolean).join(", ");
}

function next() {
  while (underWay < AT_ONCE && of("waiting").length) {
    underWay += 1;
    of("waiting")[0].post();
  }
  if (!underWay) followAll();
}

/** Follows the analyses once all are sent. */
function followAll() {
  unfollow();
  const sent = of("sent");
  unfollow = follow(sent.map((row) => row.id), (now) =>
    sent.filter((row) => row.id === now.id).forEach((row) => row.progress(now)));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  stop();
  for (const row of of("ready")) {
    row.told = row.fields();
    row.become("waiting", "Waiting");
  }
  next();
});
picker.addEventListener("change", () => { take(picker.files); picker.value = ""; });
// Beside the field, too: a browser opens what is dropped anywhere else, and the page is gone.
for (const name of ["dragenter", "dragover"])
  document.addEventListener(name, (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    drop.classList.add("over");
  });
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.classList.remove("over"); });
document.addEventListener("drop", async (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  take(await dropped(event.dataTransfer));
});
window.addEventListener("beforeunload", (event) => {
  if (of("ready", "waiting", "sending", "failed").length) event.preventDefault();
});
