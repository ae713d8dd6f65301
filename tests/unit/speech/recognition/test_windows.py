"""Clips are packed so that every word finds the way back to its own."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from callmon.call import Interval
from callmon.speech.recognition.clips import Clip
from callmon.speech.recognition.windows import PAUSE, pack, window_of

RATE = 16_000


class Steps:
    """Sound whose value is the second it stands in, plus a hundred per channel."""

    sample_rate = RATE
    channels = 2
    duration = 60.0

    def read(self, channel: int, start: float, end: float) -> NDArray[np.float32]:
        seconds = np.arange(round(start * RATE), round(end * RATE)) // RATE
        return np.asarray(100 * channel + seconds, dtype=np.float32)


def clip(start: float, end: float, *, channel: int = 0) -> Clip:
    span = Interval(start=start, end=end)
    return Clip(speaker="left", channel=channel, speech=(span,), heard=span)


def spans(clips: tuple[Clip, ...]) -> list[tuple[float, float]]:
    return [(clip.start, clip.end) for clip in clips]


def test_clips_share_a_window_as_long_as_it_has_place() -> None:
    clips = [clip(0, 10), clip(20, 30), clip(40, 51)]
    first, second = pack(clips, seconds=30)
    assert spans(first.clips) == [(0, 10), (20, 30)]
    assert spans(second.clips) == [(40, 51)]


def test_the_pauses_count_for_the_length_of_a_window() -> None:
    assert len(pack([clip(0, 12), clip(20, 32), clip(40, 46)], seconds=30)) == 2


def test_two_channels_never_share_a_window() -> None:
    windows = pack([clip(0, 2), clip(3, 5, channel=1)], seconds=30)
    assert [window.clips[0].channel for window in windows] == [0, 1]


def test_in_a_short_window_every_clip_is_alone() -> None:
    assert len(pack([clip(0, 1), clip(2, 3)], seconds=6)) == 2


def test_no_clips_need_no_window() -> None:
    assert pack([], seconds=30) == ()


def test_a_window_sounds_as_its_clips_with_silence_between() -> None:
    window = window_of([clip(5, 6), clip(9, 11)])
    sound = window.sound(Steps())
    assert len(sound) == round((3 + PAUSE) * RATE)
    gap = slice(RATE, RATE + round(PAUSE * RATE))
    assert set(sound[:RATE]) == {5}
    assert set(sound[gap]) == {0}
    assert set(sound[gap.stop :]) == {9, 10}


@pytest.mark.parametrize(
    ("start", "end", "index"),
    [
        (0.2, 0.6, 0),
        (0.8, 1.0 + PAUSE + 0.05, 0),
        (0.9, 1.9, 1),
        (1.05, 1.09, 1),
        (9, 9, 1),
    ],
)
def test_a_place_belongs_to_the_clip_it_shares_most_with(
    start: float, end: float, index: int
) -> None:
    assert window_of([clip(5, 6), clip(9, 11)]).clip_at(start, end) == index
