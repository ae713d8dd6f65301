// Says of a promise whether it was kept.

import { send, toast } from "./app.js";

const SAID = { open: "Open", due: "Due today", overdue: "Overdue", kept: "Kept", broken: "Broken" };
const LOOKS = { kept: "agreed", broken: "failed", overdue: "failed" };

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-mark]");
  if (!button || button.hasAttribute("aria-disabled")) return;
  const row = button.closest("[data-promise]");
  const buttons = [...row.querySelectorAll("[data-mark]")];
  const path = `/v1/promises/${encodeURIComponent(row.dataset.promise)}/state`;
  // Not disabled: that would take the focus away.
  for (const each of buttons) each.setAttribute("aria-disabled", "true");
  try {
    // What is taken back may be overdue by now; the answer says so.
    const { state } = await send("PUT", path, { state: button.dataset.mark });
    const shown = row.querySelector(".state");
    shown.textContent = SAID[state];
    shown.className = `state state-${LOOKS[state] ?? "open"}`;
    const settled = state === "kept" || state === "broken";
    for (const each of buttons) each.hidden = (each.dataset.mark === "open") !== settled;
    buttons.find((each) => !each.hidden).focus();
    toast(settled ? `${SAID[state]}. It is written down who said so.` : `Taken back: ${SAID[state].toLowerCase()}.`);
  } catch (refusal) {
    toast(refusal.message, { bad: true });
  }
  for (const each of buttons) each.removeAttribute("aria-disabled");
});
