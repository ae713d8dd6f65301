"""Findings about one moment: how it was answered, and whether it was given back."""

from __future__ import annotations

from collections.abc import Iterator

from callmon.call import (
    Commendation,
    Evidence,
    Finding,
    FindingKind,
    Interruption,
    Opportunity,
    Severity,
)
from callmon.findings import explain
from callmon.findings.case import Case, proof, whole_turn

NO_ID = ""
"""Findings are numbered when all are known, in order of time."""


def missed_moments(case: Case) -> Iterator[Finding]:
    """`missed_empathy`, `dismissive_response`, `sympathy_without_empathy`, `missed_joy`."""
    for opportunity in case.opportunities:
        outcome = case.outcome(opportunity)
        if outcome.outcome != "missed":
            continue
        kind: FindingKind = "missed_empathy"
        if opportunity.valence == "positive":
            kind = "missed_joy"
        elif outcome.rung == "dismissed":
            kind = "dismissive_response"
        elif outcome.rung == "sorry_only":
            kind = "sympathy_without_empathy"
        yield _about(case, opportunity, kind, explain.of_answer(case, opportunity))


def untold_back(case: Case) -> Iterator[Finding]:
    """`no_mirroring`: a first telling that was not given back."""
    tellings: list[frozenset[str]] = []
    for opportunity in case.opportunities:
        words = case.content_of(opportunity.turns)
        first = not any(
            len(words & before) >= min(case.rules.retold_words, len(words))
            for before in tellings
        )
        if case.told(opportunity):
            tellings.append(words)
        scorable = case.outcome(opportunity).outcome in ("met", "partial", "missed")
        if (
            first
            and scorable
            and opportunity.strength >= 2
            and case.told(opportunity)
            and not _given_back(case, opportunity)
        ):
            explained = explain.of_moment(case, "no_mirroring", opportunity)
            yield _about(case, opportunity, "no_mirroring", explained)


def interruptions(case: Case) -> Iterator[Finding]:
    """`interrupted_customer`: the agent took the floor within the moment."""
    if case.dynamics is None:
        return
    for interruption in case.dynamics.interruptions:
        cut = [o for o in case.opportunities if interruption.interrupted in o.turns]
        if interruption.by == "agent" and cut:
            yield _interruption(case, cut[0], interruption)


def commendations(case: Case) -> tuple[Commendation, ...]:
    """The moments met at the highest rung."""
    found: list[Commendation] = []
    for opportunity in case.opportunities:
        if case.outcome(opportunity).rung != "full":
            continue
        held = case.held(opportunity)
        named = [b for b in held if b.behaviour == "acknowledgement"]
        named.sort(key=lambda b: b.level != "specific")
        acts = [b for b in held if b.behaviour in ("commitment", "resolution_done")]
        done = any(b.behaviour == "resolution_done" for b in acts)
        found.append(
            Commendation(
                opportunity=opportunity.id,
                turn=named[0].turn,
                start=opportunity.start,
                end=case.turn(max(b.turn for b in held)).end,
                summary=explain.of_commendation(
                    case, opportunity, named[0].quote, done=done
                ),
                evidence=(*opportunity.evidence, proof(named[0]), proof(acts[0])),
            )
        )
    return tuple(found)


def severity(case: Case, kind: FindingKind, opportunity: Opportunity | None) -> Severity:
    """By the kind's own level, or from strength, rung, recovery and the voice after."""
    set_level = case.rules.severity[kind]
    if set_level != "strength":
        return set_level
    if opportunity is None:
        return "low"
    level = int(opportunity.strength)
    outcome = case.outcome(opportunity)
    if outcome.rung == "dismissed":
        level += 1
    if outcome.recovered:
        level -= 1
    change = case.voice_after(opportunity)
    if change is not None and abs(change) >= case.rules.settled:
        level += 1 if change > 0 else -1
    levels: tuple[Severity, ...] = ("low", "medium", "high")
    return levels[min(max(level, 1), 3) - 1]


def _about(
    case: Case, opportunity: Opportunity, kind: FindingKind, explained: explain.Explained
) -> Finding:
    answers = case.window(opportunity)
    first = case.turn(answers[0].turn) if answers else None
    evidence: tuple[Evidence, ...] = opportunity.evidence
    if first is not None:
        evidence = (*evidence, *_words_of_answer(case, opportunity, kind, first.index))
    heard = min((case.turn(a.turn).confidence for a in answers), default=1.0)
    summary, cleared_by = explained
    return Finding(
        id=NO_ID,
        kind=kind,
        opportunity=opportunity.id,
        turn=opportunity.turns[-1],
        start=opportunity.start,
        end=opportunity.end if first is None else first.end,
        severity=severity(case, kind, opportunity),
        confidence=round(opportunity.confidence * heard, 3),
        summary=summary,
        cleared_by=cleared_by,
        evidence=evidence,
    )


def _words_of_answer(
    case: Case, opportunity: Opportunity, kind: FindingKind, first: int
) -> list[Evidence]:
    """The agent's words that set the rung, else the first answer."""
    held = case.deciding(opportunity) if kind != "no_mirroring" else []
    return [proof(b) for b in held] or [whole_turn(case.turn(first), "answer")]


def _given_back(case: Case, opportunity: Opportunity) -> bool:
    """In the window, or later before the agent moved to solving.

    Reflection in other words escapes a comparison of words, so an answer that shares some
    of them is given the benefit of the doubt.
    """
    told = case.content_of(opportunity.turns)
    window = [response.turn for response in case.window(opportunity)]
    if any(b.behaviour == "mirroring" for b in case.held(opportunity)):
        return True
    if any(len(told & case.content_of([i])) >= case.rules.doubtful_words for i in window):
        return True
    later = [b for b in case.behaviours if b.turn > opportunity.turns[-1]]
    for behaviour in later:
        if behaviour.behaviour == "mirroring":
            return True
        if behaviour.behaviour in ("commitment", "resolution_done"):
            return False
    return False


def _interruption(
    case: Case, opportunity: Opportunity, interruption: Interruption
) -> Finding:
    cut, by = case.turn(interruption.interrupted), case.turn(interruption.turn)
    summary, cleared_by = explain.of_interruption(case, cut, interruption.start)
    return Finding(
        id=NO_ID,
        kind="interrupted_customer",
        opportunity=opportunity.id,
        turn=interruption.turn,
        start=cut.start,
        end=by.end,
        severity=severity(case, "interrupted_customer", opportunity),
        confidence=round(opportunity.confidence * by.party_confidence, 3),
        summary=summary,
        cleared_by=cleared_by,
        evidence=(whole_turn(cut, "interrupted"), whole_turn(by, "interrupts")),
    )
