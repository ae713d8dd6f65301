"""Makes clean sentences look like raw speech recognition."""

from __future__ import annotations

import random
import re

FILLERS = ("um", "uh", "er", "you know", "like", "i mean", "so", "well", "mm")
MISHEARD = {
    "their": "there", "there": "their", "they're": "their", "your": "you're",
    "you're": "your", "to": "two", "two": "to", "for": "four", "four": "for",
    "bill": "bell", "refund": "re fund", "wait": "weight", "week": "weak",
    "hear": "here", "here": "hear", "right": "write", "know": "no", "our": "are",
    "are": "our", "would": "wood", "by": "buy", "then": "than", "an": "and",
    "and": "an", "in": "and", "him": "them", "been": "bin", "is": "as", "it": "at",
    "i'll": "all", "we'll": "well", "he'll": "hill", "account": "a count",
    "order": "or the", "delivery": "deliver he", "address": "a dress",
    "apologise": "apologize", "of": "have", "have": "of", "can": "can't", "want": "won't",
}  # fmt: skip

DROPPED = 0.015
MISHEARD_SHARE = 0.08
STUTTER = 0.012
FILLER = 0.02


def raw(text: str, rng: random.Random) -> str:
    """The sentence as a recogniser without punctuation writes it, with its mistakes."""
    words = re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text.lower())
    heard: list[str] = []
    keep_apostrophes = rng.random() < 0.6
    for word in words:
        if rng.random() < FILLER:
            heard.append(rng.choice(FILLERS))
        if len(words) > 3 and rng.random() < DROPPED:
            continue
        if rng.random() < STUTTER:
            heard.append(word)
        if word in MISHEARD and rng.random() < MISHEARD_SHARE:
            word = MISHEARD[word]
        heard.append(word if keep_apostrophes else re.sub("['’]", "", word))
    return " ".join(heard)
