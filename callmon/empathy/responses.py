"""Finds what an agent does with words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from callmon.call import Behaviour, BehaviourLevel, BehaviourName, Turn, Valence
from callmon.empathy.cues import find_cues, strongest
from callmon.empathy.mirroring import content_of, mirrors
from callmon.empathy.names import names_given, uses_name
from callmon.empathy.patterns import compile_patterns
from callmon.empathy.rubric import BehaviourRule, Rubric
from callmon.empathy.sentences import Sentence
from callmon.empathy.text_model import Read, by_turn, with_reads
from callmon.empathy.undertakings import certain_level, deadline, firm

NAME_CERTAINTY = 0.7
"""How often a person would hear warmth in the mere use of the name."""

ANSWERED_TURNS = 2
"""Customer turns that an agent's words may still answer: the response window has two."""


@dataclass(frozen=True)
class _Heard:
    """What the agent has heard before a turn."""

    said: tuple[frozenset[str], ...]
    """Content of each of the customer's last turns, which may be given back."""
    moods: tuple[Valence | None, ...]
    """Of the customer's turns that the agent may still be answering."""
    names: frozenset[str]


@dataclass(frozen=True)
class _Claim:
    """That a sentence does something, and who says so."""

    name: BehaviourName
    level: BehaviourLevel | None
    certainty: float
    span: tuple[int, int]
    """Of the words that carry it, in the sentence's plain form."""
    source: str


def find_behaviours(
    turns: Sequence[Turn], rubric: Rubric, reads: Sequence[Read] = ()
) -> tuple[Behaviour, ...]:
    """The behaviours of all agent turns of substance, in the order of the words.

    `reads` is what the text model says of all sentences; without it only the rubric's
    rules and the shared words speak.
    """
    read_of = by_turn(reads)
    found: list[Behaviour] = []
    heard = _Heard(said=(), moods=(), names=frozenset())
    before: Turn | None = None
    for turn in turns:
        if turn.backchannel:
            continue
        known = read_of.get(turn.index, ())
        if turn.party == "customer":
            cues = find_cues(turn, rubric, known)
            mood = strongest(cues).valence if cues else None
            heard = _Heard(
                said=(*heard.said, content_of(turn, rubric))[
                    -rubric.mirroring.customer_turns :
                ],
                moods=(*heard.moods, mood)[-ANSWERED_TURNS:],
                names=heard.names | names_given(turn, before, rubric),
            )
        elif turn.party == "agent":
            found.extend(_in_turn(turn, heard, rubric, known))
        before = turn
    return tuple(found)


def _in_turn(
    turn: Turn, heard: _Heard, rubric: Rubric, reads: Sequence[Read]
) -> Iterator[Behaviour]:
    parts = with_reads(turn, reads)
    told = [sentence for sentence, _ in parts]
    for place, (sentence, read) in enumerate(parts):
        by_rules = {claim.name: claim for claim in _by_rules(sentence, heard, rubric)}
        claims = by_rules if read is None else _weighed(by_rules, read, rubric)
        for claim in claims.values():
            level = claim.level
            if claim.name == "commitment":
                level = certain_level(sentence, rubric) or level
            if level == "concrete" and deadline(told[place : place + 2], rubric):
                level = "timed"
            first, last = sentence.quote(*claim.span)
            start, end = turn.locate(first, last)
            yield Behaviour(
                turn=turn.index,
                behaviour=claim.name,
                level=level,
                confidence=round(claim.certainty * turn.confidence, 3),
                quote=turn.text[first:last],
                start=start,
                end=end,
                source=claim.source,
            )


def _by_rules(sentence: Sentence, heard: _Heard, rubric: Rubric) -> Iterator[_Claim]:
    """What patterns, shared words and the customer's name say of a sentence."""
    rules = [
        (rule, match)
        for rule in rubric.behaviours
        if rule.after == "any" or rule.after in heard.moods
        if (match := rule.find(sentence))
    ]
    everything = (0, len(sentence.plain))
    for rule, match in _best(rules):
        span = match.span()
        kept = firm(sentence, rubric) if rule.level == "vague" else None
        if kept and kept.rule:
            rule, span = kept.rule, kept.words
        yield _Claim(rule.behaviour, rule.level, rule.certainty, span, rule.id)
    said = frozenset[str]().union(*heard.said)
    if share := mirrors(sentence, said, rubric):
        certainty = 0.5 + share / 2
        yield _Claim("mirroring", None, certainty, everything, "mirroring.shared_words")
    warm = any(rule.behaviour == "rapport" for rule, _ in rules)
    if not warm and uses_name(sentence, heard.names, rubric):
        yield _Claim("rapport", None, NAME_CERTAINTY, everything, "rapport.name")


def _weighed(
    by_rules: Mapping[BehaviourName, _Claim], read: Read, rubric: Rubric
) -> dict[BehaviourName, _Claim]:
    """The model's claims, and those of the rules that it does not veto. What is spelled
    out is no mirroring, whatever the model makes of it."""
    plain = read.reading.sentence.plain
    spelled = compile_patterns(rubric.mirroring.read_backs).search(plain) is not None
    claims: dict[BehaviourName, _Claim] = {}
    everything = (0, len(plain))
    for name, least in rubric.model.behaviours.items():
        share = read.shares[f"agent.{name}"]
        rule = by_rules.get(name)
        if name == "mirroring" and spelled:
            continue
        if share >= least:
            claims[name] = _Claim(
                name,
                _level(name, read),
                share,
                rule.span if rule else everything,
                read.source(share, [rule.source] if rule else []),
            )
        elif rule and share >= rubric.model.veto:
            claims[name] = rule
    return claims


def _level(name: BehaviourName, read: Read) -> BehaviourLevel | None:
    if name == "acknowledgement":
        named = read.shares["agent.acknowledgement:specific"] >= 0.5
        return "specific" if named else "generic"
    if name == "commitment":
        level = read.likeliest("level").removeprefix("commitment:")
        return cast(BehaviourLevel, level)
    return None


def _best(
    rules: Sequence[tuple[BehaviourRule, re.Match[str]]],
) -> list[tuple[BehaviourRule, re.Match[str]]]:
    """One rule for each behaviour in a sentence: a vague promise before a concrete one,
    and a specific acknowledgement before a generic one."""
    rank = {"vague": 3, "specific": 2, "generic": 1}
    best: dict[str, tuple[BehaviourRule, re.Match[str]]] = {}
    for rule, match in rules:
        held = best.get(rule.behaviour)
        if held is None or rank.get(rule.level or "", 0) > rank.get(held[0].level or "", 0):
            best[rule.behaviour] = (rule, match)
    return list(best.values())
