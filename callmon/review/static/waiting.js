// The page of a call before its analysis is there.

import { follow, isUnderWay } from "./progress.js";

const waiting = document.getElementById("waiting");
const stages = [...document.querySelectorAll("#stages li")];

function show(now) {
  if (!isUnderWay(now)) { location.reload(); return; }
  const at = stages.findIndex((each) => each.dataset.stage === now.stage);
  stages.forEach((each, n) => {
    each.classList.toggle("past", n < at);
    if (n === at) each.setAttribute("aria-current", "step"); else each.removeAttribute("aria-current");
  });
  document.getElementById("waiting-bar").value = now.progress;
  const percent = `${Math.floor(now.progress * 100)} %`;
  document.getElementById("waiting-text").textContent =
    now.state === "analysing" ? `${percent} analysed` : "Waiting for its turn";
  document.getElementById("waiting-left").textContent = left(now);
}

function left({ seconds_left: seconds, state }) {
  if (seconds === null) return "";
  const long = seconds < 90 ? `${Math.max(5, Math.round(seconds / 5) * 5)} s` : `${Math.round(seconds / 60)} min`;
  return state === "analysing" ? `About ${long} left.` : `It will take about ${long} then.`;
}

if (waiting) follow([waiting.dataset.id], show);
