"""Cues: places in a customer's turn whose words show or tell of a feeling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callmon.call import Evidence, Turn
from callmon.empathy.rubric import CueRule, Rubric
from callmon.empathy.sentences import Sentence, sentences

LETTERS_BEFORE = 16
"""Letters before a match in which an intensifier still belongs to it: two words or so."""


@dataclass(frozen=True)
class FoundCue:
    """A rule that holds in a sentence of the customer."""

    rule: CueRule
    strength: int
    """1 to 3, with intensifiers and softeners counted."""
    evidence: Evidence


def find_cues(turn: Turn, rubric: Rubric) -> tuple[FoundCue, ...]:
    """All cues in the words of one turn, in the order in which they are said."""
    found: list[tuple[int, FoundCue]] = []
    for sentence in sentences(turn.text, turn=turn.index):
        for rule in rubric.cues:
            match = rule.find(sentence)
            if match is None:
                continue
            first, last = sentence.quote(*match.span())
            start, end = turn.locate(first, last)
            evidence = Evidence(
                turn=turn.index,
                start=start,
                end=end,
                quote=turn.text[first:last],
                source=rule.id,
            )
            strength = _strength(rule, sentence, match.span(), rubric)
            found.append((first, FoundCue(rule=rule, strength=strength, evidence=evidence)))
    found.sort(key=lambda pair: pair[0])
    return tuple(cue for _, cue in found)


def strongest(cues: Sequence[FoundCue]) -> FoundCue:
    """The cue that names the feeling: words for it before circumstances, then strength.

    Of equals the trouble comes first: a newborn in a house without hot water is no joy.
    """
    return max(
        cues,
        key=lambda cue: (
            cue.rule.cue == "explicit",
            cue.strength,
            cue.rule.valence == "negative",
            cue.rule.certainty,
        ),
    )


def _strength(
    rule: CueRule, sentence: Sentence, span: tuple[int, int], rubric: Rubric
) -> int:
    """An explicit feeling is stronger or weaker by the words around it."""
    if rule.cue != "explicit":
        return rule.strength
    around = sentence.plain[max(span[0] - LETTERS_BEFORE, 0) : span[1]]
    change = bool(rubric.intensified.search(around)) - bool(rubric.softened.search(around))
    return min(max(rule.strength + change, 1), 3)
