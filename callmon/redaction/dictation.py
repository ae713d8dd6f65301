"""Numbers as people say them and as speech recognition writes them down.

"four five three two", "45 32", "double four", "oh seven seven hundred", with fillers and
pauses between: each becomes a run of pieces, and every piece knows its place in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from callmon.redaction.words import listed

UNITS: Final = {
    **dict.fromkeys(("zero", "oh", "nought", "naught"), "0"),
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    **dict.fromkeys(("nine", "niner"), "9"),
}
TEENS: Final = {
    "ten": "10",
    "eleven": "11",
    "twelve": "12",
    "thirteen": "13",
    "fourteen": "14",
    "fifteen": "15",
    "sixteen": "16",
    "seventeen": "17",
    "eighteen": "18",
    "nineteen": "19",
}
TENS: Final = {
    "twenty": "2",
    "thirty": "3",
    "forty": "4",
    "fifty": "5",
    "sixty": "6",
    "seventy": "7",
    "eighty": "8",
    "ninety": "9",
}
TIMES: Final = {"double": 2, "triple": 3, "treble": 3}
SOUNDS_LIKE: Final = {"to": "2", "too": "2", "for": "4", "ate": "8", "won": "1"}
"""Taken for a digit only between two digits that were said one by one."""
MOST_FILLERS: Final = 3
LONGEST_WORD: Final = 40
"""Characters; an IBAN written in one has up to 34 (ISO 13616)."""

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")
_GLUE: Final = re.compile(r"[^\w$£€%:\"“”]{0,5}|_+")
"""What may stand between two pieces: blanks, dashes, dots, commas, brackets."""


@dataclass(frozen=True)
class Piece:
    """One word or a few that stand for `text`, at [first, last) of what was written."""

    text: str
    first: int
    last: int
    said: bool
    """True for words, false for written figures."""


Run = Sequence[Piece]


def runs(text: str, *, letters: bool = False) -> Iterator[Run]:
    """The longest rows of digits in a text; of digits and single letters on demand.

    With `letters`, "s w one a", "SW1A" and short words in capitals are read too, all as
    capitals.
    """
    between = listed("between_digits")
    words = list(_WORD.finditer(text))
    row: list[Piece] = []
    end = fillers = at = 0
    while at < len(words):
        start = words[at].start()
        word = words[at].group().casefold()
        joined = not row or bool(_GLUE.fullmatch(text, end, start))
        piece, taken = _piece(text, words, at, letters=letters)
        if piece is None and row and joined and _misheard(word, row[-1], text, words, at):
            piece = Piece(SOUNDS_LIKE[word], start, words[at].end(), said=True)
        if piece is not None:
            if not joined and row:
                yield tuple(row)
                row = []
            row.append(piece)
            end, fillers = piece.last, 0
        elif row and joined and word in between and fillers < MOST_FILLERS:
            end, fillers = words[at].end(), fillers + 1
        elif row:
            yield tuple(row)
            row, fillers = [], 0
        at += taken
    if row:
        yield tuple(row)


def _piece(
    text: str, words: Sequence[re.Match[str]], at: int, *, letters: bool
) -> tuple[Piece | None, int]:
    """What the word at `at` stands for, and how many words that takes."""
    match = words[at]
    written = match.group()
    word = written.casefold()
    if len(word) > LONGEST_WORD:
        return None, 1
    if word.isdecimal():
        figures = "".join(str(unicodedata.decimal(figure)) for figure in word)
        return Piece(figures, match.start(), match.end(), said=False), 1
    after = ""
    if at + 1 < len(words) and not text[match.end() : words[at + 1].start()].strip("- "):
        after = words[at + 1].group().casefold()
    digits, taken = "", 1
    if word in TIMES and (after in UNITS or (len(after) == 1 and after.isdecimal())):
        digits, taken = UNITS.get(after, after) * TIMES[word], 2
    elif word in UNITS or (word == "o" and not letters):
        digits = UNITS.get(word, "0")
        if after == "hundred":
            digits, taken = digits + "00", 2
    elif word in TEENS:
        digits = TEENS[word]
    elif word in TENS:
        digits = TENS[word] + "0"
        if after in UNITS and UNITS[after] != "0":
            digits, taken = TENS[word] + UNITS[after], 2
    if digits:
        return Piece(digits, match.start(), words[at + taken - 1].end(), said=True), taken
    spelled = len(written) == 1 or (len(written) <= 4 and written.isupper())
    if letters and written.isascii() and (spelled or not written.isalpha()):
        if not written.isalnum():  # an apostrophe
            return None, 1
        return Piece(written.upper(), match.start(), match.end(), said=False), 1
    return None, 1


def _misheard(
    word: str, before: Piece, text: str, words: Sequence[re.Match[str]], at: int
) -> bool:
    """Whether "to" or "for" stands between two digits that were said one by one."""
    if word not in SOUNDS_LIKE or at + 1 == len(words):
        return False
    gap = text[before.last : words[at + 1].start()].strip().casefold()
    following = words[at + 1].group().casefold()
    return before.said and len(before.text) == 1 and following in UNITS and gap == word
