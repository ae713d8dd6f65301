"""Why sentences are judged as they are: what the model says, and what each rule does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from callmon.call import (
    BehaviourLevel,
    BehaviourName,
    CommitmentLevel,
    Cue,
    Emotion,
    Turn,
    Valence,
    Value,
    Word,
)
from callmon.empathy.commitments import find_commitments
from callmon.empathy.cues import find_cues
from callmon.empathy.mirroring import content_of
from callmon.empathy.opportunities import find_opportunities
from callmon.empathy.patterns import compile_patterns
from callmon.empathy.responses import find_behaviours
from callmon.empathy.rubric import Rubric, Rule
from callmon.empathy.sentences import Sentence, sentences
from callmon.empathy.text_model import Read, TextModel, by_turn
from callmon.plain import stem

Side = Literal["customer", "agent"]
PartPlayed = Literal[
    "confirms",
    "alone",
    "agrees",
    "vetoed",
    "silenced",
    "other_feeling",
    "out_of_place",
    "needs_customer",
    "unused",
]


class MatchedRule(Value):
    """A rule whose patterns are in a sentence."""

    rule: str
    says: str
    """The behaviour or emotion that it stands for."""
    words: str
    part: PartPlayed
    """`confirms` the model, `alone` decides, `agrees` with a decision that rests on
    something else, `vetoed` by the model, `silenced` by its own `unless`, `other_feeling`
    than the one that is found, `out_of_place`
    after what the customer said, `needs_customer` where nothing of the customer's was
    given and the rule counts only in answer to it, `unused` since nothing came of it."""
    silenced_by: str | None = None
    """The words of its `unless`."""


class ExplainedSentence(Value):
    """A sentence, and what there was to decide by."""

    party: Side
    text: str
    rules: tuple[MatchedRule, ...]
    shared_words: tuple[str, ...] = ()
    """Of an agent's sentence: the words whose content the customer had said."""
    model: Mapping[str, float] | None
    """How surely it carries each label, by column of the text model; null without it."""


class ExplainedCue(Value):
    """A cue in a customer's sentence."""

    sentence: int
    """Its place among the explained sentences, from 0."""
    cue: Cue
    emotion: Emotion
    valence: Valence
    strength: int
    confidence: float
    quote: str
    source: str


class ExplainedBehaviour(Value):
    """What an agent's sentence does."""

    sentence: int
    behaviour: BehaviourName
    level: BehaviourLevel | None
    confidence: float
    quote: str
    source: str


class ExplainedCommitment(Value):
    """What the agent undertakes, and by when."""

    sentence: int
    action: str
    deadline: str | None
    level: CommitmentLevel
    quote: str


class ExplainedOpportunity(Value):
    """The customer's moment as a whole."""

    cue: Cue
    emotion: Emotion
    valence: Valence
    strength: Literal[1, 2, 3]
    confidence: float


class Explanation(Value):
    """What is found in a customer's words and an agent's answer, and why."""

    rubric: str
    model: str | None
    """Name of the text model; null where there is none for the rubric's language."""
    opportunity: ExplainedOpportunity | None
    cues: tuple[ExplainedCue, ...]
    behaviours: tuple[ExplainedBehaviour, ...]
    commitments: tuple[ExplainedCommitment, ...]
    sentences: tuple[ExplainedSentence, ...]


def explain(
    *, customer: str | None, agent: str | None, rubric: Rubric, model: TextModel | None
) -> Explanation:
    """Explains what is said, the customer first and the agent in answer to it.

    A text model for another language than the rubric's is left out, as in a call.
    """
    said: list[tuple[Side, str | None]] = [("customer", customer), ("agent", agent)]
    turns = [_turn(party, text) for party, text in said if text is not None]
    if model is not None and model.language != rubric.language:
        model = None
    reads = model.read(turns) if model is not None else ()
    read_of = by_turn(reads)
    parts = [part for turn in turns for part in _parts(turn, read_of)]

    cues = [
        ExplainedCue(
            sentence=_sentence_at(cue.evidence.turn, cue.evidence.start, parts),
            cue=cue.cue,
            emotion=cue.emotion,
            valence=cue.valence,
            strength=cue.strength,
            confidence=round(cue.certainty, 3),
            quote=cue.evidence.quote,
            source=cue.evidence.source,
        )
        for turn in turns
        if turn.party == "customer"
        for cue in find_cues(turn, rubric, read_of.get(turn.index, ()))
    ]
    found = find_behaviours(turns, rubric, reads)
    behaviours = [
        ExplainedBehaviour(
            sentence=_sentence_at(behaviour.turn, behaviour.start, parts),
            behaviour=behaviour.behaviour,
            level=behaviour.level,
            confidence=behaviour.confidence,
            quote=behaviour.quote,
            source=behaviour.source,
        )
        for behaviour in found
    ]
    commitments = [
        ExplainedCommitment(
            sentence=_sentence_at(commitment.turn, commitment.start, parts),
            action=commitment.action,
            deadline=commitment.deadline,
            level=commitment.level,
            quote=commitment.quote,
        )
        for commitment in find_commitments(turns, found, rubric)
    ]
    opportunities = find_opportunities(turns, (), rubric, reads)
    moment = opportunities[0] if opportunities else None
    heard = [content_of(turn, rubric) for turn in turns if turn.party == "customer"]
    content = heard[0] if heard else frozenset[str]()
    return Explanation(
        rubric=rubric.version,
        model=model.name if model is not None else None,
        opportunity=moment
        and ExplainedOpportunity(
            cue=moment.cue,
            emotion=moment.emotion,
            valence=moment.valence,
            strength=moment.strength,
            confidence=moment.confidence,
        ),
        cues=tuple(cues),
        behaviours=tuple(behaviours),
        commitments=tuple(commitments),
        sentences=tuple(
            ExplainedSentence(
                party=part.party,
                text=part.sentence.original,
                rules=tuple(
                    _rules_of_customer(part, [c for c in cues if c.sentence == n], rubric)
                    if part.party == "customer"
                    else _rules_of_agent(
                        part,
                        [b for b in behaviours if b.sentence == n],
                        rubric,
                        mood=moment.valence if moment else None,
                        answers=customer is not None,
                    )
                ),
                shared_words=()
                if part.party == "customer"
                else _shared(part.sentence, content, rubric),
                model=part.read
                and {name: round(share, 3) for name, share in part.read.shares.items()},
            )
            for n, part in enumerate(parts)
        ),
    )


