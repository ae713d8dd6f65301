"""Words with content, reduced to stems, for telling whether two people say the same."""

from __future__ import annotations

from collections.abc import Iterable

_ENDINGS = ("ings", "ing", "edly", "ed", "es", "ly", "s", "e", "d")
SHORTEST_STEM = 3
"""Letters. Shorter stems join words that have nothing in common."""


def content(words: Iterable[str], *, common: frozenset[str]) -> frozenset[str]:
    """The stems of the words that are neither common nor numbers.

    >>> sorted(content(["waited", "for", "parcels"], common=frozenset({"for"})))
    ['parcel', 'wait']
    """
    return frozenset(stem(word) for word in words if word not in common and word.isalpha())


def stem(word: str) -> str:
    """The word without its commonest ending.

    >>> stem("charged") == stem("charge") == stem("charging")
    True
    """
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word[: -len(ending)]
    return word
