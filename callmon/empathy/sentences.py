"""Sentences of a turn, in the plain form that patterns can be matched against.

Every place in the plain form leads back to the original words, so that a quote is always
an exact part of the turn's text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from callmon.plain import TOKEN, placed_words, plain

LONGEST_PART = 30
"""Words. Longer stretches without punctuation are cut before a clause marker: spoken
clauses run to about ten words, and two or three of them still belong together."""

SHORTEST_PART = 8
"""Words. A cut never leaves less than a spoken clause on either side."""

LONGEST_QUOTE = 16
"""Words. A sentence up to this long is quoted whole, else the words that matched."""

_HALF_OF_DAY = (
    r"(?<=[\s\d][AaPp])\.\s[Mm]\b"
    r"|(?:(?<=[\s\d][AaPp]\.[Mm])|(?<=[\s\d][AaPp]\.\s[Mm]))\.[ \t]+"
    r"(?:[a-z]|To(?:day|morrow)\b|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b)"
)
"""Points of "p.m." that end no sentence: "at 4 p.m. tomorrow", not "at 4 p.m. You will"."""
_END = re.compile(
    r"(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bSt)"
    rf"(?!{_HALF_OF_DAY})[.!?…;]+(?=\s|$)|\n+|\s[–—-]\s"
)
_COMMA = re.compile(r"[,:](?=\s)")
_CLAUSE = re.compile(
    r"\b(?:and|but|so|because|then|anyway|however|now|well|okay|ok|alright|actually|"
    r"could you|can you|can i|could i|may i|would you|i will|i'll|i'm|i am|i've|i have|"
    r"let me|please|it's|that's|you've|you're|we'll|we're|sorry|thank you|thanks)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Sentence:
    """A stretch of a turn's text and its plain form."""

    turn: int
    lead: int
    """Where `original` begins in the turn's text."""
    original: str
    plain: str
    question: bool
    starts: tuple[int, ...]
    """Where each plain word begins in `plain`."""
    spans: tuple[tuple[int, int], ...]
    """For each plain word its place in the turn's text."""

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(self.plain.split())

    def quote(self, start: int, end: int) -> tuple[int, int]:
        """The place of the words to show for a match at `plain[start:end]`.

        The whole sentence when it is short, else the clause between commas, else the
        match and what follows it.
        """
        first, last = self.place(start, end)
        if len(self.spans) <= LONGEST_QUOTE and "," not in self.original:
            return self.spans[0][0], self.spans[-1][1]
        before = [c for c in self.commas if c < first]
        after = [c for c in self.commas if c >= last]
        left, right = max(before, default=-1), min(after, default=self.spans[-1][1])
        clause = [s for s in self.spans if left < s[0] and s[1] <= right]
        if len(set(clause)) > LONGEST_QUOTE:
            clause = [s for s in clause if s[0] >= first]
            clause = [s for n, s in enumerate(clause) if n < LONGEST_QUOTE or s[1] <= last]
        return clause[0][0], clause[-1][1]

    @property
    def commas(self) -> list[int]:
        """Where the clauses of the sentence are parted, in the turn's text."""
        return [self.lead + match.start() for match in _COMMA.finditer(self.original)]

    @property
    def paused(self) -> str:
        """`plain`, with a comma in place of the space wherever one was written."""
        marked = list(self.plain)
        for comma in self.commas:
            after = bisect_right(self.spans, (comma, comma))
            if 0 < after < len(self.starts):
                marked[self.starts[after] - 1] = ","
        return "".join(marked)

    def words_at(self, start: int, end: int) -> str:
        """The original words of `plain[start:end]`."""
        first, last = self.place(start, end)
        return self.original[first - self.lead : last - self.lead]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """The place in the turn's text of `plain[start:end]`, whole words."""
        head = max(bisect_right(self.starts, start) - 1, 0)
        tail = max(bisect_right(self.starts, max(end - 1, start)) - 1, head)
        return self.spans[head][0], self.spans[tail][1]


def sentences(text: str, *, turn: int = 0) -> tuple[Sentence, ...]:
    """The sentences of a turn; those without a word are left out."""
    found: list[Sentence] = []
    for first, last in _parts(text):
        sentence = _plain(text, first, last, turn)
        if sentence.plain:
            found.append(sentence)
    return tuple(found)


def plain_words(text: str) -> tuple[str, ...]:
    """The plain form of a whole text, word by word."""
    return tuple(plain(text).split())


def _parts(text: str) -> list[tuple[int, int]]:
    parts: list[tuple[int, int]] = []
    at = 0
    for end in _END.finditer(text):
        parts.extend(_clauses(text, at, end.end()))
        at = end.end()
    parts.extend(_clauses(text, at, len(text)))
    return parts


def _clauses(text: str, first: int, last: int) -> list[tuple[int, int]]:
    """Cuts a stretch that is too long for one sentence before its clause markers."""
    tokens = [match.start() for match in TOKEN.finditer(text, first, last)]
    if len(tokens) <= LONGEST_PART:
        return [(first, last)]
    markers = {match.start() for match in _CLAUSE.finditer(text, first, last)}
    cuts = [first]
    since = 0
    for index, at in enumerate(tokens):
        left = len(tokens) - index
        wanted = at in markers and since >= SHORTEST_PART and left >= SHORTEST_PART
        if wanted or since >= LONGEST_PART:
            cuts.append(at)
            since = 0
        since += 1
    return list(zip(cuts, [*cuts[1:], last], strict=True))


def _plain(text: str, first: int, last: int, turn: int) -> Sentence:
    placed = list(placed_words(text, first, last))
    words = [word for word, _ in placed]
    starts: list[int] = []
    at = 0
    for word in words:
        starts.append(at)
        at += len(word) + 1
    original = text[first:last].strip()
    return Sentence(
        turn=turn,
        lead=text.find(original, first),
        original=original,
        plain=" ".join(words),
        question=original.endswith("?"),
        starts=tuple(starts),
        spans=tuple(span for _, span in placed),
    )
