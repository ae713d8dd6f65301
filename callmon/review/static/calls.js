// The list of calls: those that are being analysed tell how far they are.

import { follow, isUnderWay, worded } from "./progress.js";

let end = () => {};

function begin() {
  end();
  const rows = new Map([...document.querySelectorAll("#rows [data-follow]")].map((cell) => [cell.dataset.follow, cell]));
  if (!rows.size) return;
  end = follow([...rows.keys()], (now) => {
    const cell = rows.get(now.id);
    const state = cell.querySelector(".state");
    state.textContent = now.state === "gone" ? "Deleted" : worded(now).split(":")[0];
    if (!isUnderWay(now)) delete cell.dataset.follow;
  });
}

begin();
// Further rows have come.
document.addEventListener("htmx:afterSettle", begin);
