"""Computing per minute of the customer's speech: `python scripts/benchmark.py tone`.

Beside openSMILE's eGeMAPS and librosa's pyin on the same sound, each on one thread. The
sound of the sample calls' customers, put together; decoding is not counted.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import tone_classes
from tone_speech import RATE

from callmon.audio.activity import find_activity
from callmon.audio.decode import decode
from callmon.tone.pitch import HIGHEST_PITCH, LOWEST_PITCH
from callmon.tone.prosody import frames, join, measure, measure_parts

if TYPE_CHECKING:
    from tone_speech import Samples

SECONDS = 60.0
RUNS = 3
PIECE = 5.0
"""Seconds of speech in a turn."""
PARTS = 2
"""Sentences in a turn."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("calls", type=Path, nargs="*", metavar="CALL")


def run(options: argparse.Namespace) -> None:
    sound = _speech(options.calls or _samples())
    print(
        f"{len(sound) / RATE:.0f} s of speech, processor seconds per minute,"
        f" median of {RUNS}"
    )
    for name, work in {
        "callmon": _callmon,
        "librosa.pyin": _pyin,
        "openSMILE eGeMAPS": _egemaps,
    }.items():
        if not work(sound[: 2 * RATE]):
            print(f"  {name:<18} not installed: pip install opensmile (research licence)")
            continue
        spent = median(_spent(work, sound) for _ in range(RUNS))
        print(f"  {name:<18} {spent * 60 * RATE / len(sound):6.2f}")


def _speech(calls: list[Path]) -> Samples:
    """Speech of the right channels, without the rest, at most `SECONDS`."""
    found: list[Samples] = []
    for path in calls:
        with decode(path) as audio:
            if audio.channels != 2:
                continue
            [activity] = find_activity(audio, channels=[1])
            found += [audio.read(1, part.start, part.end) for part in activity.intervals]
        if sum(map(len, found)) >= SECONDS * RATE:
            break
    return np.concatenate(found)[: int(SECONDS * RATE)]


def _samples() -> list[Path]:
    return sorted(Path(str(files("callmon") / "samples")).glob("*.ogg"))


def _spent(work: Callable[[Samples], bool], sound: Samples) -> float:
    before = time.process_time()
    work(sound)
    return time.process_time() - before


def _callmon(sound: Samples) -> bool:
    """Both passes, and each turn in parts, as in a call."""
    step = int(PIECE / PARTS * RATE)
    parts = [
        frames([sound[at : at + step]], sample_rate=RATE)
        for at in range(0, len(sound), step)
    ]
    turns = [parts[at : at + PARTS] for at in range(0, len(parts), PARTS)]
    usual = float(np.nanmedian([measure(join(turn)).pitch for turn in turns]))
    for turn in turns:
        measure_parts(turn, usual_pitch=usual)
    return True


def _pyin(sound: Samples) -> bool:
    import librosa

    librosa.pyin(sound, fmin=LOWEST_PITCH, fmax=HIGHEST_PITCH, sr=RATE)
    return True


def _egemaps(sound: Samples) -> bool:
    return tone_classes.egemaps([sound], rate=RATE) is not None
