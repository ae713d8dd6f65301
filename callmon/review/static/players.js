// Short players of moments: one sounds at a time.

import { toast } from "./app.js";

let sounding = null; // { audio, holder }

function show(holder, playing) {
  holder.classList.toggle("playing", playing);
}

function begin(holder) {
  const audio = new Audio(holder.dataset.player);
  const bar = holder.querySelector("progress");
  audio.addEventListener("play", () => show(holder, true));
  audio.addEventListener("pause", () => show(holder, false));
  audio.addEventListener("ended", () => { show(holder, false); bar.value = 0; sounding = null; });
  audio.addEventListener("timeupdate", () => {
    if (audio.duration > 0) bar.value = audio.currentTime / audio.duration;
  });
  audio.addEventListener("error", () => {
    show(holder, false);
    toast("The sound of this moment cannot be played.", { bad: true });
  });
  sounding = { audio, holder };
  audio.play().catch(() => {});
}

document.addEventListener("click", (event) => {
  const holder = event.target.closest(".player-play")?.closest("[data-player]");
  if (!holder) return;
  if (sounding?.holder === holder) {
    if (sounding.audio.paused) sounding.audio.play().catch(() => {});
    else sounding.audio.pause();
    return;
  }
  sounding?.audio.pause();
  begin(holder);
});
