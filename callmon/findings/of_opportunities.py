"""Findings about one moment: how it was answered, and whether it was given back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from callmon.call import (
    Commendation,
    Evidence,
    Finding,
    FindingKind,
    Opportunity,
    Severity,
)
from callmon.findings import explain
from callmon.findings.case import Case, proof, whole_turn
from callmon.findings.explain import Explained
from callmon.findings.ladder import acts
from callmon.plain import plain, roots

BROKEN_OFF = re.compile(r"\w\s?(?:[—–]|--?)\s*[\"”]?$")
"""Words that end in a dash: how a written transcript shows that somebody was cut off."""

NOT_GIVEN_BACK = 0.6
"""How often words that share nothing with a telling are in fact no reflection of it:
published comparisons of word overlap with people's judgement find little more than chance
for reflection in other words (area under the curve .57)."""

FLOOR = 4
"""Words with which the floor is taken: a backchannel has at most three."""

ABOUT_THE_ANSWER: frozenset[FindingKind] = frozenset(
    {"missed_empathy", "dismissive_response", "sympathy_without_empathy", "missed_joy"}
)
"""Kinds whose severity depends on the answer to the moment, which their sentences tell."""

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
    for opportunity in case.opportunities:
        scorable = case.outcome(opportunity).outcome in ("met", "partial", "missed")
        if (
            scorable
            and opportunity.strength >= 2
            and case.told(opportunity)
            and _told_first(case, opportunity)
            and not _given_back(case, opportunity)
        ):
            explained = explain.of_telling(case, opportunity)
            yield _about(case, opportunity, "no_mirroring", explained)


def interruptions(case: Case) -> Iterator[Finding]:
    """`interrupted_customer`: the agent took the floor within the moment."""
    if case.dynamics is None:
        yield from _cut_off_in_writing(case)
        return
    for interruption in case.dynamics.interruptions:
        cut = [o for o in case.opportunities if interruption.interrupted in o.turns]
        if interruption.by == "agent" and cut:
            explained = explain.of_interruption(
                case, case.turn(interruption.interrupted), interruption
            )
            yield _interruption(
                case, cut[0], interruption.interrupted, interruption.turn, explained
            )


def commendations(case: Case) -> tuple[Commendation, ...]:
    """The moments met at the highest rung."""
    found: list[Commendation] = []
    for opportunity in case.opportunities:
        if case.outcome(opportunity).rung != "full":
            continue
        held = case.held(opportunity)
        named = [b for b in held if b.behaviour == "acknowledgement"]
        named.sort(key=lambda b: b.level != "specific")
        acted = [b for b in held if acts(b)]
        found.append(
            Commendation(
                opportunity=opportunity.id,
                turn=named[0].turn,
                start=opportunity.start,
                end=case.turn(max(b.turn for b in held)).end,
                summary=explain.of_commendation(case, opportunity, named[0], acted[0]),
                evidence=(*opportunity.evidence, proof(named[0]), proof(acted[0])),
            )
        )
    return tuple(found)


def severity(case: Case, kind: FindingKind, opportunity: Opportunity | None) -> Severity:
    """By the kind's own level, or from the strength of the moment.

    For a kind about the answer also from its rung, from recovery and from the voice after
    it: a voice that rises goes on in trouble, and a joy that was passed by falls.
    """
    set_level = case.rules.severity[kind]
    if set_level != "strength":
        return set_level
    if opportunity is None:
        return "low"
    level = int(opportunity.strength)
    if kind in ABOUT_THE_ANSWER:
        level += _by_the_answer(case, opportunity)
    levels: tuple[Severity, ...] = ("low", "medium", "high")
    return levels[min(max(level, 1), 3) - 1]


def _by_the_answer(case: Case, opportunity: Opportunity) -> int:
    """By how many levels the answer, and what came of it, change the severity."""
    level = 0
    outcome = case.outcome(opportunity)
    if outcome.rung == "dismissed":
        level += 1
    if outcome.recovered:
        level -= 1
    change = outcome.settling
    if change is None or abs(change) < case.rules.settled:
        return level
    if opportunity.valence == "positive":
        return level + 1 if change < 0 else level
    return level + 1 if change > 0 else level - 1


def _about(
    case: Case, opportunity: Opportunity, kind: FindingKind, explained: Explained
) -> Finding:
    answers = case.window(opportunity)
    first = case.turn(answers[0].turn) if answers else None
    evidence: tuple[Evidence, ...] = opportunity.evidence
    if first is not None:
        evidence = (*evidence, *_words_of_answer(case, opportunity, kind, first.index))
    heard = min((case.turn(a.turn).confidence for a in answers), default=1.0)
    if kind == "no_mirroring":
        heard *= NOT_GIVEN_BACK
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


def _told_first(case: Case, opportunity: Opportunity) -> bool:
    """Whether the customer had not told the same before."""
    words = case.content_of(opportunity.turns)
    enough = min(case.rules.retold_words, len(words))
    return not any(
        len(words & case.content_of([turn.index])) >= enough
        for turn in case.of_substance
        if turn.party == "customer" and turn.index < opportunity.turns[0]
    )


def _given_back(case: Case, opportunity: Opportunity) -> bool:
    """In the window, or later before the agent moved to solving.

    Reflection in other words escapes a comparison of words, so an answer that shares some
    of them is given the benefit of the doubt; so is a specific acknowledgement that names
    what was told, by a single word of it.
    """
    told = case.content_of(opportunity.turns)
    window = [response.turn for response in case.window(opportunity)]
    for behaviour in case.held(opportunity):
        if behaviour.behaviour == "mirroring":
            return True
        if behaviour.level == "specific" and told & roots(
            behaviour.quote, common=case.rules.common
        ):
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


def _cut_off_in_writing(case: Case) -> Iterator[Finding]:
    """In a text without times: the customer's words break off at a dash, and the agent
    goes on about something else, without a word for having come in."""
    turns = case.of_substance
    for before, after in pairwise(turns):
        if before.party != "customer" or after.party != "agent":
            continue
        cut = [o for o in case.opportunities if before.index in o.turns]
        if not cut or before.start is not None or not BROKEN_OFF.search(before.text):
            continue
        said = plain(after.text)
        if len(said.split()) < FLOOR or case.rules.holds("gives_way", said):
            continue
        if not case.content_of([before.index]) & case.content_of([after.index]):
            explained = explain.of_breaking_off(case, before, after)
            yield _interruption(case, cut[0], before.index, after.index, explained)


def _interruption(
    case: Case, opportunity: Opportunity, cut_turn: int, by_turn: int, explained: Explained
) -> Finding:
    cut, by = case.turn(cut_turn), case.turn(by_turn)
    summary, cleared_by = explained
    return Finding(
        id=NO_ID,
        kind="interrupted_customer",
        opportunity=opportunity.id,
        turn=by_turn,
        start=cut.start,
        end=by.end,
        severity=severity(case, "interrupted_customer", opportunity),
        confidence=round(opportunity.confidence * by.party_confidence, 3),
        summary=summary,
        cleared_by=cleared_by,
        evidence=(whole_turn(cut, "interrupted"), whole_turn(by, "interrupts")),
    )
