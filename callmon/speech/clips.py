"""Cuts a voice's activity into the clips that are handed to the speech model.

A clip is long enough to give the model context, short enough for its window, starts
and ends in a pause, and never holds another voice's speech between its own.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from callmon.call import Activity, Audio, Interval
from callmon.intervals import complement, union

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
    """A stretch of one voice that the model hears at once."""

    speaker: str
    channel: int
    speech: Interval
    """First to last moment of speech, by voice activity."""
    heard: Interval
    """`speech` with its margins: what the model is given."""


def cut_clips(audio: Audio, activities: Sequence[Activity]) -> tuple[Clip, ...]:
    """The clips of all voices, by voice, in order of time.

    Neighbouring intervals are joined over pauses up to JOINING_PAUSE unless another
    voice of the same channel speaks in between. What is longer than LONGEST_CLIP is cut
    at its longest pause, or, where it has none, at its quietest moment. The margins take
    at most half of the pause to whatever comes next on the channel.
    """
    clips: list[Clip] = []
    for activity in activities:
        beside = [
            interval
            for other in activities
            if other.channel == activity.channel and other.speaker != activity.speaker
            for interval in other.intervals
        ]
        pieces = [
            piece
            for phrase in _phrases(activity.intervals, beside)
            for piece in _pieces(audio, activity.channel, phrase)
        ]
        edges = [*pieces, *beside]
        starts = sorted(edge.start for edge in edges)
        ends = sorted(edge.end for edge in edges)
        clips.extend(
            Clip(
                speaker=activity.speaker,
                channel=activity.channel,
                speech=piece,
                heard=_with_margins(piece, starts, ends, duration=audio.duration),
            )
            for piece in pieces
        )
    return tuple(clips)


def _phrases(
    intervals: Sequence[Interval], beside: Sequence[Interval]
) -> list[tuple[Interval, ...]]:
    """Runs of intervals with only short pauses, and no other voice, between them."""
    phrases: list[list[Interval]] = []
    others = union(beside)
    at = 0
    for interval in union(intervals):
        last = phrases[-1][-1] if phrases else None
        while at < len(others) and last is not None and others[at].end <= last.end:
            at += 1
        crossed = at < len(others) and others[at].start < interval.start
        if last is None or crossed or interval.start - last.end > JOINING_PAUSE:
            phrases.append([interval])
        else:
            phrases[-1].append(interval)
    return [tuple(phrase) for phrase in phrases]


def _pieces(audio: Audio, channel: int, phrase: Sequence[Interval]) -> list[Interval]:
    """The phrase as stretches of at most LONGEST_CLIP seconds.

    Every cut falls into the second half of the longest clip that would be possible, so
    that none but the last becomes a crumb without context.
    """
    pieces: list[Interval] = []
    pauses = complement(phrase, start=phrase[0].start, end=phrase[-1].end)
    start, end = phrase[0].start, phrase[-1].end
    while end - start > LONGEST_CLIP:
        earliest, latest = start + LONGEST_CLIP / 2, start + LONGEST_CLIP
        here = [pause for pause in pauses if earliest <= pause.start <= latest]
        if here:
            pause = max(here, key=lambda pause: pause.duration)
        else:
            moment = _quietest(audio, channel, start=earliest, end=latest)
            pause = Interval(start=moment, end=moment)
        pieces.append(Interval(start=start, end=pause.start))
        start = pause.end
    pieces.append(Interval(start=start, end=end))
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


def _with_margins(
    piece: Interval, starts: Sequence[float], ends: Sequence[float], *, duration: float
) -> Interval:
    """The piece with its margins, none over half of the way to other speech.

    `starts` and `ends` are those of all speech on the channel, each sorted.
    """
    ended = bisect_right(ends, piece.start)
    before = piece.start - ends[ended - 1] if ended else inf
    to_come = bisect_left(starts, piece.end)
    after = starts[to_come] - piece.end if to_come < len(starts) else inf
    return Interval(
        start=max(0.0, piece.start - min(MARGIN, before / 2)),
        end=min(duration, piece.end + min(MARGIN, after / 2)),
    )
