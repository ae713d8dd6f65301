"""The separation of two voices, measured on a mono mix of a real stereo call."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from callmon.call import Activity, Interval
from callmon.intervals import difference, intersection, seconds, union
from callmon.speech.diarize import by_voice

RATE = 16_000
COLLAR = 0.25
"""Seconds on either side of a reference border that are not judged."""


class Sound:
    sample_rate = RATE
    channels = 1

    def __init__(self, samples: NDArray[np.float32]) -> None:
        self.samples = samples

    @property
    def duration(self) -> float:
        return len(self.samples) / RATE

    def read(self, channel: int, start: float, end: float) -> NDArray[np.float32]:
        return self.samples[round(start * RATE) : round(end * RATE)]


def speech(samples: NDArray[np.float32]) -> tuple[Interval, ...]:
    from faster_whisper.vad import get_speech_timestamps

    found = get_speech_timestamps(samples, min_silence_duration_ms=250, speech_pad_ms=120)
    return tuple(Interval(start=s["start"] / RATE, end=s["end"] / RATE) for s in found)


def confusion(
    found: tuple[Activity, ...], truth: tuple[tuple[Interval, ...], tuple[Interval, ...]]
) -> float:
    """Share of the speech of one voice alone that is given to the other."""
    borders = [
        Interval(start=edge - COLLAR, end=edge + COLLAR)
        for voice in truth
        for interval in voice
        for edge in (interval.start, interval.end)
    ]
    judged = [
        difference(difference(voice, other), union(borders))
        for voice, other in (truth, truth[::-1])
    ]
    shares = [
        [seconds(intersection(voice.intervals, alone)) for alone in judged]
        for voice in found
    ]
    total = sum(sum(row) for row in shares)
    crossed = shares[0][1] + shares[1][0]
    return min(crossed, total - crossed) / total


@pytest.mark.timeout(300)
def test_few_seconds_of_a_real_call_go_to_the_wrong_voice(shared: Path) -> None:
    from faster_whisper.audio import decode_audio

    call = shared / "calls" / "auto-repair-40.stereo.flac"
    left, right = decode_audio(str(call), sampling_rate=RATE, split_stereo=True)
    mix = left + right
    found = by_voice(Sound(mix), Activity(speaker="mono", channel=0, intervals=speech(mix)))
    assert len(found) == 2
    assert confusion(found, (speech(left), speech(right))) < 0.10
