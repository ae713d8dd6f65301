// Says of a promise whether it was kept.

import { send, toast } from "./app.js";

const SAID = { kept: "Kept", broken: "Broken", open: "Open" };

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-mark]");
  if (!button) return;
  const row = button.closest("[data-promise]");
  const state = button.dataset.mark;
  for (const each of row.querySelectorAll("[data-mark]")) each.disabled = true;
  try {
    await send("PUT", `/v1/promises/${encodeURIComponent(row.dataset.promise)}/state`, { state });
    const shown = row.querySelector(".state");
    shown.textContent = SAID[state];
    shown.className = `state state-${{ kept: "agreed", broken: "failed", open: "open" }[state]}`;
    row.querySelector(".row-buttons").replaceChildren();
    toast(`${SAID[state]}. It is written down who said so.`);
  } catch (refusal) {
    toast(refusal.message, { bad: true });
    for (const each of row.querySelectorAll("[data-mark]")) each.disabled = false;
  }
});
