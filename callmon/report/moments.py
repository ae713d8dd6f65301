"""The call as both reports show it: moments by letter, findings by number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from callmon.call import (
    Analysis,
    Behaviour,
    Finding,
    Opportunity,
    Outcome,
    OutcomeName,
    Turn,
)

UNJUDGED: Final = frozenset({"language", "unsure_roles"})
"""Warnings with which no moment is looked for."""


@dataclass(frozen=True)
class Moment:
    """An opportunity with its outcome and with what the agent did about it."""

    letter: str
    opportunity: Opportunity
    outcome: Outcome | None
    behaviours: tuple[Behaviour, ...]

    @property
    def turn(self) -> int:
        return _first_turn(self.opportunity)

    @property
    def verdict(self) -> OutcomeName:
        return self.outcome.outcome if self.outcome else "unscorable"

    @property
    def quote(self) -> str:
        return next((e.quote for e in self.opportunity.evidence if e.quote), "")


@dataclass(frozen=True)
class NumberedFinding:
    """A finding with its place in the order of time."""

    number: int
    finding: Finding
    moment: Moment | None


class _Placed(Protocol):
    @property
    def start(self) -> float | None: ...


_T = TypeVar("_T", bound=_Placed)


def moments(analysis: Analysis) -> tuple[Moment, ...]:
    """The opportunities in order of time, lettered A, B, … Z, AA, …"""
    outcomes = {outcome.opportunity: outcome for outcome in analysis.outcomes}
    did: dict[str, list[Behaviour]] = {}
    for response in analysis.responses:
        did.setdefault(response.opportunity, []).extend(response.behaviours)
    ordered = _in_time_order(analysis.opportunities, _first_turn)
    return tuple(
        Moment(
            letter=letters(position),
            opportunity=opportunity,
            outcome=outcomes.get(opportunity.id),
            behaviours=tuple(did.get(opportunity.id, ())),
        )
        for position, opportunity in enumerate(ordered)
    )


def findings(analysis: Analysis, known: Sequence[Moment]) -> tuple[NumberedFinding, ...]:
    """The findings in order of time, numbered from 1, each with its moment if any."""
    by_id = {moment.opportunity.id: moment for moment in known}
    ordered = _in_time_order(analysis.findings, lambda finding: finding.turn)
    return tuple(
        NumberedFinding(
            number=number,
            finding=finding,
            moment=by_id.get(finding.opportunity) if finding.opportunity else None,
        )
        for number, finding in enumerate(ordered, start=1)
    )


def behaviours_of(analysis: Analysis, turn: Turn) -> tuple[Behaviour, ...]:
    """What the agent does in this turn in the order of the words, each thing once."""
    everything = (
        *analysis.agent_behaviours,
        *(b for response in analysis.responses for b in response.behaviours),
    )
    once = {(b.behaviour, b.quote): b for b in everything if b.turn == turn.index}
    return tuple(sorted(once.values(), key=lambda b: turn.text.find(b.quote)))


def letters(position: int) -> str:
    """0 is A, 25 is Z, 26 is AA: as spreadsheets name their columns."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def score_sentence(analysis: Analysis) -> str:
    """The score in words, never a number where there is nothing to score.

    For example `2 of 5 moments met`.
    """
    if is_hidden(analysis):
        return "Hidden until you have judged"
    score = analysis.score
    judged = score.met + score.partial + score.missed
    if judged:
        moments = "moment" if judged == 1 else "moments"
        return f"{score.met} of {judged} {moments} met"
    if score.impeded or score.unscorable:
        return "No moment could be judged"
    if not was_judged(analysis):
        return "Empathy was not judged"
    return "No moment called for empathy"


def is_hidden(analysis: Analysis) -> bool:
    """Whether the judgement was left out for somebody who is to judge first."""
    return "hidden" in {warning.kind for warning in analysis.warnings}


def was_judged(analysis: Analysis) -> bool:
    """Whether empathy could be judged at all; silence about it is then a result."""
    return not UNJUDGED & {warning.kind for warning in analysis.warnings}


def score_remarks(analysis: Analysis) -> tuple[str, ...]:
    """What the score sentence leaves out."""
    score = analysis.score
    counts = (
        (score.partial, "partly met, counted as half"),
        (score.impeded, "without a chance to answer, not counted"),
        (score.unscorable, "could not be judged, not counted"),
    )
    return tuple(f"{count} {words}" for count, words in counts if count)


def score_parts(analysis: Analysis) -> tuple[str, ...]:
    """What the answers to negative moments were made of; empty without such a moment.

    For example `Understood 2 of 3`.
    """
    parts = analysis.score.parts
    named = (
        ("Understood", parts.understood),
        ("Acknowledged", parts.acknowledged),
        ("Acted on", parts.acted),
    )
    return tuple(f"{name} {part.count} of {part.of}" for name, part in named if part.of)


def _first_turn(opportunity: Opportunity) -> int:
    return opportunity.turns[0] if opportunity.turns else 0


def _in_time_order(items: Sequence[_T], turn: Callable[[_T], int]) -> list[_T]:
    """By time where every item has one, else by turn: the two do not mix."""
    timed = all(item.start is not None for item in items)
    return sorted(
        items, key=lambda item: ((item.start or 0.0) if timed else 0.0, turn(item))
    )
