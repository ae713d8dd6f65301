"""Finds out which voice is the agent and which the customer.

What a transcript's labels say comes first, then what the user says, then the channel that
the settings name, then the words: the two sides of a service call say different things.
Who speaks first is no evidence, for in outbound calls the order turns round.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from math import exp, expm1, inf, log, log1p
from typing import Literal

from callmon.call import Party, Role, Segment
from callmon.errors import BadSettings
from callmon.speech.roles.announcements import ANNOUNCEMENT
from callmon.speech.roles.parlance import Direction, Weighed, read_parlance, weigh

LEAST_HEARD = 0.5
"""Confidence of a voice's words under which they tell nothing of who it is: the recogniser
gives them less than an even chance. (A model in a language or a world that it does not know
writes words between 0.3 and 0.5; what it knows it writes above 0.6.)"""

SURE_ENOUGH = 0.85
"""Confidence under which a judgement by words stays `unknown`: the lowest with which 99 of
100 answers are right on short scenes by writers whom the weights were not learned from
(`scripts/train_roles.py`)."""

MOST_SURE = 0.99
"""A judgement by words is never certain."""

MOST_NATS = 300.0
"""Scores beyond this would leave the range of a float."""

REASONS = 3
"""Reasons that are given, the strongest."""

CHANNELS = frozenset({"left", "right"})


def assign_roles(
    segments: Sequence[Segment],
    *,
    agent: str | None = None,
    agent_channel: Literal["left", "right"] | None = None,
    direction: Direction | None = None,
    language: str | None = None,
    sure_enough: float = SURE_ENOUGH,
) -> dict[str, Role]:
    """The role of every voice, in order of first speech.

    Voices that the segments label keep their label, and announcements are `other`. `agent`
    is the voice who the user says is the agent: `left`, `speaker 2`, a label of the
    transcript; or `speaker N` for the N-th one where a transcript gives other names. It
    holds for voices without a label, with confidence 1. `agent_channel` is where the agent
    is in calls that have a channel for each party; other calls do not mind it. Of two
    voices with one known the other follows. All others are judged by their words, together,
    and are `unknown` under a confidence of `sure_enough`, or when the call is in a
    `language` whose words were not learned.

    Raises BadSettings when there is no voice with the name `agent`.
    """
    speakers = list(dict.fromkeys(segment.speaker for segment in segments))
    roles = _labelled(segments)
    roles |= {
        speaker: Role(party="other", confidence=MOST_SURE, reasons=("an announcement",))
        for speaker in speakers
        if speaker.endswith(ANNOUNCEMENT) and speaker not in roles
    }
    open_ = [speaker for speaker in speakers if speaker not in roles]
    if agent is not None and open_:
        roles |= _named(open_, agent)
    elif agent_channel is not None and CHANNELS.issuperset(open_):
        roles |= _of_channel(open_, agent_channel, "the agent's channel by the settings")
    people = [s for s in speakers if s not in roles or roles[s].party != "other"]
    if len(people) == 2:
        roles |= _opposite(people, roles)
    if language not in (None, read_parlance().language):
        foreign = Role(
            party="unknown",
            confidence=0.5,
            reasons=(f"the words of the language {language!r} were not learned",),
        )
        return {speaker: roles.get(speaker, foreign) for speaker in speakers}
    texts = {
        speaker: _heard([segment for segment in segments if segment.speaker == speaker])
        for speaker in people
        if speaker not in roles
    }
    known = {roles[speaker].party for speaker in people if speaker in roles}
    weighed = {name: weigh(said, direction=direction) for name, said in texts.items()}
    roles |= _judged(weighed, known=known, sure_enough=sure_enough)
    return {speaker: roles[speaker] for speaker in speakers}


def _heard(segments: Sequence[Segment]) -> list[str]:
    """What a voice says; nothing where the recogniser doubts most of it."""
    letters = sum(len(segment.text) for segment in segments)
    sure = sum(segment.confidence * len(segment.text) for segment in segments)
    if sure < LEAST_HEARD * letters:
        return []
    return [segment.text for segment in segments]


def _labelled(segments: Sequence[Segment]) -> dict[str, Role]:
    """The roles of the voices whose segments carry a party."""
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


def _named(speakers: Sequence[str], agent: str) -> dict[str, Role]:
    """The role of the agent whom the user names."""
    if CHANNELS.issuperset({agent, *speakers}):
        return _of_channel(speakers, agent, "named by the user")
    named = agent if agent in speakers else _counted(speakers, agent)
    if named is not None:
        return {named: Role(party="agent", confidence=1.0, reasons=("named by the user",))}
    if agent in CHANNELS:
        raise BadSettings(
            f"The {agent} channel was named as the agent's, but this call does not have one"
            " voice on each channel. Name the agent's voice by its number with"
            f" --agent-speaker (the voices are {_listed(speakers)}), or name none and let"
            " the words decide."
        )
    other_way = (
        " Name the agent's with --agent-channel left|right."
        if CHANNELS.issuperset(speakers)
        else ""
    )
    raise BadSettings(
        f"No speaker is called {agent!r} in this call; the speakers are"
        f" {_listed(speakers)}.{other_way}"
    )


def _of_channel(speakers: Sequence[str], agent: str, reason: str) -> dict[str, Role]:
    """The roles of the voices on two channels, of which one may be silent."""
    return {
        speaker: Role(party="agent", confidence=1.0, reasons=(reason,))
        if speaker == agent
        else Role(party="customer", confidence=1.0, reasons=("the channel of the caller",))
        for speaker in speakers
    }


def _counted(speakers: Sequence[str], agent: str) -> str | None:
    """Who is meant by `speaker N`: who is called so, else the N-th where nobody is."""
    number = re.fullmatch(r"speaker ([1-9]\d{0,3})", agent)
    if number is None or CHANNELS.issuperset(speakers):
        return None
    called = [s for s in speakers if re.fullmatch(r"(?i:speaker) \d+", s)]
    if called:
        return next((speaker for speaker in called if speaker.casefold() == agent), None)
    return dict(enumerate(speakers, 1)).get(int(number[1]))


def _opposite(speakers: Sequence[str], roles: Mapping[str, Role]) -> dict[str, Role]:
    """The role of the second of two speakers, when one is known as agent or customer."""
    known = [speaker for speaker in speakers if speaker in roles]
    if len(known) != 1 or roles[known[0]].party == "unknown":
        return {}
    (other,) = set(speakers) - set(known)
    party = roles[known[0]].party
    return {
        other: Role(
            party="customer" if party == "agent" else "agent",
            confidence=roles[known[0]].confidence,
            reasons=(f"the other speaker is the {party}",),
        )
    }


def _judged(
    weighed: Mapping[str, Weighed], *, known: Collection[Party], sure_enough: float
) -> dict[str, Role]:
    """Roles by words.

    The voices are judged together: where there are several, one at least is an agent and
    one at least a customer, so that evidence for the one as agent is evidence for the
    others as customers. For each voice the probability to be an agent is that of all such
    ways to give the parties in which it is, each weighed by the words of all voices.
    """
    scores = [max(-MOST_NATS, min(MOST_NATS, one.score)) for one in weighed.values()]
    as_agent = [-log1p(exp(-score)) for score in scores]
    as_customer = [-log1p(exp(score)) for score in scores]
    several = len(weighed) + len(known) > 1 and "unknown" not in known
    roles: dict[str, Role] = {}
    for place, (name, one) in enumerate(weighed.items()):
        agent, customer = as_agent[place], as_customer[place]
        if several and "customer" not in known:
            agent += _log_not_all(as_agent[:place] + as_agent[place + 1 :])
        if several and "agent" not in known:
            customer += _log_not_all(as_customer[:place] + as_customer[place + 1 :])
        roles[name] = _role(agent - customer, one, sure_enough)
    return roles


def _log_not_all(logs: Sequence[float]) -> float:
    """Log of the probability that not all of these independent things are so."""
    return log(-expm1(sum(logs))) if sum(logs) < 0 else -inf


def _role(score: float, weighed: Weighed, sure_enough: float) -> Role:
    """The role of a voice with these log odds to be an agent."""
    confidence = min(MOST_SURE, 1 / (1 + exp(-abs(score))))
    if confidence < sure_enough or score == 0:
        return Role(
            party="unknown", confidence=confidence, reasons=("too little in the words",)
        )
    party: Party = "agent" if score > 0 else "customer"
    reasons = weighed.agent if score > 0 else weighed.customer
    return Role(
        party=party,
        confidence=confidence,
        reasons=reasons[:REASONS] or ("by the words of the other speakers",),
    )


def _listed(speakers: Sequence[str]) -> str:
    return ", ".join(repr(speaker) for speaker in speakers)
