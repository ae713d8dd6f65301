"""Removes words that were heard twice: in their own channel and, faintly, in the other.

The safety net behind the removal of leaking sound: what gets past that comes out of the
recogniser as the same words at the same time on both channels, fainter on one. People do
say the same short word at once ("okay"), so a few words are known for an echo by being
the same, and one or two only by an almost certain difference of level.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import NamedTuple

from callmon.call import Segment, Suppressed, Word
from callmon.speech.words import part_of

SAME_TIME = 0.5
"""Seconds between the starts of a word and its echo: 0.3 s of delay on the line, and 0.2 s
by which recognised times are wrong."""

A_FEW_WORDS = 3
"""Different words; reading back ("four, seven") comes seconds later than what it repeats,
and "yes, yes, yes" is one word."""
FAINTER = 6.0
"""dB that an echo of a few words is fainter by at least: no line sends back as much as
half of the amplitude, and callers would hang up on it."""

MUCH_FAINTER = 20.0
"""dB for one or two words. The level of a person's words spreads by some 5 dB, so that of
a difference between two people by 7 dB: three times that."""

BREATH = 1.0
"""Seconds between the words of a run: what is said after a longer pause is compared by
itself, because the pause would be measured with it."""

AUDIBLE = 0.4
"""Seconds over which a level is measured at least, two syllables: a word placed at the
very end of its speech is measured by the half that is speech, 3 dB too low at most."""

MOSTLY = 2 / 3
"""Share of a segment's words from which the others are the echo too, misheard."""

Loudness = Callable[[str, float, float], float]
"""Level in dB on a speaker's channel between two seconds, beside that speaker's ordinary
speech: about 0 while the speaker speaks, far below where somebody else is heard."""


class _Heard(NamedTuple):
    segment: int
    position: int
    """Of the word within the segment."""
    order: int
    """Among all words of the speaker."""
    word: Word
    plain: str


_Run = list[tuple[_Heard, _Heard]]


def drop_echoes(
    segments: Sequence[Segment], loudness: Loudness
) -> tuple[tuple[Segment, ...], tuple[Suppressed, ...]]:
    """The segments without echoed words, and what was left out with the reason `echo`.

    A run of words that two speakers seem to say at the same time is kept where it is
    louder. A segment of which only a part is an echo is cut into the parts that are not.
    Segments without words (a transcript without times) stay as they are.
    """
    echoed: dict[int, set[int]] = {}
    voices = {segment.speaker: None for segment in segments}
    for one, other in combinations(voices, 2):
        for run in _runs(_words(segments, one), _words(segments, other)):
            for heard in _echo(run, segments, loudness):
                echoed.setdefault(heard.segment, set()).add(heard.position)
    kept: list[Segment] = []
    suppressed: list[Suppressed] = []
    for index, segment in enumerate(segments):
        if index not in echoed:
            kept.append(segment)
            continue
        own, echo = _parted(segment, _filled(echoed[index], len(segment.words)))
        kept += own
        suppressed += echo
    return tuple(kept), tuple(suppressed)


def _words(segments: Sequence[Segment], speaker: str) -> list[_Heard]:
    """All words of a speaker by their start."""
    words = [
        (word.start, index, position, word)
        for index, segment in enumerate(segments)
        if segment.speaker == speaker
        for position, word in enumerate(segment.words)
    ]
    words.sort(key=lambda entry: entry[:3])
    return [
        _Heard(index, position, order, word, word.text.casefold().strip(" .,!?;:\"'-"))
        for order, (_, index, position, word) in enumerate(words)
    ]


def _runs(ones: Sequence[_Heard], others: Sequence[_Heard]) -> list[_Run]:
    """Pairs of the same word at the same time, in runs with one odd word between at most.

    One odd word, because the faint copy of a word is easily misheard.
    """
    runs: list[_Run] = []
    first = 0
    for one in ones:
        while first < len(others) and others[first].word.start < one.word.start - SAME_TIME:
            first += 1
        for other in others[first:]:
            if other.word.start > one.word.start + SAME_TIME:
                break
            if other.plain != one.plain:
                continue
            if runs and _goes_on(runs[-1][-1], one, other):
                runs[-1].append((one, other))
            else:
                runs.append([(one, other)])
            first = other.order + 1
            break
    return runs


def _goes_on(last: tuple[_Heard, _Heard], one: _Heard, other: _Heard) -> bool:
    """Whether the pair comes in one breath with the last one of a run."""
    return (
        one.order - last[0].order <= 2
        and other.order - last[1].order <= 2
        and one.word.start - last[0].word.end <= BREATH
    )


def _echo(run: _Run, segments: Sequence[Segment], loudness: Loudness) -> list[_Heard]:
    """The fainter side of the run; empty where both may be said."""
    sides = [[pair[0] for pair in run], [pair[1] for pair in run]]
    levels = [loudness(segments[side[0].segment].speaker, *_when(side)) for side in sides]
    enough = len({one.plain for one, _ in run}) >= A_FEW_WORDS
    if abs(levels[0] - levels[1]) < (FAINTER if enough else MUCH_FAINTER):
        return []
    return sides[0] if levels[0] < levels[1] else sides[1]


def _when(side: Sequence[_Heard]) -> tuple[float, float]:
    """From the first to the last word, in seconds; never under AUDIBLE.

    Words that found no room in the speech they were recognised in last no time at all.
    """
    start, end = side[0].word.start, max(heard.word.end for heard in side)
    missing = max(AUDIBLE - (end - start), 0.0)
    return start - missing / 2, end + missing / 2


def _filled(echoed: set[int], count: int) -> set[int]:
    """The echoed positions of a segment of `count` words, with the misheard ones."""
    if len(echoed) >= MOSTLY * count:
        return set(range(count))
    between = {at for at in range(count) if at - 1 in echoed and at + 1 in echoed}
    return echoed | between


def _parted(segment: Segment, echoed: set[int]) -> tuple[list[Segment], list[Suppressed]]:
    """The segment's own parts, and its echoed ones."""
    own: list[Segment] = []
    echo: list[Suppressed] = []
    first = 0
    for after in range(1, len(segment.words) + 1):
        if after < len(segment.words) and (after in echoed) == (first in echoed):
            continue
        words = segment.words[first:after]
        if first in echoed:
            echo.append(
                Suppressed(
                    speaker=segment.speaker,
                    start=words[0].start,
                    end=words[-1].end,
                    text=" ".join(word.text for word in words),
                    reason="echo",
                )
            )
        else:
            own.append(part_of(segment, words))
        first = after
    return own, echo
