"""Finds what is private in the words of a call, and takes it out.

It reads what people say to a clerk and nobody else should keep: card and bank numbers,
codes and passwords, identity numbers, ways to reach somebody, dates of birth, names. An
order number, a price or a meter reading stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from callmon.call import Interval, Turn, Word
from callmon.intervals import union
from callmon.redaction.context import Contexts
from callmon.redaction.dictation import runs
from callmon.redaction.numbers import private_numbers
from callmon.redaction.said import private_words
from callmon.redaction.spans import Kind, Span, merged
from callmon.redaction.words import listed

SHORT: Final = 5
"""Words of the other party between two parts of a dictation: "okay, and the next four"."""
MOST_PARTS: Final = 12
"""Turns of one dictation; a card in single digits, with a word of the agent after each
pair, has eight."""
PART: Final = 4
"""Digits of a private number that are private when they come again."""
NUMBERS: Final[frozenset[Kind]] = frozenset(
    {
        "card number",
        "password",
        "social security number",
        "health number",
        "identity document",
        "bank account",
        "phone number",
    }
)
"""Of the kinds that are read back to be checked."""
CODES: Final[frozenset[Kind]] = frozenset({"security code", "card expiry"})
"""Kinds that are too short for a part of them to be known again."""
SHORTEST_CODE: Final = 3
MARGIN: Final = 0.25
"""Seconds to each side of a silenced stretch: the times of words are that loose."""


@dataclass(frozen=True)
class Said:
    """The digits of a call's private numbers, to know them when they come again."""

    numbers: Mapping[Kind, str]
    """With blanks between two of a kind."""
    codes: Mapping[str, Kind]

    @classmethod
    def of(cls, read: Iterable[tuple[Turn, Sequence[Span]]]) -> Said:
        numbers: dict[Kind, list[str]] = {}
        codes: dict[str, Kind] = {}
        for turn, spans in read:
            for span in spans:
                if span.kind not in NUMBERS | CODES:
                    continue
                for run in runs(turn.text[span.first : span.last]):
                    digits = "".join(piece.text for piece in run)
                    if span.kind in NUMBERS:
                        numbers.setdefault(span.kind, []).append(digits)
                    elif len(digits) >= SHORTEST_CODE:
                        codes.setdefault(digits, span.kind)
        return cls(
            numbers={kind: " ".join(every) for kind, every in numbers.items()}, codes=codes
        )

    def again(self, text: str, found: Sequence[Span]) -> Iterator[Span]:
        """Where a number is said again, or a part of it, beside what was found."""
        for run in runs(text) if self.numbers or self.codes else ():
            first, last = run[0].first, run[-1].last
            if any(span.first < last and first < span.last for span in found):
                continue
            digits = "".join(piece.text for piece in run)
            kind = self.codes.get(digits)
            if len(digits) >= PART:
                known = (kind for kind, said in self.numbers.items() if digits in said)
                kind = next(known, kind)
            if kind is not None:
                yield Span(first, last, kind)


def find_private(text: str, *, asked: str = "") -> tuple[Span, ...]:
    """The private parts of a text, in order, without overlap.

    `asked` is what the other party said just before: "one two three" is nothing, and a
    security code after "and the three digits on the back?".
    """
    return merged(_found(text, asked))


def redact(text: str, *, asked: str = "") -> str:
    """The text with a name in brackets for each private part, such as `[card number]`."""
    return put_out(text, find_private(text, asked=asked))


def put_out(text: str, spans: Iterable[Span]) -> str:
    """The text with its spans replaced by what they are."""
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.first], f"[{span.kind}]"]
        at = span.last
    return "".join([*parts, text[at:]])


def find_in_turns(
    turns: Sequence[Turn], *, names: Iterable[str] = ()
) -> tuple[tuple[Span, ...], ...]:
    """The private parts of every turn of a call, in the order of the turns.

    More than turn by turn: a number may be dictated over several turns, what one party
    asks for the other says, a number is read back, and a name once given is a name
    wherever it comes again. `names` are known from elsewhere, for example the metadata.
    """
    found: list[list[Span]] = [[] for _ in turns]
    for chain in _dictations(turns):
        asked = _asked(turns, chain[0])
        text, starts = "", []
        for place in chain:
            starts.append(len(text))
            text += turns[place].text + "\n"
        for span in find_private(text, asked=asked):
            for place, start in zip(chain, starts, strict=True):
                first = max(0, span.first - start)
                last = min(len(turns[place].text), span.last - start)
                if first < last:
                    found[place].append(Span(first, last, span.kind))
    said = Said.of(zip(turns, found, strict=True))
    known = _name_pattern([*names, *_said_names(turns, found)])
    for place, turn in enumerate(turns):
        found[place] += said.again(turn.text, found[place])
        if known is not None:
            found[place] += [Span(*m.span(), "name") for m in known.finditer(turn.text)]
    return tuple(merged(spans) for spans in found)


