"""Cuts a voice's activity into the clips that are given words.

A clip is long enough to give the model context, short enough for its window, and starts
and ends in a pause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from callmon.call import Activity, Audio, Interval
from callmon.intervals import clip, complement, seconds, union

LONGEST_CLIP = 12.0
"""Seconds. Whisper hears at most 30 s at once; small models lose their place earlier,
and a call has a pause to cut at within any 12 s in practice."""

JOINING_PAUSE = 0.5
"""Seconds. Pauses inside a phrase are shorter; a longer one ends it (the usual threshold
between inter-pausal units lies at 0.2 to 0.5 s)."""

MARGIN = 0.2
"""Seconds added at both ends: voice activity clips soft first and last consonants."""

LOUDNESS_WINDOW = 0.2
"""Seconds over which the quietest moment of unbroken speech is sought: about a syllable,
so that the cut does not fall into the closure of a single stop consonant."""


@dataclass(frozen=True)
class Clip:
    """A phrase of one voice."""

    speaker: str
    channel: int
    speech: tuple[Interval, ...]
    """When the voice speaks, by voice activity; at least one interval."""
    heard: Interval
    """From the first to the last moment of speech, with margins: what the model hears."""

    @property
    def start(self) -> float:
        return self.speech[0].start

    @property
    def end(self) -> float:
        return self.speech[-1].end

    @property
    def spoken(self) -> float:
        """Seconds of speech."""
        return seconds(self.speech)


def cut_clips(
    audio: Audio, activities: Sequence[Activity], *, longest: float = LONGEST_CLIP
) -> tuple[Clip, ...]:
    """The clips of all voices, by voice, in order of time.

    Neighbouring intervals are joined over pauses up to JOINING_PAUSE. What is heard
    longer than `longest` seconds is cut at its longest pause, or, where it has none, at
    its quietest moment. The margins take at most half of the pause to the next clip.
    """
    clips: list[Clip] = []
    for activity in activities:
        pieces = [
            piece
            for phrase in _phrases(activity.intervals)
            for piece in _pieces(
                audio, activity.channel, phrase, longest=longest - 2 * MARGIN
            )
        ]
        # seconds from each piece to the next, with open ends before and after them
        gaps = [inf, *(b[0].start - a[-1].end for a, b in pairwise(pieces)), inf]
        clips.extend(
            Clip(
                speaker=activity.speaker,
                channel=activity.channel,
                speech=piece,
                heard=Interval(
                    start=max(0.0, piece[0].start - min(MARGIN, before / 2)),
                    end=min(audio.duration, piece[-1].end + min(MARGIN, after / 2)),
                ),
            )
            for piece, before, after in zip(pieces, gaps, gaps[1:], strict=False)
        )
    return tuple(clips)


def _phrases(intervals: Sequence[Interval]) -> list[tuple[Interval, ...]]:
    """Runs of intervals with only short pauses between them."""
    phrases: list[list[Interval]] = []
    for interval in union(intervals):
        if phrases and interval.start - phrases[-1][-1].end <= JOINING_PAUSE:
            phrases[-1].append(interval)
        else:
            phrases.append([interval])
    return [tuple(phrase) for phrase in phrases]


def _pieces(
    audio: Audio, channel: int, phrase: Sequence[Interval], *, longest: float
) -> list[tuple[Interval, ...]]:
    """The phrase in stretches of at most `longest` seconds.

    Every cut falls into the second half of the longest clip that would be possible, so
    that none but the last becomes a crumb without context.
    """
    pieces: list[tuple[Interval, ...]] = []
    pauses = complement(phrase, start=phrase[0].start, end=phrase[-1].end)
    start, end = phrase[0].start, phrase[-1].end
    while end - start > longest:
        earliest, latest = start + longest / 2, start + longest
        here = [pause for pause in pauses if earliest <= pause.start <= latest]
        if here:
            pause = max(here, key=lambda pause: pause.duration)
        else:
            moment = _quietest(audio, channel, start=earliest, end=latest)
            pause = Interval(start=moment, end=moment)
        pieces.append(clip(phrase, start=start, end=pause.start))
        start = pause.end
    pieces.append(clip(phrase, start=start, end=end))
    return pieces


def _quietest(audio: Audio, channel: int, *, start: float, end: float) -> float:
    """The middle of the quietest LOUDNESS_WINDOW in [start, end), in seconds."""
    import numpy as np

    samples = audio.read(channel, start, end).astype(np.float64)
    width = int(LOUDNESS_WINDOW * audio.sample_rate)
    if len(samples) <= width:
        return (start + end) / 2
    energy = np.concatenate([[0.0], np.cumsum(samples**2)])
    quietest = int(np.argmin(energy[width:] - energy[:-width]))
    return start + (quietest + width / 2) / audio.sample_rate
