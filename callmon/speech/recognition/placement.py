"""Puts recognised words where their speaker is heard, and sets aside the others.

Attention-based alignment is off by some tenths of a second: it stretches words over
pauses and starts them before anybody speaks. Voice activity knows when that cannot be.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from callmon.call import Interval, Segment, Suppressed, SuppressedReason, Word
from callmon.speech.recognition.clips import Clip
from callmon.speech.recognition.inventions import find_loop, why_invented
from callmon.speech.recognition.windows import Window
from callmon.speech.words import mean_confidence

LONGEST_WORD = 2.0
"""Seconds. Nobody speaks one word for longer outside of song."""

STRAY = 0.5
"""Seconds. A word that is aligned wholly further than this from the clip's speech was
said by nobody; true words are rarely off by half as much."""

UNHEARD = 1.0
"""Seconds of speech without a word that are odd; less is often a breath or an "mm", which
Whisper leaves out."""


def words_by_clip(window: Window, words: Sequence[Word]) -> tuple[tuple[Word, ...], ...]:
    """The words of each clip in the call's time, given their places in the window."""
    given: list[list[Word]] = [[] for _ in window.clips]
    for word in words:
        index = window.clip_at(word.start, word.end)
        shift = window.clips[index].heard.start - window.places[index].start
        given[index].append(
            word.model_copy(update={"start": word.start + shift, "end": word.end + shift})
        )
    return tuple(map(tuple, given))


def is_doubtful(clip: Clip, words: Sequence[Word], *, no_speech: float) -> bool:
    """Whether a clip's words are so odd that it is worth hearing again, alone."""
    if not words:
        return clip.spoken >= UNHEARD
    return (
        find_loop(words) is not None
        or why_invented(words, spoken=clip.spoken, no_speech=no_speech) is not None
    )


def settle(
    clip: Clip, words: Sequence[Word], *, no_speech: float
) -> tuple[Segment, tuple[Suppressed, ...]]:
    """The clip as a segment, and what was recognised in it but not said.

    `words` have the call's times. Those of the segment lie each in one interval of the
    clip's speech and follow each other; its confidence is their length-weighted mean.
    """
    kept: list[Word] = []
    dropped: list[Suppressed] = []

    def drop(first: int, last: int, reason: SuppressedReason) -> None:
        dropped.append(_suppressed(clip, kept[first:last], reason))
        del kept[first:last]

    for stray, run in groupby(words, key=lambda word: _is_stray(word, clip)):
        first = len(kept)
        kept.extend(run)
        if stray:
            drop(first, len(kept), "nobody_speaks")
    while loop := find_loop(kept):
        drop(*loop, "loop")
    if reason := why_invented(kept, spoken=clip.spoken, no_speech=no_speech):
        drop(0, len(kept), reason)
    return _segment(clip, place(kept, clip.speech)), tuple(dropped)


def place(words: Sequence[Word], speech: Sequence[Interval]) -> tuple[Word, ...]:
    """The words, each inside the interval of speech that it shares the most time with.

    They keep their order, do not overlap, and none is longer than LONGEST_WORD; a word
    without a place of its own takes no time, at the end of the one before it.
    """
    placed: list[Word] = []
    current, at = 0, speech[0].start
    for word in words:
        # The nearest of those not yet passed; the earlier one where two are as near.
        current = max(
            range(current, len(speech)),
            key=lambda index: (
                min(word.end, speech[index].end) - max(word.start, speech[index].start)
            ),
        )
        here = speech[current]
        at = max(at, here.start)
        start = min(max(word.start, at), here.end)
        end = min(max(word.end, start), start + LONGEST_WORD, here.end)
        placed.append(word.model_copy(update={"start": start, "end": end}))
        at = end
    return tuple(placed)


def _is_stray(word: Word, clip: Clip) -> bool:
    return word.end < clip.start - STRAY or word.start > clip.end + STRAY


def _segment(clip: Clip, words: Sequence[Word]) -> Segment:
    return Segment(
        speaker=clip.speaker,
        start=clip.start,
        end=clip.end,
        text=" ".join(word.text for word in words),
        words=tuple(words),
        confidence=mean_confidence(words),
    )


def _suppressed(clip: Clip, words: Sequence[Word], reason: SuppressedReason) -> Suppressed:
    return Suppressed(
        speaker=clip.speaker,
        start=words[0].start,
        end=max(words[0].start, words[-1].end),
        text=" ".join(word.text for word in words),
        reason=reason,
    )
