"""Puts a finding into words, from the facts of its moment."""

from __future__ import annotations

import re

from callmon.call import Commitment, Evidence, Interval, Opportunity, Turn
from callmon.findings.case import Case
from callmon.findings.words import content, plain, shortened

Explained = tuple[str, str]
"""What happened, and what would have cleared it."""


def of_answer(case: Case, opportunity: Opportunity) -> Explained:
    """For a moment that was missed, by the rung its answer reached."""
    words = case.rules.wording
    outcome = case.outcome(opportunity)
    feeling = case.rules.feelings[opportunity.emotion]
    about = _about(case, opportunity)
    said = [_what_happened(case, opportunity)]
    if opportunity.valence == "positive":
        said.append(words["joy"].format(feeling=feeling))
        cleared = words["cleared_joy"]
    elif outcome.rung == "dismissed":
        said.append(words["dismissed"].format(feeling=feeling))
        cleared = words["cleared_dismissed"]
    elif outcome.rung == "sorry_only":
        said.append(words["sorry"])
        cleared = words["cleared_sorry"]
    elif outcome.rung == "solved_only":
        said.append(words["missed_solved"].format(feeling=feeling))
        cleared = words[
            "cleared_has_plan" if _has_plan(case, opportunity) else "cleared_plan"
        ]
    else:
        said.append(words["missed_ignored"].format(feeling=feeling))
        cleared = words["cleared_plan"]
    if outcome.recovered:
        said.append(
            words["later_untimed"]
            if outcome.delay is None
            else words["later"].format(delay=_seconds(outcome.delay))
        )
    change = case.voice_after(opportunity)
    if change is not None and change <= -case.rules.settled:
        said.append(words["calmer"])
    elif change is not None and change >= case.rules.settled:
        said.append(words["louder"])
    return " ".join(said), cleared.format(about=about)


def of_moment(case: Case, name: str, opportunity: Opportunity) -> Explained:
    """For a finding whose words need only the customer's quote."""
    cleared = {"no_mirroring": "cleared_mirroring", "no_commitment": "cleared_commitment"}
    quote, start = _telling(case, opportunity)
    text = case.rules.wording[name].format(quote=quote, at=at(start))
    return text, case.rules.wording[cleared[name]]


def of_vague_promise(
    case: Case, opportunity: Opportunity, promise: Commitment
) -> Explained:
    quote, start = _telling(case, opportunity)
    text = case.rules.wording["vague_commitment"].format(
        quote=quote, at=at(start), promise=shortened(promise.quote)
    )
    return text, case.rules.wording["cleared_vague"]


def of_open_date(case: Case, promise: Commitment) -> Explained:
    text = case.rules.wording["no_expectation_set"].format(
        promise=shortened(promise.quote), at=at(promise.start)
    )
    return text, case.rules.wording["cleared_expectation"]


def of_interruption(case: Case, turn: Turn, start: float) -> Explained:
    text = case.rules.wording["interrupted"].format(
        quote=shortened(turn.text), at=at(start)
    )
    return text, case.rules.wording["cleared_interrupted"]


def of_silence(case: Case, silence: Interval, opportunity: Opportunity) -> Explained:
    text = case.rules.wording["silence"].format(
        seconds=round(silence.duration),
        at=at(silence.start),
        quote=shortened(key_evidence(opportunity).quote),
    )
    return text, case.rules.wording["cleared_silence"]


def of_second_telling(case: Case, again: Turn, before: Turn) -> Explained:
    text = case.rules.wording["repeated"].format(
        quote=shortened(again.text), at=at(again.start), before=at(before.start)
    )
    return text, case.rules.wording["cleared_repeated"]


def of_script(case: Case, quote: str, times: int) -> Explained:
    text = case.rules.wording["scripted"].format(quote=shortened(quote), times=times)
    return text, case.rules.wording["cleared_scripted"]


def of_closing(case: Case) -> Explained:
    return case.rules.wording["closing"], case.rules.wording["cleared_closing"]


def of_commendation(
    case: Case, opportunity: Opportunity, answer: str, *, done: bool
) -> str:
    words = case.rules.wording
    key = key_evidence(opportunity)
    return words["commended"].format(
        quote=shortened(key.quote),
        at=at(key.start),
        answer=shortened(answer),
        step=words["commended_step_done" if done else "commended_step_promise"],
    )


def key_evidence(opportunity: Opportunity) -> Evidence:
    """The last words of the moment: what the agent had just heard."""
    return opportunity.evidence[-1]


def at(seconds: float | None) -> str:
    """The time in brackets, as minutes and seconds; nothing without a time.

    >>> at(62.8), at(None)
    (' (1:02)', '')
    """
    if seconds is None:
        return ""
    return f" ({int(seconds) // 60}:{int(seconds) % 60:02d})"


def _what_happened(case: Case, opportunity: Opportunity) -> str:
    words = case.rules.wording
    did = _did(case, opportunity)
    key = key_evidence(opportunity)
    if opportunity.cue == "vocal":
        return words["after_voice"].format(at=at(key.start), did=did)
    return words["after"].format(quote=shortened(key.quote), at=at(key.start), did=did)


def _did(case: Case, opportunity: Opportunity) -> str:
    """The agent's words that set the rung, else what the first answer did."""
    deciding = case.deciding(opportunity)
    if deciding:
        return case.rules.wording["said"].format(answer=shortened(deciding[0].quote))
    answers = case.window(opportunity)
    return _move(case, case.turn(answers[0].turn)) if answers else ""


def _has_plan(case: Case, opportunity: Opportunity) -> bool:
    return any(
        b.behaviour == "resolution_done" or b.level in ("concrete", "timed")
        for b in case.held(opportunity)
    )


def _move(case: Case, turn: Turn) -> str:
    """What the agent did in the turn, in the words of a known move, else quoted."""
    text = plain(turn.text)
    for move in case.rules.moves:
        match = re.match(
            rf"(?:(?:okay|right|and|so|thank you|i see) ){{0,2}}{move.pattern}", text
        )
        if match:
            return move.says.format(**match.groupdict())
    return case.rules.wording["said"].format(answer=shortened(turn.text))


def _about(case: Case, opportunity: Opportunity) -> str:
    """What the answer could have named: the circumstance where one was told."""
    for evidence in reversed(opportunity.evidence):
        if evidence.source in case.rules.circumstances:
            return case.rules.circumstances[evidence.source]
    return case.rules.feelings[opportunity.emotion]


def _telling(case: Case, opportunity: Opportunity) -> tuple[str, float | None]:
    """The customer's words for the problem: the first quote that is long enough to tell
    it, else the turn's beginning."""
    for evidence in opportunity.evidence:
        words = content(evidence.quote, case.rules.common)
        if len(words) >= case.rules.told_words:
            return shortened(evidence.quote), evidence.start
    turn = case.turn(opportunity.turns[0])
    return shortened(turn.text), turn.start


def _seconds(delay: float) -> str:
    """Seconds or minutes in words for people."""
    if delay < 90:
        return f"{round(delay)} seconds"
    return f"{round(delay / 60)} minutes"