@dataclass(frozen=True)
class _Part:
    """A sentence of one of the two turns, and what the model says of it."""

    turn: int
    party: Side
    sentence: Sentence
    read: Read | None


def _turn(party: Side, text: str) -> Turn:
    """A turn of typed words. Each has its place in the text where a time would be, so
    that what is found can be put back to its sentence."""
    words = tuple(
        Word(text=word[0], start=word.start(), end=word.end(), confidence=1.0)
        for word in re.finditer(r"\w+", text)
    )
    return Turn(
        index=0 if party == "customer" else 1,
        party=party,
        party_confidence=1.0,
        start=0.0,
        end=float(len(text)),
        text=text,
        words=words,
        speaker=party,
    )


def _parts(turn: Turn, read_of: Mapping[int, Sequence[Read]]) -> list[_Part]:
    own = sentences(turn.text, turn=turn.index)
    reads: Sequence[Read | None] = read_of.get(turn.index) or [None] * len(own)
    party: Side = "customer" if turn.party == "customer" else "agent"
    return [
        _Part(turn.index, party, sentence, read)
        for sentence, read in zip(own, reads, strict=True)
    ]


def _sentence_at(turn: int, place: float | None, parts: Sequence[_Part]) -> int:
    """Which of the sentences the words at a place in a turn's text belong to."""
    begun = [
        n
        for n, part in enumerate(parts)
        if part.turn == turn and part.sentence.lead <= (place or 0)
    ]
    return begun[-1]


def _rules_of_customer(
    part: _Part, cues: Sequence[ExplainedCue], rubric: Rubric
) -> Iterator[MatchedRule]:
    sources = [cue.source for cue in cues]
    share = part.read.shares["customer.opportunity"] if part.read else None
    for rule in rubric.cues:
        if not (matched := _matched(rule, rule.emotion, part.sentence)):
            continue
        if matched.silenced_by:
            yield matched
            continue
        played = _played(rule, sources, share, rubric)
        if played == "agrees" and rule.valence not in {cue.valence for cue in cues}:
            played = "other_feeling"
        yield matched.model_copy(update={"part": played})


def _rules_of_agent(
    part: _Part,
    behaviours: Sequence[ExplainedBehaviour],
    rubric: Rubric,
    *,
    mood: Valence | None,
    answers: bool,
) -> Iterator[MatchedRule]:
    for rule in rubric.behaviours:
        if not (matched := _matched(rule, rule.behaviour, part.sentence)):
            continue
        if matched.silenced_by:
            yield matched
            continue
        sources = [b.source for b in behaviours if b.behaviour == rule.behaviour]
        share = part.read.shares[f"agent.{rule.behaviour}"] if part.read else None
        played = _played(rule, sources, share, rubric)
        if rule.after not in ("any", mood):
            played = "out_of_place" if answers else "needs_customer"
        yield matched.model_copy(update={"part": played})


def _matched(rule: Rule, says: str, sentence: Sentence) -> MatchedRule | None:
    wanted = compile_patterns(rule.patterns).search(sentence.plain)
    if wanted is None:
        return None
    unwanted = rule.unless and compile_patterns(rule.unless).search(sentence.plain)
    return MatchedRule(
        rule=rule.id,
        says=says,
        words=sentence.words_at(*wanted.span()),
        part="silenced" if unwanted else "unused",
        silenced_by=sentence.words_at(*unwanted.span()) if unwanted else None,
    )


def _played(
    rule: Rule, sources: Sequence[str], share: float | None, rubric: Rubric
) -> PartPlayed:
    """The part of a rule that is not silenced in a decision that rests on `sources`."""
    for source in sources:
        if source == rule.id:
            return "alone"
        if rule.id in source.split(" + "):
            return "confirms"
    if sources:
        return "agrees"
    vetoed = share is not None and share < rubric.model.veto
    return "vetoed" if vetoed else "unused"


def _shared(sentence: Sentence, content: frozenset[str], rubric: Rubric) -> tuple[str, ...]:
    """The words of a sentence whose content is in the customer's."""
    return tuple(
        dict.fromkeys(
            word
            for word in sentence.words
            if word not in rubric.common and stem(word) in content
        )
    )
