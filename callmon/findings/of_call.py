"""Findings about the course of the call: promises, silence, second tellings, the close."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from math import inf

from callmon.call import (
    Behaviour,
    Commitment,
    Evidence,
    Finding,
    FindingKind,
    Interval,
    Opportunity,
    Party,
    Turn,
)
from callmon.findings import explain
from callmon.findings.case import Case, proof, whole_turn
from callmon.findings.ladder import ACTED
from callmon.findings.of_opportunities import NO_ID, severity
from callmon.plain import plain

PATTERN_CERTAINTY = 0.75
"""How often a person would agree with a judgement that rests on patterns over a call."""

WHEN_WITHIN = 3
"""Agent turns, from the promise on, in which its when may be told: it is often said of the
next step, or asked for by the caller."""

ANSWERS = 2
"""Agent turns after the caller's question for the when, in which it may be answered: as
many as the response window has."""

TROUBLED = 0.5
"""Of `retold_share`, what is enough in a moment of trouble. Who tells it again with feeling
tells it in other words, mostly after a transfer: in the text model's training calls all
five such turns that share three words, but less than half, told the matter again. Without
trouble the same words are mostly business."""

SHORTEST_SCRIPT = 3
"""Words. "I see" three times is no script."""


def promises(case: Case) -> Iterator[Finding]:
    """`no_commitment` and `vague_commitment`: what was undertaken by the end.

    Putting the caller through undertakes nothing for the matter itself. When the caller
    says that it works now, it has been solved on the line.
    """
    told = [
        o
        for o in case.opportunities
        if case.told(o) and case.outcome(o).outcome in ("met", "partial", "missed")
    ]
    if not told or not case.by_agent:
        return
    since = told[0].turns[0]
    promised = [c for c in case.commitments if c.turn > since]
    matter = [c for c in promised if not case.hands_over(c.quote)]
    solved = any(
        b.behaviour == "resolution_done" and b.turn > since for b in case.behaviours
    ) or any(
        turn.party == "customer"
        and turn.index > since
        and case.rules.holds("works_now", plain(turn.text))
        for turn in case.of_substance
    )
    if solved or any(c.level in ACTED for c in matter):
        return
    if matter:
        explained = explain.of_vague_promises(case, told[0], matter)
        proofs = [*told[0].evidence, *(_words_of(promise) for promise in matter)]
        turn = case.turn(matter[0].turn)
        yield _finding(case, "vague_commitment", turn, explained, proofs, about=told[0])
    else:
        explained = explain.of_nothing_promised(case, told[0], promised)
        proofs = [*told[0].evidence, *(_words_of(promise) for promise in promised)]
        yield _finding(
            case, "no_commitment", case.by_agent[-1], explained, proofs, about=told[0]
        )


def open_dates(case: Case) -> Iterator[Finding]:
    """`no_expectation_set`: something will come after the call, and nobody said when."""
    order = [turn.index for turn in case.by_agent]
    for promise in case.commitments:
        if promise.level != "concrete" or not promise.open:
            continue
        leaves = case.rules.holds("leaves_building", plain(promise.quote))
        if not leaves or case.hands_over(promise.quote):
            continue
        asked = _asked_when(case, promise)
        near = [i for i in order if i >= promise.turn][:WHEN_WITHIN]
        for question in asked:
            near += [i for i in order if i > question.index][:ANSWERS]
        if any(c.deadline for c in case.commitments if c.turn in near):
            continue
        if any(_says_when(case, index, promise) for index in near):
            continue
        explained = explain.of_open_date(case, promise, asked)
        turn = case.turn(promise.turn)
        yield _finding(case, "no_expectation_set", turn, explained, [_words_of(promise)])


def _asked_when(case: Case, promise: Commitment) -> list[Turn]:
    """The caller's questions, after the promise, for when it will be."""
    return [
        turn
        for turn in case.of_substance
        if turn.party == "customer"
        and turn.index > promise.turn
        and case.rules.holds("asks_when", plain(turn.text))
    ]


def _says_when(case: Case, index: int, promise: Commitment) -> bool:
    """Whether the agent's turn says when something will be; in the promise's own turn,
    after the promise."""
    text = case.turn(index).text
    if index == promise.turn:
        text = text.partition(promise.quote)[2]
    return case.rules.holds("says_when", plain(text))


