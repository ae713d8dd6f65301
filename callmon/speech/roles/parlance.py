"""How strongly words speak for the agent of a service call, or for the customer.

A logistic regression over groups of one to three words, learned by
`scripts/train_roles.py` from calls written for it. A group counts only when several of
those calls have it, so neither names nor numbers are in the weights.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import Field

from callmon.call import Value

Direction = Literal["inbound", "outbound"]

LONGEST_GROUP = 3
"""Words. Two were as good on calls held out, but three make readable reasons."""

MOST_COUNTS = 2
"""A group said again proves little more, so a long call is not surer by its length."""

LONGEST_PHRASE = 10
"""Words of a phrase that is given as a reason."""

MOST_PHRASES = 3

DIGITS = frozenset(
    {"zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
)
"""Not shown in reasons, where an account number could be read out of them."""

_END = re.compile(r"(?<=[.!?;])\s+")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CALLING = re.compile(r"\b(?:call|ring|phon)(?:s|ed|e|ing)?\b|\brang\b")
_SIGNS = {"agent": 1.0, "customer": -1.0}


class Parlance(Value):
    """What was learned of how the two parties speak."""

    language: str
    discount: float = Field(gt=0, le=1)
    """On the sum of the weights. Groups come together (who greets also offers help), so
    they prove less than their sum; fitted on calls held out."""
    weights: Mapping[str, float]
    """By group of words: natural log of the odds for the agent."""


class Opening(Value):
    """A kind of phrase in calls that the company makes."""

    party: Literal["agent", "customer"]
    reason: str
    weight: float = Field(gt=0)
    """Natural log of how much more often it comes from that party, set by hand."""
    pattern: str
    """A regular expression over plain words."""
    examples: tuple[str, ...]


class Weighed(Value):
    """What the words of one voice say about it."""

    score: float
    """Natural log of the odds for the agent."""
    agent: tuple[str, ...]
    """What speaks for the agent, the strongest first."""
    customer: tuple[str, ...]


def weigh(texts: Sequence[str], *, direction: Direction | None = None) -> Weighed:
    """Weighs all that one voice says.

    In a call that the company makes, words about calling do not mean what they mean in
    others, so they are left out there, and what is said at the beginning of such calls
    counts instead.
    """
    parlance = read_parlance()
    outbound = direction == "outbound"
    weights = parlance.weights
    if outbound:
        weights = {k: weight for k, weight in weights.items() if not _CALLING.search(k)}
    sentences = [_WORD.findall(part) for text in texts for part in _END.split(text)]
    counts = Counter(
        group for said in sentences for _, _, group in _groups(said) if group in weights
    )
    score = parlance.discount * sum(
        weights[group] * min(count, MOST_COUNTS) for group, count in counts.items()
    )
    heard = _heard_openings(sentences) if outbound else ()
    return Weighed(
        score=score + sum(_SIGNS[one.party] * one.weight for one in heard),
        **{
            party: (
                *(one.reason for one in heard if one.party == party),
                *(f"says “{phrase}”" for phrase in _telling(sentences, weights, sign)),
            )
            for party, sign in _SIGNS.items()
        },
    )


def groups(text: str) -> list[str]:
    """All groups of words in a text, written as in the weights."""
    return [
        group for part in _END.split(text) for _, _, group in _groups(_WORD.findall(part))
    ]


@cache
def read_parlance() -> Parlance:
    """The weights that ship with the package."""
    text = files("callmon.speech.roles").joinpath("parlance.json").read_text("utf-8")
    return Parlance.model_validate(json.loads(text))


@cache
def read_openings() -> tuple[Opening, ...]:
    """The openings that ship with the package."""
    text = files("callmon.speech.roles").joinpath("openings.toml").read_text("utf-8")
    return tuple(Opening.model_validate(one) for one in tomllib.loads(text)["opening"])


def _groups(said: Sequence[str]) -> list[tuple[int, int, str]]:
    """First word, word after the last, and the words of every group."""
    plain = [_plain(word) for word in said]
    return [
        (start, start + length, " ".join(plain[start : start + length]))
        for length in range(1, LONGEST_GROUP + 1)
        for start in range(len(plain) - length + 1)
    ]


def _plain(word: str) -> str:
    """Lower case without apostrophes, however a recogniser writes; numbers are all one."""
    return "0" if word[0].isdigit() else re.sub("['’]", "", word.casefold())


def _telling(
    sentences: Sequence[Sequence[str]], weights: Mapping[str, float], sign: float
) -> list[str]:
    """The phrases that speak most for one party, the strongest first, MOST_PHRASES."""
    found: dict[str, tuple[float, str]] = {}
    for said in sentences:
        strength, start, end = _strongest(said, weights, sign)
        if end - start > 1:
            phrase = " ".join(
                word if _is_known(word, weights) else "…" for word in said[start:end]
            )
            key = phrase.casefold()
            found[key] = max(found.get(key, (0.0, phrase)), (strength, phrase))
    best = sorted(found.values(), key=lambda one: (-one[0], one[1]))
    return [phrase for _, phrase in best[:MOST_PHRASES]]


def _strongest(
    said: Sequence[str], weights: Mapping[str, float], sign: float
) -> tuple[float, int, int]:
    """The strength, first word and word after the last of a sentence's strongest phrase."""
    ending: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for start, end, group in _groups(said):
        if group in weights:
            ending[end].append((start, sign * weights[group]))
    best = (0.0, 0, 0)
    for first in range(len(said)):
        strength = 0.0
        for end in range(first + 1, min(first + LONGEST_PHRASE, len(said)) + 1):
            strength += sum(weight for start, weight in ending[end] if start >= first)
            best = max(best, (strength, first, end), key=lambda one: one[0])
    return best


def _is_known(word: str, weights: Mapping[str, float]) -> bool:
    """Whether many calls have the word: names and numbers stay out of the reasons."""
    plain = _plain(word)
    return plain in weights and plain not in DIGITS and not plain[0].isdigit()


def _heard_openings(sentences: Sequence[Sequence[str]]) -> list[Opening]:
    plain = " ".join(_plain(word) for said in sentences for word in said)
    return [one for one in read_openings() if re.search(rf"\b(?:{one.pattern})\b", plain)]
