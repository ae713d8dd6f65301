"""Measures telling two voices apart: `python scripts/evaluate.py voices --data FOLDER`.

Calls with two channels are mixed to one, and the voice activity of their channels is the
truth; a call with an RTTM file beside it has its truth there. Only speech of one voice
alone counts, and 0.25 s around every border of the truth are not judged (the usual
collar).
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from evaluate_tone import Sound

from callmon.audio.activity import find_activity
from callmon.audio.decode import decode
from callmon.call import Activity, Interval
from callmon.intervals import difference, intersection, seconds, union
from callmon.samples import samples
from callmon.speech.diarize import by_voice

COLLAR = 0.25


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, help="folder with calls/*.stereo.flac and calls/*.rttm"
    )


def run(options: argparse.Namespace) -> None:
    stereo = [s.recording for s in samples() if s.dialogue["channels"] == 2]
    calls = options.data / "calls" if options.data else None
    stereo += sorted(calls.glob("*.stereo.flac")) if calls else []
    print(f"{'call':28} judged s  wrong voice")
    for path in stereo:
        _report(path.name, *_mixed(path))
    for truth in sorted(calls.glob("*.rttm")) if calls else []:
        _report(truth.name, *_annotated(truth))


def _mixed(path: Path) -> tuple[Sequence[Activity], list[Sequence[Interval]]]:
    with decode(path) as audio:
        truth = [activity.intervals for activity in find_activity(audio)]
        mix = audio.read(0, 0, audio.duration) + audio.read(1, 0, audio.duration)
    sound = Sound(mix / 2)
    return by_voice(sound, find_activity(sound)[0]), truth


def _annotated(path: Path) -> tuple[Sequence[Activity], list[Sequence[Interval]]]:
    spoken: dict[str, list[Interval]] = defaultdict(list)
    for line in path.read_text().splitlines():
        fields = line.split()
        start, length = float(fields[3]), float(fields[4])
        spoken[fields[7]].append(Interval(start=start, end=start + length))
    with decode(path.with_suffix(".flac")) as audio:
        found = by_voice(audio, find_activity(audio)[0])
    return found, [union(intervals) for intervals in spoken.values()]


def _report(
    name: str, found: Sequence[Activity], truth: Sequence[Sequence[Interval]]
) -> None:
    if len(found) != 2 or len(truth) != 2:
        print(f"{name:28} {len(found)} voices found, {len(truth)} in truth")
        return
    borders = [
        Interval(start=edge - COLLAR, end=edge + COLLAR)
        for voice in truth
        for interval in voice
        for edge in (interval.start, interval.end)
    ]
    alone = [
        difference(difference(voice, other), borders)
        for voice, other in (truth, truth[::-1])
    ]
    share = [[seconds(intersection(f.intervals, a)) for a in alone] for f in found]
    judged = sum(map(sum, share))
    crossed = share[0][1] + share[1][0]
    print(f"{name:28} {judged:8.1f}  {min(crossed, judged - crossed) / judged:11.1%}")
