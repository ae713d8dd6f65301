// What people add to a call and put right in it.

import { clock, newKey, send, toast } from "./app.js";

const call = document.getElementById("call");

// ── A missed moment ─────────────────────────────────────────────────────────────────────

const dialog = document.getElementById("moment");
const momentForm = document.getElementById("moment-form");
let meantTurn = null;

/** Asks for a missed moment in the customer's turn that is or was heard last. */
export function askMoment(sound) {
  sound.pause();
  const theirs = [...document.querySelectorAll(".turn-customer[data-start]")]
    .filter((turn) => Number(turn.dataset.start) <= sound.currentTime + 0.05);
  if (!theirs.length) { toast("The customer has not spoken yet. Play to the moment, then add it."); return; }
  const element = theirs.at(-1);
  meantTurn = Number(element.id.slice("turn-".length));
  document.getElementById("moment-at").textContent = clock(Number(element.dataset.start));
  document.getElementById("moment-text").textContent =
    element.querySelector(".turn-text").textContent.trim();
  document.getElementById("moment-error").hidden = true;
  dialog.showModal();
}

async function addMoment(event) {
  event.preventDefault();
  const body = { turn: meantTurn, kind: momentForm.elements.kind.value };
  const note = momentForm.elements.note.value.trim();
  if (note) body.note = note;
  try {
    await send("POST", `/v1/recordings/${call.dataset.id}/moments`, body, { key: newKey() });
    location.reload();
  } catch (refusal) {
    const error = document.getElementById("moment-error");
    error.textContent = refusal.message;
    error.hidden = false;
  }
}

// ── What is known of the call ───────────────────────────────────────────────────────────

const edit = document.getElementById("edit");
const editForm = document.getElementById("edit-form");

async function saveEdit(event) {
  event.preventDefault();
  const body = {};
  for (const name of ["agent", "team", "queue"]) {
    const field = editForm.elements[name];
    if (field.value.trim() !== field.defaultValue) body[name] = field.value.trim() || null;
  }
  const voice = editForm.elements.voice?.value;
  if (voice) body.parties = { [voice]: "agent" };
  if (!Object.keys(body).length) { edit.close(); return; }
  try {
    await send("PATCH", `/v1/recordings/${call.dataset.id}`, body);
    location.reload();
  } catch (refusal) {
    const error = document.getElementById("edit-error");
    error.textContent = refusal.message;
    error.hidden = false;
  }
}

if (edit) {
  document.getElementById("edit-call").addEventListener("click", () => edit.showModal());
  document.getElementById("edit-close").addEventListener("click", () => edit.close());
  editForm.addEventListener("submit", saveEdit);
}
if (dialog) {
  document.getElementById("moment-close").addEventListener("click", () => dialog.close());
  momentForm.addEventListener("submit", addMoment);
}
