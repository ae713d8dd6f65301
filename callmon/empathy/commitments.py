"""The promise ledger of a call: what the agent undertakes, by when, and what stays open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from callmon.call import Behaviour, Commitment, CommitmentLevel, Promiser, Turn
from callmon.empathy.deadlines import due
from callmon.empathy.patterns import compile_patterns
from callmon.empathy.rubric import Rubric
from callmon.empathy.sentences import plain_words, sentences
from callmon.empathy.undertakings import certain_level, deadline
from callmon.plain import roots

_RANK: dict[CommitmentLevel, int] = {"vague": 0, "concrete": 1, "timed": 2}


@dataclass(frozen=True)
class _Said:
    """One sentence that promises, and where it stands among the agent's words."""

    commitment: Commitment
    stems: frozenset[str]
    order: int
    """Place among all behaviours, which are in the order of the words."""


def find_commitments(
    turns: Sequence[Turn],
    behaviours: Sequence[Behaviour],
    rubric: Rubric,
    *,
    started: datetime | None = None,
) -> tuple[Commitment, ...]:
    """The ledger: each action once, in order, as most exactly said, and open or kept.

    `started` is the beginning of the call, from which deadlines are counted. A promise is
    kept when a later `resolution_done` tells of the same action, or a bare "that's done"
    follows it; when it was a hand-over and another voice came; or when it was something to
    look up, and the agent went on. Two sentences are about one action when they share more
    than half of the content of the shorter one.
    """
    by_index = {turn.index: turn for turn in turns}
    ledger: list[_Said] = []
    for order, behaviour in enumerate(behaviours):
        if behaviour.behaviour == "resolution_done":
            ledger = _kept(ledger, behaviour, rubric)
        if behaviour.behaviour != "commitment":
            continue
        said = _said(behaviour, by_index[behaviour.turn], order, rubric, started)
        ledger = _entered(ledger, said)
    return tuple(
        one.commitment.model_copy(
            update={
                "open": one.commitment.open
                and not _seen_done(one.commitment, turns, rubric)
            }
        )
        for one in sorted(ledger, key=lambda one: one.order)
    )


def _said(
    behaviour: Behaviour,
    turn: Turn,
    order: int,
    rubric: Rubric,
    started: datetime | None,
) -> _Said:
    parts = sentences(turn.text, turn=turn.index)
    place = next((i for i, part in enumerate(parts) if behaviour.quote in part.original), 0)
    when = deadline(parts[place : place + 2], rubric) if parts else None
    action = _action(behaviour.quote, when, rubric)
    return _Said(
        commitment=Commitment(
            turn=behaviour.turn,
            action=action,
            deadline=when,
            due=due(when, started, language=rubric.language) if when and started else None,
            level=_level(
                behaviour,
                when,
                certain=certain_level(parts[place], rubric) if parts else None,
            ),
            who=_who(behaviour.quote, rubric),
            quote=behaviour.quote,
            start=behaviour.start,
            end=behaviour.end,
        ),
        stems=_stems(action, rubric),
        order=order,
    )


def _entered(ledger: list[_Said], said: _Said) -> list[_Said]:
    """With the promise in it: beside the others, or as one of them said more exactly."""
    for place, held in enumerate(ledger):
        if not held.commitment.open or not _one_action(held, said):
            continue
        more = _RANK[said.commitment.level] - _RANK[held.commitment.level]
        redated = more == 0 and said.commitment.deadline is not None
        kept = said if more > 0 or redated else held
        return [*ledger[:place], kept, *ledger[place + 1 :]]
    return [*ledger, said]


def _one_action(first: _Said, second: _Said) -> bool:
    shorter = min(len(first.stems), len(second.stems))
    if not shorter:
        return plain_words(first.commitment.action) == plain_words(second.commitment.action)
    return 2 * len(first.stems & second.stems) > shorter


def _kept(ledger: list[_Said], done: Behaviour, rubric: Rubric) -> list[_Said]:
    """With those promises closed that are done by these words."""
    stems = _stems(done.quote, rubric)
    bare = stems <= _stems(rubric.commitments.finished, rubric)
    still_open = [one for one in ledger if one.commitment.open]
    if bare:
        mine = [one for one in still_open if one.commitment.who == "agent"]
        kept = mine[-1:]
    else:
        kept = [
            one
            for one in still_open
            if one.stems and 2 * len(one.stems & stems) >= min(len(one.stems), len(stems))
        ]
    return [
        _Said(one.commitment.model_copy(update={"open": False}), one.stems, one.order)
        if one in kept
        else one
        for one in ledger
    ]


def _seen_done(promise: Commitment, turns: Sequence[Turn], rubric: Rubric) -> bool:
    """Whether the course of the call shows it, without a word: the caller was put through,
    or the agent went on after looking something up."""
    text = " ".join(plain_words(promise.quote))
    speaker = next(turn.speaker for turn in turns if turn.index == promise.turn)
    later = [turn for turn in turns if turn.index > promise.turn and not turn.backchannel]
    if compile_patterns(rubric.commitments.hand_overs).search(text):
        return any(
            turn.party == "other" or (turn.party == "agent" and turn.speaker != speaker)
            for turn in later
        )
    looks_up = compile_patterns(rubric.commitments.looks_up).search(text)
    waits = compile_patterns(rubric.commitments.waits).search(text)
    if looks_up and (promise.level != "vague" or waits):
        return any(turn.party == "agent" for turn in later)
    return False


def _stems(text: str, rubric: Rubric) -> frozenset[str]:
    return roots(text, common=rubric.common)


def _who(quote: str, rubric: Rubric) -> Promiser:
    """By who is named first as the one to act."""
    text = " ".join(plain_words(quote))
    mine = compile_patterns(rubric.commitments.by_me).search(text)
    others = compile_patterns(rubric.commitments.by_others).search(text)
    if mine and (not others or mine.start() <= others.start()):
        return "agent"
    return "company"


def _level(
    behaviour: Behaviour,
    when: str | None,
    *,
    certain: Literal["vague", "concrete"] | None,
) -> CommitmentLevel:
    """As the words are certain to mean it, else as the behaviour says."""
    if (certain or behaviour.level) == "vague":
        return "vague"
    return "timed" if behaviour.level == "timed" or when else "concrete"


def _action(quote: str, when: str | None, rubric: Rubric) -> str:
    """The quote from after "I will", without the deadline at its end."""
    parts = sentences(quote)
    if not parts:
        return quote
    part = parts[0]
    lead = re.search(rf"\b(?:{'|'.join(rubric.commitments.lead_ins)}) ", part.plain)
    conditional = lead and re.search(
        r"\b(?:if|unless|once|when)\b", part.plain[: lead.start()]
    )
    action = quote
    if lead and not conditional and lead.end() < len(part.plain):
        action = quote[part.place(lead.end(), lead.end() + 1)[0] :]
    elif joint := re.match(r"(?:and|then)\b[ ,]*", quote, re.IGNORECASE):
        action = quote[joint.end() :]
    if when and action.endswith(when):
        action = action[: -len(when)]
    return action.strip(" .,;:!?") or quote
