"""How each opportunity was answered: response window, ladder, recovery."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from callmon.call import (
    Behaviour,
    Opportunity,
    Outcome,
    OutcomeName,
    Response,
    Rung,
    Turn,
)
from callmon.findings.rules import Rules
from callmon.findings.words import plain

TOWARD_PROBLEM = frozenset(
    {
        "commitment",
        "resolution_done",
        "exploration",
        "ownership",
        "reassurance",
        "mirroring",
    }
)
"""Behaviours that work on the matter, and are no word for the feeling."""


@dataclass(frozen=True)
class Window:
    """The agent turns that answer an opportunity, and why there may be none."""

    turns: tuple[Turn, ...]
    closed_by: Literal["turns", "opportunity", "talk", "other", "end"]


def judge(
    opportunities: Sequence[Opportunity],
    behaviours: Sequence[Behaviour],
    turns: Sequence[Turn],
    rules: Rules,
    *,
    duration: float | None = None,
) -> tuple[tuple[Response, ...], tuple[Outcome, ...]]:
    """The responses to each opportunity, and its outcome by the coding scheme's table.

    `duration` in seconds tells a call that went on without the agent from one that ended.
    """
    responses: list[Response] = []
    outcomes: list[Outcome] = []
    windows = [
        response_window(opportunity, opportunities[place + 1 :], turns, rules)
        for place, opportunity in enumerate(opportunities)
    ]
    for opportunity, window in zip(opportunities, windows, strict=True):
        answers = [
            Response(
                opportunity=opportunity.id,
                turn=turn.index,
                behaviours=_of(turn, behaviours),
            )
            for turn in window.turns
        ]
        outcome = _judge_one(opportunity, window, answers, turns, rules, duration)
        if outcome.outcome in ("missed", "partial"):
            others = {
                turn.index
                for other, its in zip(opportunities, windows, strict=True)
                for turn in its.turns
                if other.valence != opportunity.valence
            }
            later = _recovery(opportunity, window, behaviours, apart=others)
            if later is not None:
                answers.append(later)
                outcome = outcome.model_copy(
                    update={
                        "recovered": True,
                        "delay": _delay(opportunity, _acknowledgements(later.behaviours)),
                    }
                )
        responses.extend(answers)
        outcomes.append(outcome)
    return tuple(responses), tuple(outcomes)


def response_window(
    opportunity: Opportunity,
    following: Sequence[Opportunity],
    turns: Sequence[Turn],
    rules: Rules,
) -> Window:
    """Two agent turns of substance, the next opportunity, or 45 seconds of talk."""
    next_turn = min((later.turns[0] for later in following), default=None)
    answers: list[Turn] = []
    talk = 0.0
    for turn in turns:
        if turn.index <= opportunity.turns[-1] or turn.backchannel:
            continue
        if next_turn is not None and turn.index >= next_turn:
            return Window(tuple(answers), "opportunity")
        if turn.party == "other" and not answers:
            return Window((), "other")
        if talk >= rules.window_talk_seconds:
            return Window(tuple(answers), "talk")
        if turn.party in ("agent", "unknown"):
            answers.append(turn)
            if len(answers) == rules.window_turns:
                return Window(tuple(answers), "turns")
        if turn.start is not None and turn.end is not None:
            talk += turn.end - turn.start
    return Window(tuple(answers), "end")


def rung(
    opportunity: Opportunity,
    behaviours: Sequence[Behaviour],
    window: Sequence[Turn],
    rules: Rules,
) -> Rung:
    """The highest step of the response ladder that the window reaches."""
    names = {behaviour.behaviour for behaviour in behaviours}
    levels = {
        behaviour.level
        for behaviour in behaviours
        if behaviour.behaviour == "acknowledgement"
    }
    if opportunity.valence == "positive":
        if "specific" in levels:
            return "acknowledged_specific"
        return "acknowledged" if levels else "ignored"
    acted = "resolution_done" in names or any(
        behaviour.behaviour == "commitment" and behaviour.level in ("concrete", "timed")
        for behaviour in behaviours
    )
    met = "specific" in levels or ("generic" in levels and "mirroring" in names)
    if met and acted:
        return "full"
    if "dismissal" in names:
        return "dismissed"
    if "specific" in levels:
        return "acknowledged_specific"
    if "generic" in levels:
        return "acknowledged"
    if names & {"apology", "sympathy"}:
        return "sorry_only"
    if names & TOWARD_PROBLEM or any(
        rules.holds("troubleshooting", plain(turn.text)) for turn in window
    ):
        return "solved_only"
    return "ignored"


def _judge_one(
    opportunity: Opportunity,
    window: Window,
    answers: Sequence[Response],
    turns: Sequence[Turn],
    rules: Rules,
    duration: float | None,
) -> Outcome:
    told = [turn for turn in turns if turn.index in opportunity.turns]
    if not window.turns:
        reason = _why_no_answer(opportunity, window, rules, duration)
        return _outcome(opportunity, "impeded", reason=reason)
    if doubt := _doubt([*told, *window.turns], rules):
        return _outcome(opportunity, "unscorable", reason=doubt)
    behaviours = [behaviour for answer in answers for behaviour in answer.behaviours]
    reached = rung(opportunity, behaviours, window.turns, rules)
    name = outcome_of(opportunity, reached, behaviours)
    met_by = _acknowledgements(behaviours) if name == "met" else []
    return Outcome(
        opportunity=opportunity.id,
        outcome=name,
        rung=reached,
        delay=_delay(opportunity, met_by),
        recovered=False,
        reason=None,
    )


def outcome_of(
    opportunity: Opportunity, reached: Rung, behaviours: Sequence[Behaviour]
) -> OutcomeName:
    """The scheme's table from rung and strength to met, partial or missed."""
    names = {behaviour.behaviour for behaviour in behaviours}
    if reached in ("full", "acknowledged_specific"):
        return "met"
    if opportunity.valence == "positive":
        if reached == "acknowledged":
            return "met"
        return "partial" if "rapport" in names else "missed"
    if reached == "acknowledged":
        return "met" if opportunity.strength == 1 else "partial"
    if reached in ("sorry_only", "solved_only") and "mirroring" in names:
        return "partial"
    return "missed"


