// Sends files one after the other to the API, each with its own progress.

import { newKey } from "./app.js";

const AT_ONCE = 2;
const form = document.getElementById("upload");
const drop = document.getElementById("drop");
const picker = document.getElementById("files");
const list = document.getElementById("uploads");
const most = Number(form.dataset.mostBytes);
const waiting = [];
let underWay = 0;

function size(bytes) {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

function told() {
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value !== "string" || !value.trim()) continue;
    fields[name] = name === "started" ? new Date(value).toISOString() : value.trim();
  }
  return fields;
}

function take(files) {
  const fields = told();
  document.getElementById("sent").hidden = false;
  for (const file of files) {
    const row = line(file);
    if (file.size > most) row.fail(`It has ${size(file.size)}; ${size(most)} is the most that is taken.`);
    else if (file.size === 0) row.fail("It is empty.");
    else waiting.push({ file, fields, row });
  }
  next();
}

function line(file) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  name.className = "upload-name";
  name.textContent = file.name;
  const amount = document.createElement("span");
  amount.className = "muted";
  amount.textContent = size(file.size);
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", `Sent of ${file.name}`);
  const state = document.createElement("span");
  state.className = "upload-state";
  state.setAttribute("role", "status");
  state.textContent = "Waiting";
  item.append(name, amount, bar, state);
  list.append(item);
  return {
    progress(share) {
      bar.value = share;
      state.textContent = share < 1 ? `${Math.floor(share * 100)} % sent` : "Being kept…";
    },
    done(recording, known) {
      bar.value = 1;
      item.classList.add("done");
      const link = document.createElement("a");
      link.href = `/calls/${encodeURIComponent(recording.id)}`;
      link.textContent = "Open";
      state.textContent = known ? "Was here already. " : "Taken in. ";
      state.append(link);
    },
    fail(text) {
      item.classList.add("failed");
      state.textContent = text;
    },
  };
}

function next() {
  while (underWay < AT_ONCE && waiting.length) {
    underWay += 1;
    post(waiting.shift());
  }
}

function post({ file, fields, row }) {
  const body = new FormData();
  // The fields come first, so that the service knows them when the sound arrives.
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  body.append("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", "/v1/recordings");
  const csrf = document.querySelector("meta[name=csrf]");
  if (csrf) request.setRequestHeader("X-CSRF-Token", csrf.content);
  request.setRequestHeader("Idempotency-Key", newKey());
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) row.progress(event.loaded / event.total);
  });
  request.addEventListener("load", () => {
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { /* a proxy in between */ }
    if (request.status === 200 || request.status === 202) row.done(answer, request.status === 200);
    else row.fail(answer.detail || `The service answered ${request.status}.`);
  });
  request.addEventListener("error", () => row.fail("The service cannot be reached. Drop the file again."));
  request.addEventListener("loadend", () => { underWay -= 1; next(); });
  request.send(body);
}

picker.addEventListener("change", () => { take(picker.files); picker.value = ""; });
form.addEventListener("submit", (event) => event.preventDefault());
for (const name of ["dragenter", "dragover"])
  drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
for (const name of ["dragleave", "drop"])
  drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.remove("over"); });
drop.addEventListener("drop", (event) => take(event.dataTransfer.files));
window.addEventListener("beforeunload", (event) => {
  if (underWay || waiting.length) event.preventDefault();
});
