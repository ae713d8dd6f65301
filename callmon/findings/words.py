"""A text as it is quoted in a sentence about it."""

from __future__ import annotations


def shortened(text: str, *, most: int = 14) -> str:
    """The text on one line, at most so many words."""
    words = text.split()
    if len(words) <= most:
        return " ".join(words).rstrip(".,;:! ")
    return " ".join(words[:most]).rstrip(".,;:! ") + " …"
