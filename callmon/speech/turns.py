"""Joins segments into turns, and sets backchannels apart, as the coding scheme says.

A turn is consecutive segments of one voice as one party, joined while the other says
nothing but a backchannel. A recording in the agent's channel (an announcement, party
`other`) is a turn of its own. A pause alone never ends a turn: the scheme knows no longest
pause, and silences are found from the activity, not from the turns.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

from callmon.call import Activity, Interval, Role, Segment, Turn, Word
from callmon.intervals import intersection, seconds
from callmon.speech.words import mean_confidence

BACKCHANNELS = frozenset(
    {
        *("mm", "mmm", "mhm", "mm-hmm", "mm-hm", "mmhmm", "mhmm", "hm", "hmm", "hmmm"),
        *("uh-huh", "uh huh", "uhuh", "um-hmm", "um", "uh", "er", "ah", "oh", "aha"),
        *("yeah", "yes", "yep", "yup", "ya", "okay", "ok", "kay", "mkay", "alright"),
        *("all right", "right", "sure", "i see", "got it", "gotcha", "oh okay"),
    }
)
"""Listening signals without content. Not here, though short: "no" (an objection),
"thank you" (an act of its own), "I understand" and "sorry" (answers to a feeling)."""

MOST_WORDS = 3
"""Of a backchannel, by the coding scheme."""

VOCALISATION = 0.6
"""Seconds. A sound in which the model heard no word is taken for a backchannel when it is
no longer: listening signals last 0.3 to 0.5 s, which activity rounds up."""

MOMENT = 1.0
"""Seconds. A speaker who goes on this soon after a question was not waiting for its
answer: gaps between turns are mostly under 0.5 s (Stivers et al. 2009) and an answer
needs that gap twice, before it and after it."""

QUESTION_HEAD = 5
"""Words at the beginning of a sentence in which asking is looked for: after "and", "okay
so" or a name, but not in a clause ("I wonder what you can do")."""

QUESTION_TAIL = 12
"""Words at the end of a text without punctuation in which a question is looked for."""

_ASKING = re.compile(
    r"\b(?:(?:is|are|was|were|do|does|did|can|could|will|would|should|shall|may|have|has|"
    r"had|isn't|aren't|don't|didn't|can't|couldn't|won't|wouldn't)"
    r" (?:i|you|we|they|he|she|it|that|this|there|the|your|my|anyone|anybody|someone)"
    r"|(?:what|which|who|whose|when|where|why|how)"
    r"(?: (?:is|are|was|were|do|does|did|can|could|will|would|may|have|has|much|many|long|"
    r"about|time|day|kind)|'s|s)"
    r"|what your|is that)\b"
)


def build_turns(
    segments: Sequence[Segment],
    roles: Mapping[str, Role],
    activities: Sequence[Activity],
) -> tuple[Turn, ...]:
    """The turns of a call, sorted by start; without times in the order of the segments.

    A backchannel is a turn of its own, and the turn it is said in goes on. `roles` are by
    speaker; a speaker without one is `unknown`. `overlap` is measured on `activities`.
    """
    if all(segment.start is not None for segment in segments):
        segments = sorted(segments, key=_span)
    parts: list[tuple[list[Segment], bool]] = []
    floor: list[Segment] = []
    for segment, aside in zip(segments, _asides(segments), strict=True):
        if aside:
            parts.append(([segment], True))
        elif floor and _voice(floor[0]) == _voice(segment):
            floor.append(segment)
        else:
            floor = [segment]
            parts.append((floor, False))
    contested = _contested(activities)
    return tuple(
        _turn(index, part, roles, contested, backchannel=aside)
        for index, (part, aside) in enumerate(parts)
    )


def is_backchannel_text(text: str) -> bool:
    """Whether the words are at most three, and nothing but listening signals.

    >>> is_backchannel_text("Yeah, okay."), is_backchannel_text("Okay, my number")
    (True, False)
    """
    words = _plain(text).split()
    return 0 < len(words) <= MOST_WORDS and "?" not in text and _all_listed(words)


def is_question(text: str) -> bool:
    """Whether the last sentence of the text asks.

    By its question mark or, as recognisers often write none, by the words of asking:
    near the beginning of the last sentence, or near the end of a text without any
    punctuation.

    >>> is_question("Thank you. Is there anything else."), is_question("I see. Yes.")
    (True, False)
    """
    text = text.rstrip(" \"'”’)")
    if text.endswith("?"):
        return True
    words = _plain(re.split(r"(?<=[.!?])\s+", text)[-1]).split()
    where = words[:QUESTION_HEAD] if re.search(r"[.!?]", text) else words[-QUESTION_TAIL:]
    return bool(_ASKING.search(" ".join(where)))


