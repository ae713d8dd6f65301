"use strict";
(() => {
  const audio = document.getElementById("audio");
  const findings = [...document.querySelectorAll(".finding")];
  const turns = [...document.querySelectorAll(".turn[data-start]")];
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let current = -1;
  document.documentElement.classList.add("js");

  const clock = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds));
    const two = (n) => String(n).padStart(2, "0");
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor(whole / 60) % 60;
    return hours
      ? `${hours}:${two(minutes)}:${two(whole % 60)}`
      : `${minutes}:${two(whole % 60)}`;
  };

  const go = (number) => {
    if (!findings.length) return;
    current = Math.min(Math.max(number, 0), findings.length - 1);
    const card = findings[current];
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "center", behavior: still.matches ? "auto" : "smooth" });
    if (audio && card.dataset.cue) audio.currentTime = Number(card.dataset.cue);
  };

  // The numbers of the customer's voice: one stop for Tab, arrows move along the curve.
  const points = [...document.querySelectorAll(".tone-point")].sort(
    (a, b) => a.getBoundingClientRect().left - b.getBoundingClientRect().left,
  );
  const readout = document.getElementById("readout");
  points.forEach((point, number) => {
    point.setAttribute("tabindex", number ? "-1" : "0");
    const show = () => { readout.textContent = point.dataset.readout; };
    point.addEventListener("mouseenter", show);
    point.addEventListener("focus", show);
    point.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const next = points[number + step];
      if (!next) return;
      event.preventDefault();
      point.setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    });
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select")) return;
    if (event.key === "j") go(current + 1);
    else if (event.key === "k") go(current - 1);
    else if (event.key === " " && audio && !event.target.closest("button, a, summary")) {
      event.preventDefault();
      toggle();
    }
  });

  if (!audio) return;

  const player = document.getElementById("player");
  const play = document.getElementById("play");
  const seek = document.getElementById("seek");
  const now = document.getElementById("now");
  const said = document.getElementById("said");
  const picture = document.getElementById("picture");
  const scroller = picture?.parentElement;
  const playhead = document.getElementById("playhead");
  let lit = null;

  // A browser may refuse to play what it cannot decode; say so instead of doing nothing.
  const start = () => audio.play().catch(() => {
    said.textContent = "This browser could not play the recording.";
  });
  const toggle = () => (audio.paused ? start() : audio.pause());

  const playFrom = (seconds) => {
    audio.currentTime = seconds;
    start();
  };

  const follow = () => {
    const at = audio.currentTime;
    now.textContent = clock(at);
    seek.value = at;
    seek.setAttribute("aria-valuetext", clock(at));
    if (picture) {
      const { left, right, duration } = picture.dataset;
      const shift = (Number(right) - Number(left)) * Math.min(at / Number(duration), 1);
      playhead.setAttribute("transform", `translate(${shift} 0)`);
      playhead.setAttribute("visibility", "visible");
      const line = playhead.getBoundingClientRect().left;
      const frame = scroller.getBoundingClientRect();
      if (line < frame.left || line > frame.right) {
        scroller.scrollLeft += line - frame.left - frame.width / 3;
      }
    }
    const turn = turns.findLast(
      ({ dataset }) => Number(dataset.start) <= at && at < Number(dataset.end),
    );
    if (turn === lit) return;
    lit?.classList.remove("lit");
    lit?.removeAttribute("aria-current");
    lit = turn ?? null;
    lit?.classList.add("lit");
    lit?.setAttribute("aria-current", "true");
    said.textContent = lit
      ? `${lit.querySelector(".turn-party").firstChild.textContent.trim()}: ` +
        lit.querySelector(".turn-text").textContent
      : "";
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-at]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    playFrom(Number(link.dataset.at));
  });
  play.addEventListener("click", toggle);
  seek.addEventListener("input", () => { audio.currentTime = Number(seek.value); });
  document.getElementById("previous")?.addEventListener("click", () => go(current - 1));
  document.getElementById("next")?.addEventListener("click", () => go(current + 1));
  audio.addEventListener("timeupdate", follow);
  audio.addEventListener("seeking", follow);
  audio.addEventListener("loadedmetadata", () => {
    if (Number.isFinite(audio.duration)) seek.max = audio.duration;
  });
  for (const change of ["play", "pause"]) {
    audio.addEventListener(change, () => {
      player.classList.toggle("playing", !audio.paused);
      play.setAttribute("aria-label", audio.paused ? "Play" : "Pause");
    });
  }
})();
