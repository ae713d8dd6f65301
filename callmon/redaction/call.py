"""A whole call without what people say to a clerk and nobody else should keep.

What is private shows only in the course of a call: "seven three nine" is nothing, and a
security code after it was asked for. So what repeats words of the turns, such as the quote
of a finding, is never redacted by itself, but by what is private in the turns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from pydantic import BaseModel

from callmon.call import Analysis, Redacted, Suppressed, Turn
from callmon.intervals import union
from callmon.redaction.private import (
    Said,
    find_in_turns,
    find_private,
    private_stretches,
    put_out,
    redact_turn,
)
from callmon.redaction.spans import Kind, Span, merged
from callmon.redaction.words import listed

FROM_TURNS: Final = (
    "opportunities",
    "responses",
    "agent_behaviours",
    "outcomes",
    "commitments",
    "findings",
    "commendations",
)
"""Parts of an analysis that repeat words of its turns."""
WORDS: Final = {"text", "quote", "summary", "cleared_by", "action", "deadline", "reason"}
"""Their fields that do."""
SHORTEST: Final = 3
"""Characters of a private part that is looked for elsewhere."""
IN_WORDS: Final[frozenset[Kind]] = frozenset(
    {"name", "password", "email address", "address"}
)
"""Kinds of which a single word may give away the whole."""
SHORTEST_WORD: Final = 4
"""Letters of such a word."""
CUT: Final = "…"
"""Stands in a sentence where a quote was shortened."""

_WORD: Final = re.compile(r"\w+")


def redact_call(analysis: Analysis) -> Redacted:
    """The analysis without its private parts, and when they are said."""
    private = find_in_turns(analysis.turns)
    both = list(zip(analysis.turns, private, strict=True))
    cleaner = _Cleaner(both)
    changes: dict[str, Any] = {
        name: cleaner.clean(getattr(analysis, name)) for name in FROM_TURNS
    }
    changes["suppressed"] = tuple(
        each.model_copy(update={"text": cleaner.unsaid(each)})
        for each in analysis.suppressed
    )
    changes["turns"] = tuple(redact_turn(turn, spans) for turn, spans in both)
    return Redacted(
        redactor=redactor(),
        analysis=analysis.model_copy(update=changes),
        silent=union(
            stretch for turn, spans in both for stretch in private_stretches(turn, spans)
        ),
    )


@cache
def redactor() -> str:
    """Names the rules by their content, so that a changed rule is never taken for the one
    before, whoever forgot to count a version up."""
    rules = sha256()
    folder = files("callmon.redaction")
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.endswith((".py", ".toml")):
            rules.update(path.name.encode() + b"\0" + path.read_bytes())
    return rules.hexdigest()[:16]


class _Cleaner:
    """Takes the private parts of the turns out of what repeats them."""

    def __init__(self, both: Sequence[tuple[Turn, Sequence[Span]]]) -> None:
        self._both = both
        self._read = {turn.index: (turn, spans) for turn, spans in both}
        self._said = Said.of(both)
        self._parts: dict[tuple[str, ...], Kind] = {}
        """The words of each private part, in small letters."""
        self._kinds: dict[str, Kind] = {}
        patterns: set[str] = set()
        for turn, spans in both:
            for span in spans:
                tokens = _WORD.findall(turn.text[span.first : span.last])
                if sum(map(len, tokens)) < SHORTEST:
                    continue
                self._parts.setdefault(tuple(map(str.casefold, tokens)), span.kind)
                for pattern, words in _forms(tokens, span.kind):
                    patterns.add(pattern)
                    self._kinds.setdefault(_key(words), span.kind)
        longest_first = sorted(patterns, key=lambda pattern: (-len(pattern), pattern))
        whole = rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)"
        self._known = re.compile(whole, re.IGNORECASE) if patterns else None

    def clean(self, value: Any, *, turn: int | None = None) -> Any:
        """The value with the words in it cleaned; `turn` is where they were said."""
        if isinstance(value, tuple):
            return tuple(self.clean(each, turn=turn) for each in value)
        if not isinstance(value, BaseModel):
            return value
        turn = getattr(value, "turn", turn)
        changes = {}
        for name in type(value).model_fields:
            inner = getattr(value, name)
            if isinstance(inner, str) and name in WORDS:
                changes[name] = self._text(inner, turn)
            elif isinstance(inner, tuple | BaseModel):
                changes[name] = self.clean(inner, turn=turn)
        return value.model_copy(update=changes)

    def unsaid(self, heard: Suppressed) -> str:
        """The text of what was recognised and nobody said there: often the other's words,
        heard once more."""
        before = [
            turn.text
            for turn, _ in self._both
            if turn.start is not None
            and turn.start < heard.start
            and turn.speaker != heard.speaker
        ]
        return self._loose(heard.text, asked=before[-1] if before else "")

    def _text(self, text: str, turn: int | None) -> str:
        if turn is not None and turn in self._read and text:
            said, spans = self._read[turn]
            # A quote, which may begin within a number, and may stand there twice.
            if places := list(_places(said.text, text)):
                return put_out(
                    text,
                    merged(
                        part for at in places for part in _cut(spans, at, at + len(text))
                    ),
                )
        return self._loose(text)

    def _loose(self, text: str, *, asked: str = "") -> str:
        """A text that is not of one turn, but may hold words of some."""
        found = list(find_private(text, asked=asked))
        if self._known is not None:
            found += [
                Span(*match.span(), self._kinds[_key(_WORD.findall(match[0]))])
                for match in self._known.finditer(text)
            ]
        for cut in re.finditer(CUT, text):
            found += self._shortened(text, cut.start(), cut.end())
        found += self._said.again(text, found)
        return put_out(text, merged(found))

    def _shortened(self, text: str, first: int, last: int) -> Iterator[Span]:
        """What is left of a private part where a quote was cut at text[first:last]."""
        words = list(_WORD.finditer(text))
        before = [word for word in words if word.end() <= first]
        after = [word for word in words if word.start() >= last]
        for part, kind in self._parts.items():
            for number in range(len(part) - 1, 0, -1):
                if _are(before[-number:], part[:number]):
                    yield Span(before[-number].start(), before[-1].end(), kind)
                    break
            for number in range(len(part) - 1, 0, -1):
                if _are(after[:number], part[-number:]):
                    yield Span(after[0].start(), after[number - 1].end(), kind)
                    break


def _forms(tokens: Sequence[str], kind: Kind) -> Iterator[tuple[str, Sequence[str]]]:
    """Patterns by which a private part is found elsewhere, and their words: the whole,
    whatever stands between its words, and, of some kinds, a word of it."""
    ordinary = listed("ordinary_names") | listed("no_name") | listed("no_secret")
    if len(tokens) == 1 and tokens[0].casefold() in ordinary:
        # "Will" and "will" are two words, and only one of them is private.
        yield f"(?-i:{re.escape(tokens[0])})", tokens
        return
    yield r"\W+".join(map(re.escape, tokens)), tokens
    for token in tokens if kind in IN_WORDS else ():
        if len(token) >= SHORTEST_WORD and token.casefold() not in ordinary:
            yield re.escape(token), [token]


def _are(words: Sequence[re.Match[str]], wanted: Sequence[str]) -> bool:
    return [word[0].casefold() for word in words] == list(wanted)


def _key(words: Sequence[str]) -> str:
    return " ".join(words).casefold()


def _places(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _cut(spans: Sequence[Span], first: int, last: int) -> list[Span]:
    """The spans within text[first:last], counted from its start."""
    return [
        Span(max(span.first, first) - first, min(span.last, last) - first, span.kind)
        for span in spans
        if span.first < last and first < span.last
    ]
