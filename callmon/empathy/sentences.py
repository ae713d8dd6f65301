"""Sentences of a turn, in a plain form that patterns can be matched against.

Recognised speech often has no punctuation, no capitals and no apostrophes, and people
contract words or do not. All of it is brought to one form: lower case, no punctuation,
contractions written out ("I'm", "im" and "I am" are all "i am"), fillers dropped. Every
place in the plain form leads back to the original words, so that a quote is always an
exact part of the turn's text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

LONGEST_PART = 30
"""Words. Longer stretches without punctuation are cut before a clause marker: spoken
clauses run to about ten words, and two or three of them still belong together."""

SHORTEST_PART = 8
"""Words. A cut never leaves less than a spoken clause on either side."""

LONGEST_QUOTE = 16
"""Words. A sentence up to this long is quoted whole, else the words that matched."""

LONGEST_TOKEN = 40
"""Letters. Longer ones are no words; they are left out of the plain form."""

_TOKEN = re.compile(r"[^\W_]+(?:['’`´][^\W_]+)*")
_END = re.compile(
    r"(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bSt)[.!?…;]+(?=\s|$)|\n+|\s[–—-]\s"
)
_COMMA = re.compile(r"[,:](?=\s)")
_CLAUSE = re.compile(
    r"\b(?:and|but|so|because|then|anyway|however|now|well|okay|ok|alright|actually|"
    r"could you|can you|can i|could i|may i|would you|i will|i'll|i'm|i am|i've|i have|"
    r"let me|please|it's|that's|you've|you're|we'll|we're|sorry|thank you|thanks)\b",
    re.IGNORECASE,
)

_WHOLE = {
    "im": "i am", "ive": "i have", "dont": "do not", "doesnt": "does not",
    "didnt": "did not", "cant": "can not", "cannot": "can not", "wont": "will not",
    "isnt": "is not", "arent": "are not", "wasnt": "was not", "werent": "were not",
    "havent": "have not", "hasnt": "has not", "hadnt": "had not",
    "wouldnt": "would not", "couldnt": "could not", "shouldnt": "should not",
    "youre": "you are", "youve": "you have", "youll": "you will", "theyre": "they are",
    "theyve": "they have", "weve": "we have", "thats": "that is", "whats": "what is",
    "theres": "there is", "its": "it is", "hes": "he is", "shes": "she is",
    "lets": "let us", "heres": "here is", "wheres": "where is", "whos": "who is",
    "gonna": "going to", "wanna": "want to", "gotta": "got to", "gimme": "give me",
    "lemme": "let me", "kinda": "kind of", "ok": "okay", "cos": "because",
    "cuz": "because", "cause": "because", "yall": "you all", "mum": "mom",
    "itll": "it will", "thatll": "that will", "theyll": "they will",
    "alright": "all right", "recognise": "recognize", "apologise": "apologize",
    "apologising": "apologizing", "realise": "realize", "organise": "organize",
    "favourite": "favorite", "sceptical": "skeptical", "programme": "program",
    "ain't": "is not", "aint": "is not", "won't": "will not", "can't": "can not",
    "shan't": "shall not", "let's": "let us", "y'all": "you all", "o'clock": "oclock",
}  # fmt: skip
_ENDINGS = {
    "'m": " am", "'re": " are", "'ve": " have", "'ll": " will", "'d": " would",
    "n't": " not",
}  # fmt: skip
_IS = frozenset(
    (
        *("it", "that", "what", "there", "he", "she", "who", "where", "here", "how"),
        *("when", "this", "everything", "something", "nothing", "nobody", "somebody"),
        *("someone", "everyone"),
    )
)
_FILLERS = frozenset(
    ("um", "uh", "er", "erm", "hmm", "mm", "mmm", "ah", "eh", "uhm", "umm", "uhh")
)
_STUTTER = frozenset(
    (
        *("i", "the", "a", "it", "we", "you", "to", "and", "that", "my", "is", "was"),
        *("they", "of", "in", "for"),
    )
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
    return tuple(word for part in sentences(text) for word in part.words)


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
    tokens = [match.start() for match in _TOKEN.finditer(text, first, last)]
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
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    for match in _TOKEN.finditer(text, first, last):
        token = re.sub("[’`´]", "'", match.group().lower())
        if token in _FILLERS or len(token) > LONGEST_TOKEN:
            continue
        for word in _written_out(token).split():
            if words and word in _STUTTER and words[-1] == word:
                continue
            words.append(word)
            spans.append(match.span())
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
        spans=tuple(spans),
    )


def _written_out(token: str) -> str:
    if token in _WHOLE:
        return _WHOLE[token]
    for ending, words in _ENDINGS.items():
        if token.endswith(ending):
            return token[: -len(ending)] + words
    if token.endswith("'s"):
        base = token[:-2]
        return f"{base} is" if base in _IS else base
    return token.replace("'", "")
