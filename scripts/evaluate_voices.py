"""Measures telling voices apart: `python scripts/evaluate.py voices`.

Three sets. `development` (limits were chosen on it) and `held` are made-up calls, see
mix_voices.py; their speech is given, so that only the separation is judged. `real` are
two-channel calls mixed to one, with the voice activity of their channels as the truth,
and calls with an RTTM file beside them; there the voice activity is found in the mix.
Without a folder of data the made-up calls are those of the sample calls alone.

Figures are seconds, and shares of the seconds that the truth's voices speak, each voice
counted, without 0.25 s around every border of the truth (the usual collar): `confusion` is
speech given to the wrong voice, `miss` speech given to none (mostly two at once, of which
one is told), `false alarm` speech where there is none; `der` is their sum.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import process_time

import numpy as np
from evaluate_data import add_data_argument, data_folder, usual_folder
from evaluate_tone import Sound
from mix_voices import Mix, acted_mixes, mixed, sample_mixes

from callmon.audio.activity import find_activity
from callmon.audio.decode import decode
from callmon.call import Activity, Interval
from callmon.intervals import union
from callmon.speech.diarization.diarize import Clustering
from callmon.weights import models_folder

COLLAR = 0.25
GRID = 0.01
"""Seconds."""

Voices = Sequence[Sequence[Interval]]


@dataclass(frozen=True)
class Errors:
    """Seconds of speech, and of it those that went wrong."""

    speech: float = 0.0
    confusion: float = 0.0
    miss: float = 0.0
    false_alarm: float = 0.0

    def __add__(self, other: Errors) -> Errors:
        return Errors(
            self.speech + other.speech,
            self.confusion + other.confusion,
            self.miss + other.miss,
            self.false_alarm + other.false_alarm,
        )

    def shares(self) -> dict[str, float]:
        wrong = {
            "confusion": self.confusion,
            "miss": self.miss,
            "false_alarm": self.false_alarm,
        }
        wrong["der"] = sum(wrong.values())
        return {name: round(value / self.speech, 4) for name, value in wrong.items()}


@dataclass(frozen=True)
class Judged:
    """One call with what was found in it."""

    part: str
    kind: str
    name: str
    voices: int
    found: int
    errors: Errors


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_data_argument(
        parser, holds="emotion/emodb.csv, calls/*.stereo.flac and calls/*.rttm"
    )
    parser.add_argument("--only", choices=("development", "held", "real"))
    parser.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> None:
    given = options.data is not None or usual_folder().is_dir()
    data = data_folder(options.data) if given else None
    diarizer = Clustering.load(models_folder() / "voices")
    judged: list[Judged] = []
    seconds = spent = 0.0
    for part, mix, heard in _calls(data, options.only):
        began = process_time()
        found = diarizer.separate(mix.sound, heard)
        spent += process_time() - began
        seconds += sum(interval.duration for interval in heard.intervals)
        errors = measure(mix.truth, [voice.intervals for voice in found])
        judged.append(Judged(part, mix.kind, mix.name, len(mix.truth), len(found), errors))
    groups: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for call in judged:
        groups[call.part, call.kind].append(call)
        groups[call.part, "all"].append(call)
    rows = [_row(part, kind, calls) for (part, kind), calls in sorted(groups.items())]
    speed = round(spent / seconds * 60, 2) if seconds else None
    if options.json:
        calls = [{**asdict(call), **call.errors.shares()} for call in judged]
        print(json.dumps({"seconds_per_minute": speed, "sets": rows, "calls": calls}))
        return
    print(f"{'set':12} {'kind':15} calls  right  seconds  confusion   miss  false    DER")
    for row in rows:
        print(
            f"{row['set']:12} {row['kind']:15} {row['calls']:5} {row['right']:6}"
            f" {row['seconds']:8.0f} {row['confusion']:10.1%} {row['miss']:6.1%}"
            f" {row['false_alarm']:6.1%} {row['der']:6.1%}"
        )
    print(f"{speed} s of computing for a minute of speech")


def _row(part: str, kind: str, calls: Sequence[Judged]) -> dict[str, object]:
    errors = sum((call.errors for call in calls), Errors())
    return {
        "set": part,
        "kind": kind,
        "calls": len(calls),
        "right": sum(call.voices == call.found for call in calls),
        "seconds": round(errors.speech, 1),
        **errors.shares(),
    }


def _calls(data: Path | None, only: str | None) -> Iterator[tuple[str, Mix, Activity]]:
    """Each call with its set and when somebody is heard in it."""
    for half in ("development", "held"):
        if only in (None, half):
            acted = acted_mixes(data / "emotion", half) if data else []
            for mix in [*acted, *sample_mixes(half)]:
                spoken = union(interval for voice in mix.truth for interval in voice)
                yield half, mix, Activity(speaker="left", channel=0, intervals=spoken)
    if data and only in (None, "real"):
        for path in sorted((data / "calls").glob("*.stereo.flac")):
            mix = mixed(path, kind=path.stem[:15])
            yield "real", mix, find_activity(mix.sound)[0]
        for path in sorted((data / "calls").glob("*.rttm")):
            mix = _annotated(path)
            yield "real", mix, find_activity(mix.sound)[0]


def _annotated(path: Path) -> Mix:
    """A call with its truth in an RTTM file."""
    spoken: dict[str, list[Interval]] = defaultdict(list)
    for line in path.read_text().splitlines():
        fields = line.split()
        start, length = float(fields[3]), float(fields[4])
        spoken[fields[7]].append(Interval(start=start, end=start + length))
    with decode(path.with_suffix(".flac")) as audio:
        sound = Sound(audio.read(0, 0.0, audio.duration))
    return Mix(path.stem, path.stem[:15], sound, tuple(map(union, spoken.values())))


def measure(truth: Voices, found: Voices) -> Errors:
    """The errors of the voices found, paired with the truth's as fits best.

    As NIST's md-eval does, on a grid of 10 ms.
    """
    from scipy.optimize import linear_sum_assignment

    last = max((i.end for voice in (*truth, *found) for i in voice), default=0.0)
    judged = np.ones(round((last + COLLAR) / GRID) + 1, bool)
    for edge in (e for voice in truth for i in voice for e in (i.start, i.end)):
        judged[max(0, round((edge - COLLAR) / GRID)) : round((edge + COLLAR) / GRID)] = (
            False
        )
    spoken = _on_grid(truth, len(judged))[:, judged]
    told = _on_grid(found, len(judged))[:, judged]
    common = spoken.astype(int) @ told.T.astype(int)
    right = common[linear_sum_assignment(-common)].sum()
    voices, tellings = spoken.sum(axis=0), told.sum(axis=0)
    return Errors(
        speech=voices.sum() * GRID,
        confusion=(np.minimum(voices, tellings).sum() - right) * GRID,
        miss=np.maximum(voices - tellings, 0).sum() * GRID,
        false_alarm=np.maximum(tellings - voices, 0).sum() * GRID,
    )


def _on_grid(
    voices: Voices, length: int
) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    grid = np.zeros((len(voices), length), bool)
    for row, voice in zip(grid, voices, strict=True):
        for interval in voice:
            row[round(interval.start / GRID) : round(interval.end / GRID)] = True
    return grid
