// An agent's own page: a finding is opened where it was written about.

import { Card } from "./judging.js";

for (const more of document.querySelectorAll(".written-more")) {
  let card = null;
  more.addEventListener("toggle", () => {
    if (!more.open) { card?.close(); return; }
    // One at a time: a card's parts are found by their ids.
    for (const other of document.querySelectorAll(".written-more[open]"))
      if (other !== more) { other.open = false; other.querySelector(".written-card").replaceChildren(); }
    card = new Card(more.querySelector(".written-card"), { on: "queue", decided: () => {} });
    card.show(more.dataset.finding);
  });
}
