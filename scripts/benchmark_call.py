"""Seconds of each stage per minute of call: `python scripts/benchmark.py call`.

    python scripts/benchmark.py call                  the sample calls, demo speech model
    python scripts/benchmark.py call --asr small.en CALL...

The first call is analysed once before the clock runs, so that loading models is not
counted. Each figure is the median over the repeats of the total over all calls.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
from collections import defaultdict
from pathlib import Path
from time import perf_counter

from callmon.commands.engine import Engine, VoicesApart, load_text_model
from callmon.empathy.rubric_file import load_rubric
from callmon.pipeline import analyse
from callmon.samples import samples
from callmon.settings import load_settings

STAGES = {
    "decode": "decode to 16 kHz",
    "activity": "voice activity and quality",
    "speakers": "telling voices apart",
    "words": "speech to text",
    "turns": "roles, turns, dynamics",
    "tone": "tone of the customer",
    "judgement": "empathy and findings",
}


class Clock:
    """Adds up the seconds between the first word of one step and that of the next."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._step = ""
        self._since = perf_counter()

    def __call__(self, step: str, _share: float) -> None:
        if step != self._step:
            self.stop()
            self._step = step

    def stop(self) -> None:
        now = perf_counter()
        if self._step:
            self.seconds[self._step] += now - self._since
        self._step, self._since = "", now


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("calls", nargs="*", type=Path, help="default: the sample calls")
    parser.add_argument("--asr", default="demo", help="speech model (default: demo)")
    parser.add_argument("--repeats", type=int, default=3)


def run(arguments: argparse.Namespace) -> None:
    calls = arguments.calls or [sample.recording for sample in samples()]
    rubric, text_model = load_rubric(None), load_text_model()
    settings = load_settings(asr=arguments.asr, language="en")
    engine, diarizer = Engine(settings), VoicesApart(settings)

    def analysed(path: Path, clock: Clock) -> float:
        analysis = analyse(
            path,
            rubric=rubric,
            text_model=text_model,
            diarizer=diarizer,
            transcriber=engine,
            language="en",
            progress=clock,
        )
        clock.stop()
        assert analysis.recording.duration is not None
        return analysis.recording.duration

    analysed(calls[0], Clock())
    rounds: list[dict[str, float]] = []
    for _ in range(arguments.repeats):
        clock = Clock()
        minutes = sum(analysed(path, clock) for path in calls) / 60
        rounds.append({step: clock.seconds[step] / minutes for step in STAGES})

    print(f"{len(calls)} calls, {minutes:.1f} minutes, {arguments.repeats} repeats,")
    print(
        f"speech model `{arguments.asr}`, {os.cpu_count()} cores ({platform.machine()}).\n"
    )
    print("| stage | seconds per minute of call |")
    print("| --- | ---: |")
    for step, words in STAGES.items():
        print(f"| {words} | {statistics.median(r[step] for r in rounds):.2f} |")
    print(f"| in all | {statistics.median(sum(r.values()) for r in rounds):.2f} |")
