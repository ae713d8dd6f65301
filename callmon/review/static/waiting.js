import { send } from "./app.js";

const EVERY_MS = 3000;
const waiting = document.getElementById("waiting");

async function look() {
  try {
    const now = await send("GET", `/v1/recordings/${waiting.dataset.id}`);
    if (now.analysis || now.state === "failed" || now.state === "cancelled") {
      location.reload();
      return;
    }
    document.getElementById("waiting-bar").value = now.progress;
    const left = now.seconds_left === null ? "" : `, about ${Math.max(1, Math.round(now.seconds_left / 60))} min left`;
    document.getElementById("waiting-text").textContent = now.state === "analysing"
      ? `${Math.round(now.progress * 100)} % analysed${left}.` : "Waiting for its turn.";
  } catch { /* it is asked again in a moment */ }
  setTimeout(look, EVERY_MS);
}
if (waiting) setTimeout(look, EVERY_MS);
