// Begins a round of calibration, and closes it.

import { send } from "./app.js";

const form = document.getElementById("new-round");
const error = document.getElementById("round-error");
const closing = document.getElementById("close-round");

function refuse(text) {
  error.textContent = text;
  error.hidden = false;
  error.scrollIntoView({ block: "nearest" });
}

const chosen = (name) =>
  [...form.querySelectorAll(`[name=${name}]:checked`)].map((each) => each.value);

form?.addEventListener("change", () => {
  document.getElementById("round-number").textContent = chosen("findings").length;
});
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  error.hidden = true;
  const findings = chosen("findings");
  const reviewers = chosen("reviewers");
  if (!findings.length) { refuse("Choose at least one moment."); return; }
  if (reviewers.length < 2) { refuse("Choose two people or more."); return; }
  const day = form.elements.deadline.value;
  const body = {
    name: form.elements.name.value, findings, reviewers,
    // To the end of that day where the viewer is.
    ...(day ? { deadline: new Date(`${day}T23:59:59`).toISOString() } : {}),
  };
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    const { id } = await send("POST", "/v1/calibration/rounds", body);
    location.assign(`/calibration/rounds/${id}`);
  } catch (refusal) {
    button.disabled = false;
    refuse(refusal.message);
  }
});
closing?.addEventListener("click", async () => {
  closing.disabled = true;
  try {
    await send("POST", `/v1/calibration/rounds/${closing.dataset.round}/close`);
    location.reload();
  } catch (refusal) {
    closing.disabled = false;
    refuse(refusal.message);
  }
});
