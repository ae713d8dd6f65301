"""Sets apart what machines say: menus, queues, recorded notices, voicemail greetings.

They are heard on a party's channel, and in one channel they are easily taken for a
party's voice, but nobody in the conversation said them.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise

from callmon.call import Activity, Interval, Segment, Value
from callmon.intervals import difference, intersection

ANNOUNCEMENT = " (announcement)"
"""What is added to a voice's name for what a machine says in it."""

MOST_BETWEEN = 2
"""Segments without a sign of a person, between two of a machine, that are its too: an item
of a menu, or half a sentence. Machines speak in rows; three are a conversation."""

REMAINDER = 0.2
"""Share of a voice's words. When no more than this is left over, and nothing in it is a
person's, the voice is a machine's as a whole."""


class Phrase(Value):
    """Words of a machine, or of a person."""

    pattern: str
    """A regular expression over plain words."""
    examples: tuple[str, ...]


class Phrases(Value):
    """What tells a machine from a person."""

    language: str
    always: tuple[Phrase, ...]
    """A machine's, whoever it speaks as."""
    sure: tuple[Phrase, ...]
    """Said by machines alone, when no word of a person is near."""
    likely: tuple[Phrase, ...]
    """Said by people too: they count beside sure ones."""
    person: tuple[Phrase, ...]
    """Said by people alone."""


def set_announcements_apart(
    segments: Sequence[Segment], voices: Sequence[Activity] = ()
) -> tuple[tuple[Segment, ...], tuple[Activity, ...]]:
    """The segments and voices with announcements as voices of their own.

    What a machine says in the voice `left` becomes the voice `left (announcement)`, and
    takes its time out of the activity of `left`. Segments that a transcript labels with a
    party stay as they are. The order of the segments does not change.
    """
    said = {
        place
        for places in _by_speaker(segments).values()
        for place in _announced(segments, places)
    }
    if not said:
        return tuple(segments), tuple(voices)
    apart = tuple(
        segment.model_copy(update={"speaker": segment.speaker + ANNOUNCEMENT})
        if place in said
        else segment
        for place, segment in enumerate(segments)
    )
    spans: dict[str, list[Interval]] = defaultdict(list)
    for place in sorted(said):
        start, end = segments[place].start, segments[place].end
        if start is not None and end is not None:
            spans[segments[place].speaker].append(Interval(start=start, end=end))
    return apart, tuple(
        part for voice in voices for part in _parted(voice, spans[voice.speaker])
    )


def read_phrases() -> Phrases:
    """The phrases that ship with the package."""
    text = files("callmon.speech.roles").joinpath("announcements.toml").read_text("utf-8")
    return Phrases.model_validate(tomllib.loads(text))


def is_sure(text: str) -> bool:
    """Whether a machine says this, and nobody else.

    >>> is_sure("Your call is important to us."), is_sure("It said: press one for help.")
    (True, False)
    """
    return _finds("always", text) or (_finds("sure", text) and not is_of_person(text))


def is_of_person(text: str) -> bool:
    """Whether there are words in the text that a recording does not say."""
    return _finds("person", text)


def _by_speaker(segments: Sequence[Segment]) -> dict[str, list[int]]:
    """Places of the segments of each voice that has no label, in their order."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, segment in enumerate(segments):
        if segment.party is None and segment.text.strip():
            places[segment.speaker].append(place)
    return places


def _announced(segments: Sequence[Segment], places: Sequence[int]) -> set[int]:
    """Which of one voice's segments a machine says."""
    texts = [segments[place].text for place in places]
    said = [is_sure(text) for text in texts]
    if not any(said):
        return set()
    person = [is_of_person(text) for text in texts]
    likely = [not p and _finds("likely", t) for t, p in zip(texts, person, strict=True)]
    for place in range(1, len(said)):
        said[place] |= likely[place] and said[place - 1]
    for place in reversed(range(len(said) - 1)):
        said[place] |= likely[place] and said[place + 1]
    known = [place for place, machine in enumerate(said) if machine]
    for first, last in pairwise(known):
        if last - first <= MOST_BETWEEN + 1 and not any(person[first + 1 : last]):
            said[first:last] = [True] * (last - first)
    words = [len(text.split()) for text in texts]
    left = [place for place, machine in enumerate(said) if not machine]
    if sum(words[i] for i in left) <= REMAINDER * sum(words) and not any(
        person[i] for i in left
    ):
        return set(places)
    return {place for place, machine in zip(places, said, strict=True) if machine}


def _parted(voice: Activity, spans: Sequence[Interval]) -> Iterable[Activity]:
    if not spans:
        return (voice,)
    parts = (
        voice.model_copy(update={"intervals": difference(voice.intervals, spans)}),
        Activity(
            speaker=voice.speaker + ANNOUNCEMENT,
            channel=voice.channel,
            intervals=intersection(voice.intervals, spans),
        ),
    )
    return (part for part in parts if part.intervals)


def _finds(kind: str, text: str) -> bool:
    plain = _plain(text)
    return any(pattern.search(plain) for pattern in _patterns()[kind])


@cache
def _patterns() -> dict[str, tuple[re.Pattern[str], ...]]:
    phrases = read_phrases()
    return {
        kind: tuple(re.compile(rf"\b(?:{one.pattern})\b") for one in getattr(phrases, kind))
        for kind in ("always", "sure", "likely", "person")
    }


def _plain(text: str) -> str:
    """Lower-case words with single spaces, no apostrophes."""
    return " ".join(re.findall(r"\w+", text.casefold().replace("'", "").replace("’", "")))
