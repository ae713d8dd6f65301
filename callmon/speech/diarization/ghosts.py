"""Settles who speaks when: what a diarizer claims, within what was heard, less ghosts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from callmon.call import Interval
from callmon.intervals import difference, intersection, seconds, union

GHOST_SHARE = 0.02
GHOST_STRETCH = 2.0
"""A voice with less than this share of the speech, and no stretch of so many seconds, is
noise or a strange sound of another voice. An announcement or a second agent is not: those
speak for longer at a time."""


def share_out(
    heard: Iterable[Interval], claims: Mapping[str, Sequence[Interval]]
) -> list[tuple[Interval, ...]]:
    """The time in `heard`, shared out between the voices, in order of first speech.

    Voice activity says when somebody speaks, the diarizer says who: claims outside of
    `heard` are cut off. What no voice claims, or only a ghost, goes as a whole stretch to
    the voice that is nearest in time, the earlier of two as near, since a word lost is
    worse than a sound too many. Of time that two voices claim the one who speaks less
    keeps it, as that is mostly a word thrown in. Without claims there is one voice.
    """
    heard = union(heard)
    voices: list[tuple[Interval, ...]] = []
    taken: tuple[Interval, ...] = ()
    for _, claimed in sorted(claims.items(), key=lambda item: (seconds(item[1]), item[0])):
        voice = difference(intersection(claimed, heard), taken)
        if voice:
            voices.append(voice)
            taken = union((*taken, *voice))
    if not voices:
        return [heard]
    real = [voice for voice in voices if not is_ghost(voice, voices)]
    real = sorted(real or [max(voices, key=seconds)], key=lambda voice: voice[0].start)
    shares: list[list[Interval]] = [list(voice) for voice in real]
    settled = sorted(
        ((interval, owner) for owner, voice in enumerate(real) for interval in voice),
        key=lambda pair: pair[0].start,
    )
    starts = [interval.start for interval, _ in settled]
    for stretch in difference(heard, (interval for interval, _ in settled)):
        after = bisect_right(starts, stretch.start)
        beside = settled[max(after - 1, 0) : after + 1]
        _, owner = min(beside, key=lambda pair: _gap(pair[0], stretch))
        shares[owner].append(stretch)
    return sorted((union(share) for share in shares), key=lambda share: share[0].start)


def is_ghost(voice: Sequence[Interval], voices: Iterable[Sequence[Interval]]) -> bool:
    """Whether one of the voices speaks too little to be a person."""
    longest = max((interval.duration for interval in voice), default=0.0)
    share = seconds(voice) / sum(seconds(each) for each in voices)
    return share < GHOST_SHARE and longest < GHOST_STRETCH


def _gap(interval: Interval, stretch: Interval) -> float:
    """Seconds between two intervals that do not overlap."""
    return max(stretch.start - interval.end, interval.start - stretch.end)