def _recovery(
    opportunity: Opportunity,
    window: Window,
    behaviours: Sequence[Behaviour],
    *,
    apart: AbstractSet[int],
) -> Response | None:
    """The first later turn that would have met the moment in time.

    Turns in `apart` answer a moment of the opposite feeling: sharing a later joy does not
    make up for an anger that was missed.
    """
    last = max(turn.index for turn in window.turns)
    later = {behaviour.turn for behaviour in behaviours if behaviour.turn > last}
    for index in sorted(later - apart):
        held = tuple(behaviour for behaviour in behaviours if behaviour.turn == index)
        wanted = _acknowledgements(held)
        specific = any(behaviour.level == "specific" for behaviour in wanted)
        if specific or (
            wanted and (opportunity.valence == "positive" or opportunity.strength == 1)
        ):
            return Response(
                opportunity=opportunity.id, turn=index, behaviours=held, recovery=True
            )
    return None


def _acknowledgements(behaviours: Sequence[Behaviour]) -> list[Behaviour]:
    return [
        behaviour for behaviour in behaviours if behaviour.behaviour == "acknowledgement"
    ]


def _delay(opportunity: Opportunity, met_by: Sequence[Behaviour]) -> float | None:
    starts = [behaviour.start for behaviour in met_by if behaviour.start is not None]
    if opportunity.end is None or not starts:
        return None
    return round(max(min(starts) - opportunity.end, 0.0), 3)


def _of(turn: Turn, behaviours: Sequence[Behaviour]) -> tuple[Behaviour, ...]:
    return tuple(behaviour for behaviour in behaviours if behaviour.turn == turn.index)


def _outcome(opportunity: Opportunity, name: OutcomeName, *, reason: str) -> Outcome:
    return Outcome(
        opportunity=opportunity.id,
        outcome=name,
        rung=None,
        delay=None,
        recovered=False,
        reason=reason,
    )


def _why_no_answer(
    opportunity: Opportunity, window: Window, rules: Rules, duration: float | None
) -> str:
    if window.closed_by == "talk":
        return rules.wording["impeded_talk"]
    went_on = (
        duration is not None
        and opportunity.end is not None
        and duration - opportunity.end > rules.window_talk_seconds
    )
    moved = window.closed_by == "other" or went_on
    return rules.wording["impeded_other" if moved else "impeded_ended"]


def _doubt(turns: Sequence[Turn], rules: Rules) -> str | None:
    """Why the turns are too uncertain to judge, or None."""
    party = min(turn.party_confidence for turn in turns)
    if party < rules.party_confidence or any(turn.party == "unknown" for turn in turns):
        return rules.wording["unsure_party"].format(share=f"{party:.2f}")
    words = min(turn.confidence for turn in turns)
    if words < rules.word_confidence:
        return rules.wording["unsure_words"].format(share=f"{words:.2f}")
    return None
