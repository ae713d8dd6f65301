"""Lays words over voices: whose each word is, and which label is which voice."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby, pairwise

from callmon.call import Activity, Interval, Segment, Word
from callmon.intervals import intersection, seconds
from callmon.speech.words import part_of

SENTENCE_ENDS = (".", "?", "!", "…", "。", "？", "！")
CLOSING = "\"'”’»)"

SNAP = 0.3
"""Seconds of words that a change of voice moves over to meet the end of a sentence. Word
times are off by 0.05 s in the median, but by 0.2 s in one of ten, and so are the borders
of voices; people mostly change over between sentences."""

SHORT_WORD = 0.4
"""Seconds: "yes", "mhm" and the little words of a sentence."""

OWN_SHARE = 0.5
"""Share of a short word that must lie in the other voice's own time for it to be a word
thrown in."""


def give_words(
    segments: Sequence[Segment], voices: Sequence[Activity]
) -> tuple[Segment, ...]:
    """The segments of one channel, shared out between the voices heard in it.

    Each word goes to the voice with the largest common time, else to the nearest one.
    Changes of voice move to the end of a sentence that is near, and a short word inside a
    sentence of another voice stays there unless its own voice speaks at that time. Words
    of one voice that follow each other in a segment are a segment, and every word is in
    exactly one. A segment without words goes as a whole, by the same rule; one without
    times, or without a voice to go to, stays as it is.
    """
    given: list[Segment] = []
    for segment in segments:
        if not voices or segment.start is None or segment.end is None:
            given.append(segment)
        elif not segment.words:
            owner = _owner(segment.start, segment.end, voices)
            given.append(segment.model_copy(update={"speaker": owner.speaker}))
        else:
            given += _shared(segment, voices)
    return tuple(sorted(given, key=lambda s: (s.start is None, s.start or 0.0)))


def _shared(segment: Segment, voices: Sequence[Activity]) -> list[Segment]:
    """The segment in parts of one voice each."""
    words = segment.words
    owners = [_owner(word.start, word.end, voices) for word in words]
    owners = _snapped(words, _without_islands(words, owners))
    if len({owner.speaker for owner in owners}) == 1:
        return [segment.model_copy(update={"speaker": owners[0].speaker})]
    pairs = zip(owners, words, strict=True)
    return [
        part_of(segment, [word for _, word in pair]).model_copy(update={"speaker": speaker})
        for speaker, pair in groupby(pairs, key=lambda pair: pair[0].speaker)
    ]


def _owner(start: float, end: float, voices: Sequence[Activity]) -> Activity:
    """The voice with the largest common time, else the nearest in time."""
    return max(
        voices,
        key=lambda voice: (_common(start, end, voice), -_distance(start, end, voice)),
    )


def _common(start: float, end: float, voice: Activity) -> float:
    """Seconds of the voice in a stretch of time."""
    total = 0.0
    for interval in reversed(voice.intervals[: _begun(end, voice)]):
        if interval.end <= start:
            break
        total += max(0.0, min(end, interval.end) - max(start, interval.start))
    return total


def _distance(start: float, end: float, voice: Activity) -> float:
    """Seconds from a stretch of time to the voice; below zero where they overlap."""
    after = _begun(end, voice)
    return min(
        (
            max(interval.start - end, start - interval.end)
            for interval in voice.intervals[max(after - 1, 0) : after + 1]
        ),
        default=float("inf"),
    )


def _begun(time: float, voice: Activity) -> int:
    """The number of times that the voice has begun to speak before a time."""
    return bisect_left(voice.intervals, time, key=lambda interval: interval.start)


def _without_islands(words: Sequence[Word], owners: Sequence[Activity]) -> list[Activity]:
    """One short word inside a sentence of another voice belongs to it, mostly."""
    settled = list(owners)
    for index in range(1, len(words) - 1):
        before, word, own = settled[index - 1], words[index], owners[index]
        length = word.end - word.start
        if (
            own != before
            and before == owners[index + 1]
            and length <= SHORT_WORD
            and not _ends_sentence(words[index - 1])
            and _common(word.start, word.end, own) <= OWN_SHARE * length
        ):
            settled[index] = before
    return settled


def _snapped(words: Sequence[Word], owners: Sequence[Activity]) -> list[Activity]:
    """Changes of voice, moved to the nearest end of a sentence within reach."""
    settled = list(owners)
    # A sentence's end: the index of the word after it.
    ends = [n for n, word in enumerate(words[:-1], start=1) if _ends_sentence(word)]
    changes = [n for n, (a, b) in enumerate(pairwise(owners), start=1) if a != b]
    first = 1
    for change, following in zip(changes, [*changes, len(words)][1:], strict=True):
        # Never past another change: each voice keeps a word of its own.
        within = [end for end in ends if first <= end < following]
        nearest = min(within, key=lambda end: _moved(words, change, end), default=change)
        if _moved(words, change, nearest) > SNAP:
            nearest = change
        settled[nearest:change] = [owners[change]] * (change - nearest)
        settled[change:nearest] = [owners[change - 1]] * (nearest - change)
        first = nearest + 1
    return settled


def _moved(words: Sequence[Word], change: int, end: int) -> float:
    """Seconds of words between a change of voice and the end of a sentence."""
    moved = words[min(change, end) : max(change, end)]
    return moved[-1].end - moved[0].start if moved else 0.0


def _ends_sentence(word: Word) -> bool:
    return word.text.strip().rstrip(CLOSING).endswith(SENTENCE_ENDS)


def match_voices(
    segments: Sequence[Segment], voices: Sequence[Activity]
) -> tuple[Segment, ...]:
    """The segments with their speakers renamed to the voices that speak at their times.

    Labels take voices greedily, the largest common time first, one voice to one label.
    A label that no voice is left for (more labels than voices), or whose segments have
    no times, keeps its own name, set apart where a voice has the same.
    """
    times: dict[str, list[Interval]] = defaultdict(list)
    for segment in segments:
        if segment.start is not None and segment.end is not None:
            times[segment.speaker].append(Interval(start=segment.start, end=segment.end))
    common = sorted(
        (
            (seconds(intersection(intervals, voice.intervals)), label, voice.speaker)
            for label, intervals in times.items()
            for voice in voices
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    voice_of: dict[str, str] = {}
    for shared, label, voice_name in common:
        if shared > 0 and label not in voice_of and voice_name not in voice_of.values():
            voice_of[label] = voice_name
    taken = {voice.speaker for voice in voices}
    return tuple(
        segment.model_copy(
            update={
                "speaker": voice_of.get(
                    segment.speaker,
                    f"{segment.speaker} (transcript)"
                    if segment.speaker in taken
                    else segment.speaker,
                )
            }
        )
        for segment in segments
    )
