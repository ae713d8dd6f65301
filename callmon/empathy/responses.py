"""Finds what an agent does with words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from callmon.call import Behaviour, BehaviourLevel, BehaviourName, Turn, Valence
from callmon.empathy.commitments import deadline
from callmon.empathy.cues import find_cues, strongest
from callmon.empathy.mirroring import content_of, mirrors
from callmon.empathy.names import names_given, uses_name
from callmon.empathy.rubric import BehaviourRule, Rubric
from callmon.empathy.sentences import Sentence, sentences

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


def find_behaviours(turns: Sequence[Turn], rubric: Rubric) -> tuple[Behaviour, ...]:
    """The behaviours of all agent turns of substance, in the order of the words."""
    found: list[Behaviour] = []
    heard = _Heard(said=(), moods=(), names=frozenset())
    before: Turn | None = None
    for turn in turns:
        if turn.backchannel:
            continue
        if turn.party == "customer":
            cues = find_cues(turn, rubric)
            mood = strongest(cues).rule.valence if cues else None
            heard = _Heard(
                said=(*heard.said, content_of(turn, rubric))[
                    -rubric.mirroring.customer_turns :
                ],
                moods=(*heard.moods, mood)[-ANSWERED_TURNS:],
                names=heard.names | names_given(turn, before, rubric),
            )
        elif turn.party == "agent":
            found.extend(_in_turn(turn, heard, rubric))
        before = turn
    return tuple(found)


def _in_turn(turn: Turn, heard: _Heard, rubric: Rubric) -> list[Behaviour]:
    found: list[Behaviour] = []
    parts = sentences(turn.text, turn=turn.index)
    said = frozenset[str]().union(*heard.said)
    for place, sentence in enumerate(parts):
        rules = [
            (rule, match)
            for rule in rubric.behaviours
            if rule.after == "any" or rule.after in heard.moods
            if (match := rule.find(sentence))
        ]
        for rule, match in _best(rules):
            level: BehaviourLevel | None = rule.level
            if level == "concrete" and deadline(parts[place : place + 2], rubric):
                level = "timed"
            found.append(
                _behaviour(
                    turn,
                    sentence,
                    match.span(),
                    name=rule.behaviour,
                    level=level,
                    certainty=rule.certainty,
                    source=rule.id,
                )
            )
        everything = (0, len(sentence.plain))
        if share := mirrors(sentence, said, rubric):
            found.append(
                _behaviour(
                    turn,
                    sentence,
                    everything,
                    name="mirroring",
                    certainty=0.5 + share / 2,
                    source="mirroring.shared_words",
                )
            )
        warm = all(rule.behaviour != "rapport" for rule, _ in rules)
        if warm and uses_name(sentence, heard.names, rubric):
            found.append(
                _behaviour(
                    turn,
                    sentence,
                    everything,
                    name="rapport",
                    certainty=NAME_CERTAINTY,
                    source="rapport.name",
                )
            )
    return found


def _best(
    rules: Sequence[tuple[BehaviourRule, re.Match[str]]],
) -> list[tuple[BehaviourRule, re.Match[str]]]:
    """One rule for each behaviour in a sentence: a vague promise shows that the rest of
    the sentence is none, and a specific acknowledgement covers a generic one."""
    rank = {"vague": 3, "specific": 2, "generic": 1}
    best: dict[str, tuple[BehaviourRule, re.Match[str]]] = {}
    for rule, match in rules:
        held = best.get(rule.behaviour)
        if held is None or rank.get(rule.level or "", 0) > rank.get(held[0].level or "", 0):
            best[rule.behaviour] = (rule, match)
    return list(best.values())


def _behaviour(
    turn: Turn,
    sentence: Sentence,
    span: tuple[int, int],
    *,
    name: BehaviourName,
    certainty: float,
    source: str,
    level: BehaviourLevel | None = None,
) -> Behaviour:
    first, last = sentence.quote(*span)
    start, end = turn.locate(first, last)
    return Behaviour(
        turn=turn.index,
        behaviour=name,
        level=level,
        confidence=round(certainty * turn.confidence, 3),
        quote=turn.text[first:last],
        start=start,
        end=end,
        source=source,
    )