def redact_turn(turn: Turn, spans: Sequence[Span]) -> Turn:
    """The turn without its private parts, which are gone from its single words as well.

    One word in brackets takes the place and the time of those that made a part. A word
    that cannot be found in the text is left out, as nobody knows what it is part of.
    """
    words: list[Word] = []
    position, before = 0, None
    for word in turn.words:
        written = word.text.strip()
        first = turn.text.find(written, position)
        if first < 0:
            continue
        position = first + len(written)
        span = next((s for s in spans if first < s.last and s.first < position), None)
        if span is None:
            words.append(word)
        elif span is before:
            words[-1] = words[-1].model_copy(update={"end": word.end})
        else:
            words.append(word.model_copy(update={"text": f"[{span.kind}]"}))
        before = span
    return turn.model_copy(
        update={"text": put_out(turn.text, spans), "words": tuple(words)}
    )


def private_stretches(
    turn: Turn, spans: Sequence[Span] | None = None
) -> tuple[Interval, ...]:
    """When the private parts of a turn are heard, to be silenced in a clip; in seconds.

    By the times of the words, with a margin; the whole turn where they are not known, and
    nothing where the turn has no times. `spans` are those of the turn, where the call as
    a whole was read; else the turn is read by itself.
    """
    heard = []
    for span in find_private(turn.text) if spans is None else spans:
        start, end = turn.locate(span.first, span.last)
        if start is not None and end is not None:
            heard.append(Interval(start=max(0.0, start - MARGIN), end=end + MARGIN))
    return union(heard)


def _found(text: str, asked: str) -> Iterator[Span]:
    yield from private_numbers(text, Contexts.read(asked).last)
    yield from private_words(text, asked)


def _asked(turns: Sequence[Turn], place: int) -> str:
    """The other party's words just before a turn."""
    if place and turns[place - 1].party != turns[place].party:
        return turns[place - 1].text
    return ""


def _dictations(turns: Sequence[Turn]) -> Iterator[Sequence[int]]:
    """Places of turns that are read as one, as their digits go on."""
    taken: set[int] = set()
    for place in range(len(turns)):
        if place in taken:
            continue
        chain = [place]
        at = place
        while len(chain) < MOST_PARTS and (following := _goes_on(turns, at)) is not None:
            chain.append(following)
            at = following
        taken.update(chain)
        yield chain


def _goes_on(turns: Sequence[Turn], at: int) -> int | None:
    """The place where the digits at the end of a turn go on, if they do."""
    if not _ends_in_digits(turns[at].text):
        return None
    for following in (at + 1, at + 2):
        if following >= len(turns):
            return None
        turn = turns[following]
        if turn.party == turns[at].party:
            return following if _begins_with_digits(turn.text) else None
        if len(turn.text.split()) > SHORT and not _begins_with_digits(turn.text):
            return None
    return None


def _ends_in_digits(text: str) -> bool:
    *_, last = [None, *runs(text)]
    return last is not None and len(text[last[-1].last :].split()) <= 2


def _begins_with_digits(text: str) -> bool:
    first = next(iter(runs(text)), None)
    if first is None or len(text[: first[0].first].split()) > 2:
        return False
    return sum(len(piece.text) for piece in first) > 1  # one is the "oh" of "oh, sorry"


def _said_names(turns: Sequence[Turn], found: Sequence[Sequence[Span]]) -> Iterator[str]:
    for turn, spans in zip(turns, found, strict=True):
        for span in spans:
            if span.kind == "name":
                yield from turn.text[span.first : span.last].split()


def _name_pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    """Finds the names as whole words, but those that are ordinary words too."""
    words = {word.strip(".,!?'’") for name in names for word in name.split()}
    ordinary = listed("ordinary_names") | listed("no_name")
    known = sorted(
        word
        for word in {word.removesuffix("'s").removesuffix("’s") for word in words}
        if len(word) > 1 and word.isalpha() and word.casefold() not in ordinary
    )
    if not known:
        return None
    return re.compile(rf"\b(?:{'|'.join(known)})\b", re.IGNORECASE)
