// What people add to a call and put right in it.

import { send, sendOnce } from "./app.js";

const call = document.getElementById("call");

/** Opens a dialog by its button, shuts it by its own; `save` sends what its form holds. */
function wire(name, opener, save) {
  const dialog = document.getElementById(name);
  if (!dialog) return;
  const form = dialog.querySelector("form");
  const error = dialog.querySelector(".error");
  opener?.addEventListener("click", () => { error.hidden = true; dialog.showModal(); });
  for (const button of dialog.querySelectorAll(".close")) button.addEventListener("click", () => dialog.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const submit = event.submitter;
    if (submit) submit.disabled = true;
    error.hidden = true;
    try { await save(form, event.submitter); } catch (refusal) {
      error.textContent = refusal.message;
      error.hidden = false;
    }
    if (submit) submit.disabled = false;
  });
}

function again(second) {
  // To where one was.
  if (Number.isFinite(second)) history.replaceState(null, "", `#at=${second.toFixed(1)}`);
  location.reload();
}

// ── A missed moment ─────────────────────────────────────────────────────────────────────

const moment = document.getElementById("moment");
const momentForm = document.getElementById("moment-form");
let around = null; // what the page lends: words, changed, play, shut, now

/** Seconds as one writes them, to a tenth: 1:23.4 */
function written(seconds) {
  const tenths = Math.round(seconds * 10);
  const minutes = Math.floor(tenths / 600);
  const rest = ((tenths % 600) / 10).toFixed(1).padStart(4, "0");
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

/** NaN for what is no time. */
function read(text) {
  const pieces = text.trim().replace(",", ".").split(":");
  if (pieces.length > 3 || !pieces.every((each) => /^\d+(\.\d+)?$/.test(each))) return NaN;
  return pieces.reduce((sum, each) => sum * 60 + Number(each), 0);
}

function stretch() {
  return { start: read(momentForm.elements.start.value), end: read(momentForm.elements.end.value) };
}

function describe() {
  const { start, end } = stretch();
  const good = start < end;
  const words = good ? around.words(start, end) : [];
  const quote = document.getElementById("moment-text");
  quote.hidden = !words.length;
  quote.textContent = words.join(" … ");
  const note = document.getElementById("moment-note");
  note.hidden = words.length > 0;
  note.textContent = good ? "The customer says nothing there. Take a longer stretch."
    : "Times are written as 1:23.4, and it ends after it begins.";
  if (good) around.changed(start, end);
}

/** Asks for a missed moment between the seconds. */
export function askMoment({ start, end }, lent) {
  around = lent;
  momentForm.elements.start.value = written(start);
  momentForm.elements.end.value = written(end);
  moment.querySelector(".error").hidden = true;
  describe();
  moment.showModal();
}

async function addMoment(form) {
  const { start, end } = stretch();
  if (!(start < end)) throw new Error("Times are written as 1:23.4, and it ends after it begins.");
  const body = { start, end, kind: form.elements.kind.value };
  const note = form.elements.note.value.trim();
  if (note) body.note = note;
  await sendOnce(`/v1/recordings/${call.dataset.id}/moments`, body);
  again(start);
}

if (moment) {
  wire("moment", null, addMoment);
  moment.addEventListener("close", () => around.shut());
  for (const name of ["start", "end"]) {
    const field = momentForm.elements[name];
    field.addEventListener("input", describe);
    moment.querySelector(`[data-now=${name}]`).addEventListener("click", () => {
      field.value = written(around.now());
      describe();
    });
  }
  document.getElementById("moment-play").addEventListener("click", () => {
    const chosen = stretch();
    if (chosen.start < chosen.end) around.play(chosen);
  });
}

// ── What is known of the call ───────────────────────────────────────────────────────────

wire("edit", document.getElementById("edit-call"), async (form, submitter) => {
  const body = {};
  for (const name of ["agent", "team", "queue"]) {
    const field = form.elements[name];
    if (field.value.trim() !== field.defaultValue) body[name] = field.value.trim() || null;
  }
  const voice = form.elements.voice?.value;
  if (submitter?.value === "swap") body.parties = "swap";
  else if (voice) body.parties = { [voice]: "agent" };
  if (!Object.keys(body).length) { document.getElementById("edit").close(); return; }
  await send("PATCH", `/v1/recordings/${call.dataset.id}`, body);
  location.reload();
});

document.getElementById("name-agent")?.addEventListener("click", () => {
  document.getElementById("edit-call").click();
  document.querySelector("#edit-form [name=voice]")?.focus();
});

wire("share", document.getElementById("share-call"), async (form) => {
  const path = `/v1/findings/${encodeURIComponent(form.elements.finding.value)}/coaching`;
  await send("POST", path, { text: form.elements.text.value.trim() });
  location.reload();
});
