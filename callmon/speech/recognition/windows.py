"""Packs clips into the windows that the speech model hears at once.

A Whisper model computes a window of its own fixed length (30 s for the published ones),
however little of it is speech. Filling it with clips of the same channel, and leaving
out the silence between them, is what makes transcription fast.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callmon.call import Audio, Interval
from callmon.speech.recognition.clips import LONGEST_CLIP, Clip

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PAUSE = 0.1
"""Seconds of silence between two clips: with a margin on either side it makes the pause
that parts two phrases, so that a word's place tells its clip."""


@dataclass(frozen=True)
class Window:
    """Clips of one channel, one after the other with a pause between them."""

    clips: tuple[Clip, ...]
    places: tuple[Interval, ...]
    """Where each clip is heard, in seconds from the window's start."""

    @property
    def duration(self) -> float:
        return self.places[-1].end

    def sound(self, audio: Audio) -> NDArray[np.float32]:
        """What the model hears, shape (n,)."""
        import numpy as np

        sound = np.zeros(round(self.duration * audio.sample_rate), dtype=np.float32)
        for clip, place in zip(self.clips, self.places, strict=True):
            at = round(place.start * audio.sample_rate)
            heard = audio.read(clip.channel, clip.heard.start, clip.heard.end)
            heard = heard[: len(sound) - at]
            sound[at : at + len(heard)] = heard
        return sound

    def clip_at(self, start: float, end: float) -> int:
        """Index of the clip that shares the most time with [start, end), else nearest."""

        def common(place: Interval) -> float:
            # Below zero where they are apart: the shorter the way, the better.
            return min(end, place.end) - max(start, place.start)

        return max(range(len(self.clips)), key=lambda index: common(self.places[index]))


def window_of(clips: Iterable[Clip]) -> Window:
    """One window with these clips, in their order."""
    clips = tuple(clips)
    places: list[Interval] = []
    at = 0.0
    for clip in clips:
        places.append(Interval(start=at, end=at + clip.heard.duration))
        at = places[-1].end + PAUSE
    return Window(clips=clips, places=tuple(places))


def pack(clips: Iterable[Clip], *, seconds: float) -> tuple[Window, ...]:
    """Windows of at most `seconds` with the clips in their order, never two channels'.

    A model whose window is no longer than LONGEST_CLIP was made for single phrases: it
    hears each clip alone. (The demo model, on four of the sample calls: 7.8 % word errors
    alone, 10.9 % packed.)
    """
    if seconds <= LONGEST_CLIP:
        return tuple(window_of([clip]) for clip in clips)
    windows: list[Window] = []
    waiting: list[Clip] = []
    taken = 0.0
    for clip in clips:
        longer = taken + PAUSE + clip.heard.duration
        if waiting and waiting[-1].channel == clip.channel and longer <= seconds:
            taken = longer
            waiting.append(clip)
            continue
        if waiting:
            windows.append(window_of(waiting))
        waiting, taken = [clip], clip.heard.duration
    if waiting:
        windows.append(window_of(waiting))
    return tuple(windows)