def _asides(segments: Sequence[Segment]) -> list[bool]:
    """For each segment whether it is a backchannel."""
    asides: list[bool] = []
    before: Segment | None = None
    for segment, after in zip(segments, _following_floor(segments), strict=True):
        aside = before is not None and _is_aside(segment, before=before, after=after)
        asides.append(aside)
        if before is None or not (aside or _covers(before, segment)):
            before = segment
    return asides


def _is_aside(segment: Segment, *, before: Segment, after: Segment | None) -> bool:
    """Whether the segment is a backchannel between, or over, what another voice says.

    `before` has the floor, `after` is the next segment that is sure to take it.
    """
    if not _could_be(segment) or _voice(before) == _voice(segment):
        return False
    goes_on = after is not None and _voice(after) == _voice(before)
    if not goes_on and not _covers(before, segment):
        return False
    return not (is_question(before.text) and _waits(before, segment, after))


def _following_floor(segments: Sequence[Segment]) -> list[Segment | None]:
    """For each segment the next one that cannot be a backchannel."""
    following: list[Segment | None] = []
    ahead: Segment | None = None
    for segment in reversed(segments):
        following.append(ahead)
        if not _could_be(segment):
            ahead = segment
    return following[::-1]


def _could_be(segment: Segment) -> bool:
    """Whether the segment, alone, has the form of a backchannel."""
    if segment.text.strip():
        return is_backchannel_text(segment.text)
    if segment.start is None or segment.end is None:
        return False
    return segment.end - segment.start <= VOCALISATION


def _covers(long: Segment, short: Segment) -> bool:
    """Whether the one goes on while and after the other is said."""
    if long.start is None or long.end is None or short.start is None or short.end is None:
        return False
    return long.start < short.start and short.end < long.end


def _waits(asking: Segment, reply: Segment, after: Segment | None) -> bool:
    """Whether the asking voice leaves room for the reply: then it is an answer."""
    if _covers(asking, reply):
        return False
    if asking.end is None or after is None or after.start is None:
        return True
    return _voice(after) != _voice(asking) or after.start - asking.end > MOMENT


def _voice(segment: Segment) -> tuple[str, bool]:
    """Who is heard: the speaker, or a recording in the speaker's channel."""
    return segment.speaker, segment.party == "other"


def _turn(
    index: int,
    segments: Sequence[Segment],
    roles: Mapping[str, Role],
    contested: Mapping[str, Sequence[Interval]],
    *,
    backchannel: bool,
) -> Turn:
    speaker = segments[0].speaker
    role = _role(segments[0], roles)
    spans = [_span(segment) for segment in segments if segment.start is not None]
    words = [word for segment in segments for word in segment.words]
    return Turn(
        index=index,
        party=role.party,
        party_confidence=role.confidence,
        start=min((start for start, _ in spans), default=None),
        end=max((end for _, end in spans), default=None),
        text=" ".join(" ".join(segment.text for segment in segments).split()),
        words=tuple(sorted(words, key=_word_span)),
        speaker=speaker,
        backchannel=backchannel,
        overlap=_overlap(spans, contested.get(speaker, ())),
        confidence=mean_confidence(
            [part for segment in segments for part in segment.words or (segment,)]
        ),
    )


def _role(segment: Segment, roles: Mapping[str, Role]) -> Role:
    role = roles.get(segment.speaker, Role(party="unknown", confidence=0.0))
    if segment.party == "other" and role.party != "other":
        return Role(party="other", confidence=1.0)
    return role


def _contested(activities: Sequence[Activity]) -> dict[str, tuple[Interval, ...]]:
    """By speaker: the time in which the speaker and somebody else speak."""
    return {
        one.speaker: intersection(
            one.intervals,
            (i for other in activities if other is not one for i in other.intervals),
        )
        for one in activities
    }


def _overlap(spans: Sequence[tuple[float, float]], contested: Sequence[Interval]) -> float:
    """Seconds of the spans that are contested."""
    if not spans or not contested:
        return 0.0
    first = bisect_right(contested, spans[0][0], key=lambda interval: interval.end)
    latest = max(end for _, end in spans)
    last = bisect_left(contested, latest, key=lambda interval: interval.start)
    here = [Interval(start=start, end=end) for start, end in spans]
    return round(seconds(intersection(contested[first:last], here)), 3)


def _span(segment: Segment) -> tuple[float, float]:
    start = segment.start or 0.0
    return start, start if segment.end is None else segment.end


def _word_span(word: Word) -> tuple[float, float]:
    return word.start, word.end


def _plain(text: str) -> str:
    """Lower case, words and inner hyphens and apostrophes only."""
    return " ".join(re.findall(r"\w+(?:[-'’]\w+)*", text.casefold())).replace("’", "'")


def _all_listed(words: Sequence[str]) -> bool:
    """Whether the words are a row of listed signals, of one or two words each."""
    if not words:
        return True
    return any(
        " ".join(words[:length]) in BACKCHANNELS and _all_listed(words[length:])
        for length in (1, 2)
        if length <= len(words)
    )