def silences(case: Case) -> Iterator[Finding]:
    """`unexplained_silence`: soon after a moment.

    Announced hold is not among the silences. The caller may explain one too ("let me find
    it"). Silence after the last words is
    none, unless the last words are a moment that was left without an answer.
    """
    if case.dynamics is None:
        return
    for silence in case.dynamics.silences:
        if silence.duration < case.rules.silence_seconds:
            continue
        before = [
            o
            for o in case.opportunities
            if o.end is not None
            and o.start is not None
            and o.start <= silence.start <= o.end + case.rules.silence_within_seconds
        ]
        spoken = _turns_before(case, silence)
        if before and not _over(case, silence, spoken) and not _announced(case, spoken):
            yield _silence(case, silence, before[-1], spoken)


def second_tellings(case: Case) -> Iterator[Finding]:
    """`repeated_telling`: the same problem again, after the agent had answered."""
    turns = case.of_substance
    since = min((o.turns[0] for o in case.opportunities), default=None)
    if since is None:
        return
    stems = [case.content_of([turn.index]) for turn in turns]
    told: list[int] = []
    for place, turn in enumerate(turns):
        if turn.party != "customer":
            continue
        answers = [at for at in range(place) if turns[at].party == "agent"]
        earlier = [at for at in told if answers and at < answers[-1]]
        if turn.index > since and earlier:
            needed = _shared_words_needed(case, turn, turns[answers[-1]])
            again = [
                at
                for at in earlier
                if len(stems[place] & stems[at])
                >= needed(min(len(stems[place]), len(stems[at])))
            ]
            if again:
                before = turns[again[0]]
                answer = turns[answers[-1]]
                explained = explain.of_second_telling(case, turn, before, answer)
                proofs = [
                    whole_turn(before, "first telling"),
                    whole_turn(turn, "told again"),
                ]
                yield _finding(case, "repeated_telling", turn, explained, proofs)
        if len(stems[place]) >= case.rules.retold_words:
            told.append(place)


def _shared_words_needed(case: Case, turn: Turn, answer: Turn) -> Callable[[int], float]:
    """How many words two tellings must share, by the length of the shorter one.

    One is enough beside the customer's own sign ("as I said"), unless it stands in thanks
    or in a summary of what was promised. An answer to the agent's question naturally takes
    up the same words, and so do thanks and a summary: without the sign no number is enough
    for them.
    """
    rules, text = case.rules, plain(turn.text)
    troubled = _in_trouble(case, turn)
    sign = rules.holds("told_again", text)
    sums_up = rules.holds("sums_up", text) and not troubled
    if sign and not sums_up:
        return lambda _length: 1
    if not sign and (sums_up or answer.text.rstrip().endswith("?")):
        return lambda _length: inf
    share = rules.retold_share * (TROUBLED if troubled else 1.0)
    return lambda length: max(rules.retold_words, share * length)


def _announced(case: Case, spoken: Sequence[Turn]) -> bool:
    """By the caller's own last words."""
    return any(
        turn.party == "customer" and case.rules.holds("hold_announced", plain(turn.text))
        for turn in spoken[-1:]
    )


def _over(case: Case, silence: Interval, spoken: Sequence[Turn]) -> bool:
    """Whether nothing is said after the silence and nothing was left to answer."""
    if any(turn.end is not None and turn.end > silence.end for turn in case.of_substance):
        return False
    unanswered = {index for o in case.opportunities for index in o.turns}
    return not spoken or spoken[-1].index not in unanswered


def _in_trouble(case: Case, turn: Turn) -> bool:
    return any(
        o.valence == "negative" and turn.index in o.turns for o in case.opportunities
    )


def scripts(case: Case) -> Iterator[Finding]:
    """`scripted_empathy`: one acknowledgement, nearly word for word, again and again."""
    groups: list[list[Behaviour]] = []
    for behaviour in case.behaviours:
        if behaviour.behaviour != "acknowledgement":
            continue
        if len(plain(behaviour.quote).split()) < SHORTEST_SCRIPT:
            continue
        for group in groups:
            if _alike(group[0].quote, behaviour.quote) >= case.rules.scripted_likeness:
                group.append(behaviour)
                break
        else:
            groups.append([behaviour])
    for group in groups:
        if len({b.turn for b in group}) >= case.rules.scripted_times:
            explained = explain.of_script(case, group)
            turn = case.turn(group[-1].turn)
            proofs = [proof(b) for b in group]
            yield _finding(case, "scripted_empathy", turn, explained, proofs)


