"""Clips are long enough for context, short enough for the model, and cut in pauses."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from callmon.call import Activity, Interval
from callmon.speech.recognition.clips import LONGEST_CLIP, MARGIN, Clip, cut_clips

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


def voice(*spans: tuple[float, float]) -> Activity:
    return Activity(
        speaker="left",
        channel=0,
        intervals=tuple(Interval(start=start, end=end) for start, end in spans),
    )


def clips(activity: Activity, *, seconds: float = 60.0, **limit: float) -> list[Clip]:
    sound = Sound(np.zeros(int(seconds * RATE), np.float32))
    return list(cut_clips(sound, [activity], **limit))


def spans(activity: Activity) -> list[tuple[float, float]]:
    return [(clip.start, clip.end) for clip in clips(activity)]


def test_neighbours_with_a_short_pause_are_heard_together() -> None:
    assert spans(voice((1.0, 2.0), (2.3, 3.0))) == [(1.0, 3.0)]


def test_a_clip_knows_its_pauses() -> None:
    (clip,) = clips(voice((1.0, 2.0), (2.3, 3.0)))
    assert [(i.start, i.end) for i in clip.speech] == [(1.0, 2.0), (2.3, 3.0)]
    assert clip.spoken == pytest.approx(1.7)


def test_a_long_pause_parts_two_clips() -> None:
    assert spans(voice((1.0, 2.0), (2.8, 3.0))) == [(1.0, 2.0), (2.8, 3.0)]


def test_a_long_run_is_cut_at_its_longest_pause() -> None:
    run = voice((0.0, 4.0), (4.1, 8.0), (8.4, 10.0), (10.1, 16.0))
    assert spans(run) == [(0.0, 8.0), (8.4, 16.0)]


def test_unbroken_speech_is_cut_at_its_quietest_moment() -> None:
    samples = np.full(20 * RATE, 0.5, np.float32)
    samples[9 * RATE : int(9.3 * RATE)] = 0.01
    first, second = cut_clips(Sound(samples), [voice((0.0, 20.0))])
    assert first.end == second.start
    assert first.end == pytest.approx(9.15, abs=0.06)


@pytest.mark.parametrize("longest", [4.0, 6.0, LONGEST_CLIP])
def test_no_clip_is_heard_for_longer_than_allowed(longest: float) -> None:
    found = clips(voice((0.0, 59.0)), longest=longest)
    assert max(clip.heard.duration for clip in found) <= longest + 1e-9
    assert sum(clip.spoken for clip in found) == pytest.approx(59.0)


def test_margins_take_at_most_half_of_the_pause() -> None:
    run = voice((0.0, 4.0), (4.1, 8.0), (8.3, 16.0))
    first, second = clips(run)
    assert (first.heard.start, first.heard.end) == pytest.approx((0.0, 8.15))
    assert (second.heard.start, second.heard.end) == pytest.approx((8.15, 16.0 + MARGIN))


def test_margins_stay_inside_the_recording() -> None:
    (clip,) = clips(voice((0.1, 9.95)), seconds=10.0)
    assert (clip.heard.start, clip.heard.end) == (0.0, 10.0)
