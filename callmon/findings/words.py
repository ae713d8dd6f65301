"""Plain words of a text, and the stems of those with content."""

from __future__ import annotations

import re

_CONTRACTIONS = (
    ("won't", "will not"),
    ("can't", "can not"),
    ("cannot", "can not"),
    ("let's", "let us"),
    ("n't", " not"),
    ("'re", " are"),
    ("'ve", " have"),
    ("'ll", " will"),
    ("'m", " am"),
    ("'d", " would"),
    ("'s", " is"),
)
STEM = 5
"""Letters. English inflections come later in most words that are longer."""


def plain(text: str) -> str:
    """Lower case, contractions written out, no punctuation.

    >>> plain("Let’s see: I'll check.")
    'let us see i will check'
    """
    text = re.sub("[’`´]", "'", text.lower())
    for short, long in _CONTRACTIONS:
        text = text.replace(short, long)
    return " ".join(re.findall(r"[^\W_]+", text))


def content(text: str, common: frozenset[str]) -> frozenset[str]:
    """The first letters of the words with content; numbers are none."""
    return frozenset(
        word[:STEM] for word in plain(text).split() if word.isalpha() and word not in common
    )


def shortened(text: str, *, most: int = 14) -> str:
    """The text on one line, at most so many words."""
    words = text.split()
    if len(words) <= most:
        return " ".join(words).rstrip(".,;:! ")
    return " ".join(words[:most]).rstrip(".,;:! ") + " …"
