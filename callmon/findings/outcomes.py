"""How each opportunity was answered: outcome, recovery, and the voice afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from statistics import fmean

from callmon.call import (
    Behaviour,
    Dynamics,
    Opportunity,
    Outcome,
    OutcomeName,
    Response,
    Suppressed,
    Tone,
    Turn,
)
from callmon.findings.doubts import doubt_of, drowned, lost_words
from callmon.findings.ladder import outcome_of, rung
from callmon.findings.rules import Rules
from callmon.findings.windows import Window, comes_again, response_window

AFTER = 2
"""Customer turns after the answer whose voice tells whether the caller settled: one alone
is often a single word."""


def judge(
    opportunities: Sequence[Opportunity],
    behaviours: Sequence[Behaviour],
    turns: Sequence[Turn],
    rules: Rules,
    *,
    duration: float | None = None,
    tones: Sequence[Tone] = (),
    dynamics: Dynamics | None = None,
    suppressed: Sequence[Suppressed] = (),
) -> tuple[tuple[Response, ...], tuple[Outcome, ...]]:
    """The responses to each opportunity, and its outcome by the coding scheme's table.

    `duration` in seconds tells a call that ended from one in which nobody answered;
    `tones`, how the caller's voice went on; `dynamics`, when the caller was on hold and
    what was cut out; `suppressed`, where words of an answer may have been lost.
    """
    windows = [
        response_window(
            opportunity,
            opportunities[place + 1 :],
            turns,
            rules,
            hold=dynamics.hold if dynamics else (),
            redacted=dynamics.redacted if dynamics else (),
        )
        for place, opportunity in enumerate(opportunities)
    ]
    responses: list[Response] = []
    outcomes: list[Outcome] = []
    for opportunity, window in zip(opportunities, windows, strict=True):
        answers = [
            Response(
                opportunity=opportunity.id,
                turn=turn.index,
                behaviours=_of(turn, behaviours),
            )
            for turn in window.turns
        ]
        outcome = _judge_one(
            opportunity, window, answers, turns, rules, duration, suppressed
        )
        outcome = outcome.model_copy(
            update={"settling": settling(opportunity, window.turns, tones)}
        )
        if outcome.outcome in ("missed", "partial"):
            others = {
                turn.index
                for other, its in zip(opportunities, windows, strict=True)
                for turn in its.turns
                if not comes_again(opportunity, other, rules)
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


def _judge_one(
    opportunity: Opportunity,
    window: Window,
    answers: Sequence[Response],
    turns: Sequence[Turn],
    rules: Rules,
    duration: float | None,
    suppressed: Sequence[Suppressed],
) -> Outcome:
    if not window.turns:
        reason = _why_no_answer(opportunity, window, rules, duration)
        return _outcome(opportunity, "impeded", reason=reason)
    told = [turn for turn in turns if turn.index in opportunity.turns]
    if doubt := doubt_of(told, rules):
        return _outcome(opportunity, "unscorable", reason=doubt)
    doubts = {
        turn.index: doubt
        for turn in window.turns
        if (doubt := doubt_of([turn], rules) or drowned(turn, rules))
    }
    # What was heard for certain can show that the moment was met, not that it was missed.
    certain = [
        behaviour
        for answer in answers
        if answer.turn not in doubts
        for behaviour in answer.behaviours
    ]
    reached = rung(opportunity, certain, window.turns, rules)
    name = outcome_of(opportunity, reached, certain)
    if name != "met":
        lost = lost_words(opportunity, window, told, suppressed, rules)
        if doubt := next(iter(doubts.values()), lost):
            return _outcome(opportunity, "unscorable", reason=doubt)
        if name == "missed" and window.led_away and reached != "dismissed":
            return _outcome(opportunity, "impeded", reason=rules.wording["impeded_other"])
    met_by = _acknowledgements(certain) if name == "met" else []
    return Outcome(
        opportunity=opportunity.id,
        outcome=name,
        rung=reached,
        delay=_delay(opportunity, met_by),
        recovered=False,
        reason=None,
    )


def _recovery(
    opportunity: Opportunity,
    window: Window,
    behaviours: Sequence[Behaviour],
    *,
    apart: AbstractSet[int],
) -> Response | None:
    """The first later turn that would have met the moment in time.

    Turns in `apart` answer another moment: neither a later joy that is shared nor a later
    grief that is met makes up for an anger that was missed.
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
    if window.led_away:
        return rules.wording["impeded_other"]
    if window.closed_by != "end":
        return rules.wording["impeded_talk"]
    went_on = (
        duration is not None
        and opportunity.end is not None
        and duration - opportunity.end > rules.window_talk_seconds
    )
    return rules.wording["impeded_unheard" if went_on else "impeded_ended"]


def settling(
    opportunity: Opportunity, answers: Sequence[Turn], tones: Sequence[Tone]
) -> float | None:
    """How the caller's arousal changed over the answer, see `Outcome.settling`."""
    if not answers:
        return None
    arousal = {tone.turn: tone.arousal for tone in tones if tone.arousal is not None}
    during = [arousal[index] for index in opportunity.turns if index in arousal]
    after = [arousal[index] for index in sorted(arousal) if index > answers[0].index]
    if not during or not after:
        return None
    return round(fmean(after[:AFTER]) - fmean(during), 3)
