"""Clips are long enough for context, short enough for the model, and one voice's own."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from callmon.call import Activity, Interval
from callmon.speech.clips import LONGEST_CLIP, MARGIN, Clip, cut_clips

RATE = 16_000


class Sound:
    """Sound in memory, one channel."""

    sample_rate = RATE
    channels = 1

    def __init__(self, samples: NDArray[np.float32]) -> None:
        self.samples = samples

    @property
    def duration(self) -> float:
        return len(self.samples) / RATE

    def read(self, channel: int, start: float, end: float) -> NDArray[np.float32]:
        return self.samples[round(start * RATE) : round(end * RATE)]


def voice(*spans: tuple[float, float], speaker: str = "left") -> Activity:
    return Activity(
        speaker=speaker,
        channel=0,
        intervals=tuple(Interval(start=start, end=end) for start, end in spans),
    )


def clips(*activities: Activity, seconds: float = 60.0) -> list[Clip]:
    return list(cut_clips(Sound(np.zeros(int(seconds * RATE), np.float32)), activities))


def speech(*activities: Activity) -> list[tuple[float, float]]:
    return [(clip.speech.start, clip.speech.end) for clip in clips(*activities)]


def test_neighbours_with_a_short_pause_are_heard_together() -> None:
    assert speech(voice((1.0, 2.0), (2.3, 3.0))) == [(1.0, 3.0)]


def test_a_long_pause_parts_two_clips() -> None:
    assert speech(voice((1.0, 2.0), (2.8, 3.0))) == [(1.0, 2.0), (2.8, 3.0)]


def test_no_clip_holds_another_voice_of_its_channel() -> None:
    one = voice((1.0, 2.0), (2.4, 3.0), speaker="speaker 1")
    other = voice((2.1, 2.3), speaker="speaker 2")
    assert speech(one, other) == [(1.0, 2.0), (2.4, 3.0), (2.1, 2.3)]


def test_a_long_run_is_cut_at_its_longest_pause() -> None:
    run = voice((0.0, 4.0), (4.1, 8.0), (8.4, 10.0), (10.1, 16.0))
    assert speech(run) == [(0.0, 8.0), (8.4, 16.0)]


def test_unbroken_speech_is_cut_at_its_quietest_moment() -> None:
    samples = np.full(20 * RATE, 0.5, np.float32)
    samples[9 * RATE : int(9.3 * RATE)] = 0.01
    first, second = cut_clips(Sound(samples), [voice((0.0, 20.0))])
    assert first.speech.end == second.speech.start
    assert first.speech.end == pytest.approx(9.15, abs=0.06)


def test_no_clip_is_too_long_however_long_the_speech() -> None:
    found = clips(voice((0.0, 59.0)))
    assert max(clip.speech.duration for clip in found) <= LONGEST_CLIP
    assert sum(clip.speech.duration for clip in found) == pytest.approx(59.0)


def test_margins_take_at_most_half_of_the_way_to_other_speech() -> None:
    one = voice((1.0, 2.0), speaker="speaker 1")
    other = voice((2.1, 3.0), speaker="speaker 2")
    first, second = clips(one, other)
    assert (first.heard.start, first.heard.end) == pytest.approx((1.0 - MARGIN, 2.05))
    assert (second.heard.start, second.heard.end) == pytest.approx((2.05, 3.0 + MARGIN))


def test_margins_stay_inside_the_recording() -> None:
    (clip,) = clips(voice((0.1, 9.95)), seconds=10.0)
    assert (clip.heard.start, clip.heard.end) == (0.0, 10.0)
