"""Finds out which voice is the agent and which the customer.

What a transcript's labels say comes first, then what the user says, then a guess by
words: the two sides of a service call say different things. Who speaks first is no
evidence, for in outbound calls the order turns round.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import islice
from math import exp
from typing import Literal

from callmon.call import Party, Role, Segment, Value
from callmon.errors import BadSettings

SURE_ENOUGH = 0.75
"""Confidence below which a guess stays `unknown`: wrong one time in four at the most."""

MOST_COUNTS = 2
"""A phrase said again proves little more, so a long call is not surer by its length."""

DISCOUNT = 0.5
"""On the sum of the evidence. Phrases come together (who greets also offers help), so
their weights are not independent as the sum takes them to be."""

MOST_SURE = 0.99
"""A guess by words is never certain."""

REASONS = 3
"""Reasons that are given, the strongest."""

CHANNELS = frozenset({"left", "right"})


class Evidence(Value):
    """A kind of phrase that one party says more often than the other."""

    party: Literal["agent", "customer"]
    reason: str
    weight: float
    """Natural log of how much more often."""
    pattern: str
    """A regular expression over plain words; `~` stands for up to three words."""
    examples: tuple[str, ...]


def assign_roles(
    segments: Sequence[Segment], *, agent: str | None = None
) -> dict[str, Role]:
    """The role of every speaker.

    Speakers that the segments label keep their label. `agent` is the speaker who the
    user says is the agent (`left`, `speaker 1`, ...); it holds for speakers without a
    label, with confidence 1. All others are judged by their words, and are `unknown`
    under a confidence of SURE_ENOUGH. Of two speakers who are neither labelled nor
    named, one role follows from the other.

    Raises BadSettings when there is no speaker with the name `agent`.
    """
    speakers = list(dict.fromkeys(segment.speaker for segment in segments))
    roles = _labelled(segments)
    unlabelled = [speaker for speaker in speakers if speaker not in roles]
    if agent is not None and unlabelled:
        roles |= _named(unlabelled, agent)
    if len(speakers) == 2 and len(roles) == 1:
        roles |= _opposite(speakers, roles)
    texts = {
        speaker: " ".join(s.text for s in segments if s.speaker == speaker)
        for speaker in speakers
        if speaker not in roles
    }
    roles |= _guess(texts)
    return {speaker: roles[speaker] for speaker in speakers}


def read_evidence() -> tuple[Evidence, ...]:
    """The evidence that ships with the package."""
    text = files("callmon.speech").joinpath("roles.toml").read_text(encoding="utf-8")
    return tuple(
        Evidence.model_validate(entry) for entry in tomllib.loads(text)["evidence"]
    )


def weigh(text: str) -> dict[Evidence, int]:
    """How often each kind of evidence is in the text, up to MOST_COUNTS."""
    plain = " ".join(re.findall(r"\w+", text.casefold().replace("'", "").replace("’", "")))
    counts = {
        evidence: len(list(islice(pattern.finditer(plain), MOST_COUNTS)))
        for evidence, pattern in _patterns()
    }
    return {evidence: count for evidence, count in counts.items() if count}


@cache
def _patterns() -> tuple[tuple[Evidence, re.Pattern[str]], ...]:
    return tuple((evidence, _compiled(evidence.pattern)) for evidence in read_evidence())


def _compiled(pattern: str) -> re.Pattern[str]:
    some_words = r"(?: \w+){0,3}"
    return re.compile(rf"\b(?:{pattern.replace(chr(39), '').replace(' ~', some_words)})\b")


def _labelled(segments: Sequence[Segment]) -> dict[str, Role]:
    """The roles of the speakers whose segments carry a party."""
    said: dict[str, Counter[Party]] = defaultdict(Counter)
    for segment in segments:
        if segment.party is not None:
            said[segment.speaker][segment.party] += 1
    roles: dict[str, Role] = {}
    for speaker, parties in said.items():
        party, count = parties.most_common(1)[0]
        roles[speaker] = Role(
            party=party,
            confidence=count / parties.total(),
            reasons=("labelled in the transcript",),
        )
    return roles


def _named(unlabelled: Sequence[str], agent: str) -> dict[str, Role]:
    """The role of the agent whom the user names."""
    if agent in unlabelled:
        return {agent: Role(party="agent", confidence=1.0, reasons=("named by the user",))}
    if {agent, *unlabelled} <= CHANNELS:
        # The agent's channel holds no speech, so what is heard is the other one.
        role = Role(
            party="customer", confidence=1.0, reasons=("the channel of the caller",)
        )
        return dict.fromkeys(unlabelled, role)
    if agent in CHANNELS:
        raise BadSettings(
            f"The {agent} channel was named as the agent's, but this call does not have one"
            " voice on each channel. Name the agent's voice with --agent-speaker 1|2, or"
            " name none and let the words decide."
        )
    raise BadSettings(
        f"No speaker is called {agent!r} in this call; "
        f"the speakers are {', '.join(repr(speaker) for speaker in unlabelled)}."
    )


def _opposite(speakers: Sequence[str], roles: Mapping[str, Role]) -> dict[str, Role]:
    """The role of the second of two speakers, when the first is agent or customer."""
    (known,) = roles
    (other,) = set(speakers) - {known}
    party, confidence = roles[known].party, roles[known].confidence
    if party not in ("agent", "customer"):
        return {}
    return {
        other: Role(
            party="customer" if party == "agent" else "agent",
            confidence=confidence,
            reasons=(f"the other speaker is the {party}",),
        )
    }


def _guess(texts: Mapping[str, str]) -> dict[str, Role]:
    """Roles by words.

    The evidence for one of two speakers as agent is evidence for the other as customer,
    so the two are weighed together; one alone, or more than two, each by themselves.
    """
    evidence = {speaker: weigh(text) for speaker, text in texts.items()}
    scores = {speaker: _score(found) for speaker, found in evidence.items()}
    if len(scores) == 2:
        total = sum(scores.values())
        scores = {speaker: 2 * score - total for speaker, score in scores.items()}
    return {speaker: _role(scores[speaker], evidence[speaker]) for speaker in texts}


def _score(evidence: Mapping[Evidence, int]) -> float:
    """Nats in favour of the agent, against the customer if negative."""
    return sum(
        found.weight * count * (1 if found.party == "agent" else -1)
        for found, count in evidence.items()
    )


def _role(score: float, evidence: Mapping[Evidence, int]) -> Role:
    confidence = min(MOST_SURE, 1 / (1 + exp(-abs(score) * DISCOUNT)))
    party: Party = "agent" if score > 0 else "customer"
    if confidence < SURE_ENOUGH:
        return Role(
            party="unknown", confidence=confidence, reasons=("too little in the words",)
        )
    reasons = sorted(
        (found for found in evidence if found.party == party),
        key=lambda found: (-found.weight * evidence[found], found.reason),
    )
    return Role(
        party=party,
        confidence=confidence,
        reasons=tuple(found.reason for found in reasons[:REASONS])
        or ("by the words of the other speaker",),
    )
