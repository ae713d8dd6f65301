"""What may be heard of the customer, and where one sentence ends and the next begins."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from callmon import intervals
from callmon.call import Activity, Interval, Turn

LEAST_PARTY_CONFIDENCE = 0.8
"""That a voice is the customer's, however low the roles themselves were set: an agent's
voice must not be read."""
LEAST_PART = 2.0
"""Seconds of activity in a part of a turn. A quarter of activity is pauses within speech
and soft endings at most, so that this leaves the speech that a measure needs."""
SENTENCE_ENDS = (".", "?", "!", "…")
NEAR = 0.3
"""Seconds between a sentence's end by its words and a pause that is taken for it: a
recogniser's times of words are off by so much, those of activity are not."""


@dataclass(frozen=True)
class Speech:
    """What may be heard of one customer turn."""

    turn: int
    speaker: str
    channel: int
    parts: tuple[tuple[Interval, ...], ...]
    """The customer's own, without those in which another voice is heard too; sentence by
    sentence in a long turn, else one part; none where nothing may be heard."""
    shared: float = 0.0
    """Share of the turn's speech that was left out because of another voice."""
    party_confidence: float = 1.0
    """That this is the customer, 0 to 1."""


def customer_speech(
    turns: Sequence[Turn], activities: Sequence[Activity]
) -> tuple[Speech, ...]:
    """Where the customer alone is heard, for each customer turn but backchannels.

    In the channel of the customer's voice this leaves out all times in which another
    voice is active there, and all turns of others that go by the same voice. Another
    channel does not disturb.
    """
    voices = {activity.speaker: activity for activity in activities}
    found: list[Speech] = []
    for turn in turns:
        if turn.party != "customer" or turn.backchannel:
            continue
        nothing = Speech(
            turn=turn.index,
            speaker=turn.speaker,
            channel=0,
            parts=(),
            party_confidence=turn.party_confidence,
        )
        voice = voices.get(turn.speaker)
        unsure = turn.party_confidence < LEAST_PARTY_CONFIDENCE
        if unsure or voice is None or turn.start is None or turn.end is None:
            found.append(nothing)
            continue
        own = intervals.clip(voice.intervals, start=turn.start, end=turn.end)
        others = [
            interval
            for activity in activities
            if activity.channel == voice.channel and activity is not voice
            for interval in activity.intervals
        ]
        others += [
            Interval(start=other.start, end=other.end)
            for other in turns
            if other.party != "customer"
            and voices.get(other.speaker) is voice
            and other.start is not None
            and other.end is not None
        ]
        alone = intervals.difference(own, others)
        spoken = intervals.seconds(own)
        shared = 1 - intervals.seconds(alone) / spoken if spoken else 0.0
        parts = cut(alone, sentence_ends(turn))
        found.append(replace(nothing, channel=voice.channel, parts=parts, shared=shared))
    return tuple(found)


def sentence_ends(turn: Turn) -> tuple[float, ...]:
    """Seconds between the words of two sentences; none where no words tell them."""
    return tuple(
        (word.end + following.start) / 2
        for word, following in pairwise(turn.words)
        if word.text.rstrip("\"'”’) ").endswith(SENTENCE_ENDS)
    )


def cut(
    spoken: Sequence[Interval], ends: Sequence[float]
) -> tuple[tuple[Interval, ...], ...]:
    """Speech in parts that end where sentences do, else in pauses.

    Each has at least `LEAST_PART` seconds, or it is the only one.
    """
    sentences = _at(sorted(ends), spoken) if ends else [[phrase] for phrase in spoken]
    parts: list[tuple[Interval, ...]] = []
    for sentence in sentences:
        if parts and _short(parts[-1]):
            parts[-1] = intervals.union((*parts[-1], *sentence))
        else:
            parts.append(tuple(sentence))
    if len(parts) > 1 and _short(parts[-1]):
        rest = parts.pop()
        parts[-1] = intervals.union((*parts[-1], *rest))
    return tuple(parts)


def _at(ends: Iterable[float], spoken: Sequence[Interval]) -> list[list[Interval]]:
    """The intervals, cut at the ends of sentences or in the pauses that are near these."""
    coming = deque(ends)
    sentences: list[list[Interval]] = [[]]
    for interval in spoken:
        start = interval.start
        while coming and coming[0] < interval.end:
            end = coming.popleft()
            if interval.end - end < NEAR:
                end = interval.end
            if end - start >= NEAR:
                sentences[-1].append(Interval(start=start, end=end))
                start = end
            if sentences[-1]:
                sentences.append([])
        if start < interval.end:
            sentences[-1].append(Interval(start=start, end=interval.end))
    return [sentence for sentence in sentences if sentence]


def _short(part: Iterable[Interval]) -> bool:
    return sum(interval.duration for interval in part) < LEAST_PART
