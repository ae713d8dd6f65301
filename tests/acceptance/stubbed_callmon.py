"""`callmon` whose steps only do what the recording says, and write down that they did it.

A recording is a line of JSON in place of sound: `{"number": 7, "first": {"transcript": 60},
"do": {"tones": "crash"}}` has a transcript that takes 60 seconds when it is first made, and
tones that crash. Everything but what happens within a step is the real program: its
processes, its queue, its store. `STUB_LOG` names the file where each step writes a line
when it begins and when it ends.

With `STUB_PACE=real` a worker waits for what it waits for as it does in earnest, else all
of that is much quicker. `STUB_LEAST` is what a step may take at least, `STUB_BACK_OFF` the
pause before another attempt, both in seconds, and `STUB_VERSION` the version that a worker
takes itself for.

The module is imported again by each process that the worker starts, so what it replaces is
replaced there too.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from callmon.audio.quality import Quality
from callmon.call import Activity, Interval
from callmon.empathy.rubric_file import load_rubric
from callmon.errors import BadRecording, Transient
from callmon.jobs import bench, slots, steps, sweep, sweeper, worker
from callmon.jobs.steps import Engines
from callmon.steps import Heard, Spoken, Told, Voices, conclude
from callmon.store.work import versions

if os.environ.get("STUB_PACE") != "real":
    # Waiting is what takes the time of these tests.
    worker.BEAT_SECONDS = worker.TICK_SECONDS = 0.2
    sweeper.SWEEP_SECONDS = 0.5
    sweeper.SETTLE_SECONDS = 1.0
    worker.CANCEL_SECONDS = 1.0
    sweep.SILENT_SECONDS = 3.0
    slots.BACK_OFF = worker.BACK_OFF = (float(os.environ.get("STUB_BACK_OFF", "0.2")),)
    worker.LEAST_SECONDS = float(os.environ.get("STUB_LEAST", "1800"))
    bench.PAUSES = (0.2,)
    bench.PROGRESS_SECONDS = 0.1
versions.STAMP = os.environ.get("STUB_VERSION", versions.STAMP)  # type: ignore[misc]


class Sound:
    """In place of decoded sound: what the recording tells to do."""

    def __init__(self, path: Path) -> None:
        self.told: dict[str, Any] = json.loads(path.read_text())

    def __enter__(self) -> Sound:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def does(step: str, told: dict[str, Any], progress: Callable[[float], None] | None) -> None:
    number = told["number"]
    first = write(f"begin {step} {number}") == 1
    do = told.get("do", {}).get(step)
    if do == "crash":
        os.abort()
    if do == "fill":
        filled = b"x" * 500_000_000
        time.sleep(60)
        del filled
    if do == "refuse" or (do == "refuse again" and not first):
        raise BadRecording("This is no sound that can be analysed.")
    if do == "hiccup" and first:
        raise Transient("The model was not in the mood.")
    if do == "defect":
        raise KeyError(told["words"])
    seconds = told.get("every", 0.0) + (
        told.get("first", {}).get(step, 0.0) if first else 0
    )
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if progress is not None:
            progress(0.5)
        time.sleep(0.02)
    write(f"end {step} {number}")


def write(line: str) -> int:
    """How often the log has this line now."""
    log = Path(os.environ["STUB_LOG"])
    with log.open("a") as file:
        file.write(f"{line}\n")
    return log.read_text().splitlines().count(line)


VOICES = (Activity(speaker="left", channel=0, intervals=(Interval(start=0.0, end=1.0),)),)


def listen(audio: Sound, *, progress: Any) -> Heard:
    does("audio", audio.told, progress)
    return Heard(
        duration=60.0,
        channels=1,
        quality=Quality(channels=(0,), notices=()),
        activity=VOICES,
        redacted=(),
    )


def recognise(audio: Sound, heard: Heard, *_: Any, progress: Any, **__: Any) -> Spoken:
    does("transcript", audio.told, progress)
    return Spoken(asr="stub", language="en", segments=())


def tell_apart(audio: Sound, heard: Heard, *_: Any, progress: Any) -> Voices:
    does("speakers", audio.told, progress)
    return Voices(diarizer="stub", activities=VOICES)


def attribute(*_: Any, **__: Any) -> Told:
    return Told(roles={}, turns=())


def hear(audio: Sound, told: Told, *, progress: Any) -> tuple[()]:
    does("tones", audio.told, progress)
    return ()


class Steps(steps.Steps):
    """With a judgement that can be told what to do as well."""

    def take(self, step: str) -> None:
        if step == "judgement":
            does("judgement", self.audio.told, None)  # type: ignore[attr-defined]
        super().take(step)


def load_engines(_settings: object) -> Engines:
    write("load engines 0")
    return Engines(
        transcriber=None,  # type: ignore[arg-type]
        diarizer=None,  # type: ignore[arg-type]
        text_model=None,
        rubric=load_rubric(),
    )


steps.decode = lambda path, **_: Sound(path)
steps.listen, steps.recognise, steps.tell_apart = listen, recognise, tell_apart
steps.attribute, steps.hear, steps.conclude = attribute, hear, conclude
bench.make_products = lambda *_: None
bench.Steps = Steps  # type: ignore[misc]

if __name__ == "__main__":
    from callmon.cli import main
    from callmon.commands import jobs

    jobs.load_engines = load_engines
    sys.exit(main())
