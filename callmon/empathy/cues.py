"""Cues: places in a customer's turn whose words show or tell of a feeling.

The text model reads every sentence; the rubric's rules add what it misses, and are
silent where it is sure that there is nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast, get_args

from callmon.call import Cue, Emotion, Evidence, Turn, Valence
from callmon.empathy.rubric import POSITIVE, CueRule, Rubric
from callmon.empathy.sentences import Sentence
from callmon.empathy.text_model import Read, with_reads

LETTERS_BEFORE = 16
"""Letters before a match in which an intensifier still belongs to it: two words or so."""

EMOTIONS = frozenset(get_args(Emotion))


@dataclass(frozen=True)
class FoundCue:
    """A sentence of the customer that carries a cue."""

    cue: Cue
    emotion: Emotion
    strength: int
    """1 to 3, with intensifiers and softeners counted."""
    certainty: float
    """How surely a person would agree, 0 to 1."""
    evidence: Evidence

    @property
    def valence(self) -> Valence:
        return "positive" if self.emotion in POSITIVE else "negative"


def find_cues(
    turn: Turn, rubric: Rubric, reads: Sequence[Read] = ()
) -> tuple[FoundCue, ...]:
    """All cues in the words of one turn, in the order in which they are said.

    `reads` are the model's readings of the turn's sentences, all of them or none.
    """
    return tuple(
        cue
        for sentence, read in with_reads(turn, reads)
        for cue in _in_sentence(turn, sentence, read, rubric)
    )


def strongest(cues: Sequence[FoundCue]) -> FoundCue:
    """The cue that names the feeling.

    Trouble comes before joy that is no stronger: who is kind first and then tells of a
    newborn in a house without hot water is not met by "you are welcome". Of what is left,
    words for the feeling come before circumstances, then strength.
    """
    valence = max(cues, key=lambda cue: (cue.strength, cue.valence == "negative")).valence
    return max(
        (cue for cue in cues if cue.valence == valence),
        key=lambda cue: (cue.cue == "explicit", cue.strength, cue.certainty),
    )


def _in_sentence(
    turn: Turn, sentence: Sentence, read: Read | None, rubric: Rubric
) -> Iterator[FoundCue]:
    rules = [(rule, match.span()) for rule in rubric.cues if (match := rule.find(sentence))]
    if read is not None:
        share = read.shares["customer.opportunity"]
        if share >= rubric.model.opportunity:
            yield _read(turn, sentence, read, share, [rule for rule, _ in rules])
            return
        if share < rubric.model.veto:
            return
    for rule, span in sorted(rules, key=lambda found: found[1]):
        yield FoundCue(
            cue=rule.cue,
            emotion=rule.emotion,
            strength=_strength(rule, sentence, span, rubric),
            certainty=rule.certainty,
            evidence=_evidence(turn, sentence, span, source=rule.id),
        )


def _read(
    turn: Turn, sentence: Sentence, read: Read, share: float, rules: Sequence[CueRule]
) -> FoundCue:
    emotion = cast(Emotion, read.likeliest("emotion"))
    assert emotion in EMOTIONS
    positive = emotion in POSITIVE
    agreeing = [rule.id for rule in rules if (rule.emotion in POSITIVE) == positive]
    source = read.source(share, agreeing)
    return FoundCue(
        cue="explicit" if read.shares["customer.explicit"] >= 0.5 else "implicit",
        emotion=emotion,
        strength=int(read.likeliest("strength")),
        certainty=share,
        evidence=_evidence(turn, sentence, (0, len(sentence.plain)), source=source),
    )


def _evidence(
    turn: Turn, sentence: Sentence, span: tuple[int, int], *, source: str
) -> Evidence:
    first, last = sentence.quote(*span)
    start, end = turn.locate(first, last)
    return Evidence(
        turn=turn.index, start=start, end=end, quote=turn.text[first:last], source=source
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