def closing(case: Case) -> Iterator[Finding]:
    """`missing_closing_check`: in a call longer than a minute that was brought to an end.

    A line that drops, and a caller who is put through at the end, leave no time for it.
    """
    turns = case.of_substance
    if not case.by_agent or not any(turn.party == "customer" for turn in turns):
        return
    starts = [turn.start for turn in turns if turn.start is not None]
    ends = [turn.end for turn in turns if turn.end is not None]
    if starts and ends:
        long = max(ends) - min(starts) > case.rules.closing_call_seconds
    else:
        long = len(turns) >= case.rules.closing_call_turns
    if not long or _broke_off(case) or _checked(case, turns):
        return
    last = case.by_agent[-1]
    proofs = [whole_turn(last, "end of the call")]
    yield _finding(
        case, "missing_closing_check", last, explain.of_closing(case, last), proofs
    )


def _broke_off(case: Case) -> bool:
    """Whether the call ended before the agent could close it.

    At a customer's words that are no goodbye and agree to nothing ("I'll do that then"),
    at an unanswered "are you there", or with the caller being put through.
    """
    last = case.of_substance[-1]
    text = plain(last.text)
    if last.party == "customer":
        ended = ("says_goodbye", "agrees")
        return not any(case.rules.holds(name, text) for name in ended)
    if last.party == "other":
        return True
    return case.hands_over(last.text) or case.rules.holds("line_lost", text)


def _checked(case: Case, turns: Sequence[Turn]) -> bool:
    """Whether help was offered or the end confirmed; "no, that's all" shows it was.

    In the second half of the call; "is it working?" is part of the work before the end.
    """
    later = turns[len(turns) // 2 :]

    def holds(party: Party, name: str, among: Sequence[Turn]) -> bool:
        said = (plain(turn.text) for turn in among if turn.party == party)
        return any(case.rules.holds(name, text) for text in said)

    return (
        holds("agent", "offers_help", later)
        or holds("customer", "declines_help", later)
        or holds("agent", "confirms_settled", later[-case.rules.closing_turns :])
    )


def _finding(
    case: Case,
    kind: FindingKind,
    turn: Turn,
    explained: explain.Explained,
    proofs: Sequence[Evidence],
    *,
    about: Opportunity | None = None,
) -> Finding:
    summary, cleared_by = explained
    certainty = PATTERN_CERTAINTY * turn.confidence
    return Finding(
        id=NO_ID,
        kind=kind,
        opportunity=about.id if about else None,
        turn=turn.index,
        start=turn.start,
        end=turn.end,
        severity=severity(case, kind, about),
        confidence=round(certainty * (about.confidence if about else 1.0), 3),
        summary=summary,
        cleared_by=cleared_by,
        evidence=tuple(proofs),
    )


def _silence(
    case: Case, silence: Interval, opportunity: Opportunity, spoken: Sequence[Turn]
) -> Finding:
    summary, cleared_by = explain.of_silence(case, silence, opportunity, spoken)
    agents = [turn.index for turn in case.by_agent]
    said = {turn.index for turn in spoken}
    ended = [index for index in agents if index not in said]
    before = [index for index in agents if index in said]
    quiet = Evidence(
        turn=(ended[:1] or before[-1:] or opportunity.turns[-1:])[0],
        start=silence.start,
        end=silence.end,
        quote="",
        source="silence",
    )
    return Finding(
        id=NO_ID,
        kind="unexplained_silence",
        opportunity=opportunity.id,
        turn=quiet.turn,
        start=silence.start,
        end=silence.end,
        severity=severity(case, "unexplained_silence", opportunity),
        confidence=opportunity.confidence,
        summary=summary,
        cleared_by=cleared_by,
        evidence=(*opportunity.evidence, quiet),
    )


def _turns_before(case: Case, silence: Interval) -> list[Turn]:
    return [
        turn
        for turn in case.of_substance
        if turn.start is not None and turn.start <= silence.start
    ]


def _words_of(promise: Commitment) -> Evidence:
    return Evidence(
        turn=promise.turn,
        start=promise.start,
        end=promise.end,
        quote=promise.quote,
        source="commitment",
    )


def _alike(first: str, second: str) -> float:
    a, b = plain(first).split(), plain(second).split()
    return SequenceMatcher(None, a, b, autojunk=False).ratio()
