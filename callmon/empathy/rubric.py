"""The rubric: which words are a cue, and which words are a behaviour, as data.

The `findings` section belongs to another stage and is handed on as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo

from callmon.call import (
    BehaviourLevel,
    BehaviourName,
    Cue,
    Emotion,
    FindingKind,
    Valence,
    Value,
)
from callmon.empathy.patterns import Patterns, check_patterns, compile_patterns, is_proven
from callmon.empathy.sentences import Sentence

POSITIVE: frozenset[Emotion] = frozenset({"relief", "joy"})


def check_findings(section: Mapping[str, Any], info: ValidationInfo) -> Mapping[str, Any]:
    """Raises ValueError when patterns of the findings stage are wrong, naming each."""
    patterns, moves = section.get("patterns"), section.get("moves")
    found = [*patterns.values()] if isinstance(patterns, Mapping) else []
    if isinstance(moves, list):
        found.append([move.get("pattern") for move in moves if isinstance(move, Mapping)])
    check_patterns(
        tuple(
            pattern
            for several in found
            if isinstance(several, list)
            for pattern in several
            if isinstance(pattern, str)
        ),
        proven=is_proven(info),
    )
    return section


class Rule(Value):
    """Words that carry one meaning, with examples that prove it."""

    id: str
    patterns: Patterns = Field(min_length=1)
    """Matched on whole words of the plain form: lower case, contractions written out."""
    unless: Patterns = ()
    """Where one of these is in the sentence, the rule is silent."""
    certainty: float = Field(0.85, gt=0, le=1)
    """How often a person would agree that these words carry this meaning."""
    examples: tuple[str, ...] = Field(min_length=1)
    counterexamples: tuple[str, ...] = ()

    @cached_property
    def _wanted(self) -> re.Pattern[str]:
        return compile_patterns(self.patterns)

    @cached_property
    def _unwanted(self) -> re.Pattern[str] | None:
        return compile_patterns(self.unless) if self.unless else None

    def find(self, sentence: Sentence) -> re.Match[str] | None:
        """The first place in the sentence's plain form that carries the meaning."""
        match = self._wanted.search(sentence.plain)
        if match and self._unwanted and self._unwanted.search(sentence.plain):
            return None
        return match


class CueRule(Rule):
    """Customer's words that show a feeling, or tell what anybody would feel."""

    emotion: Emotion
    cue: Cue
    strength: Literal[1, 2, 3]

    @property
    def valence(self) -> Valence:
        return "positive" if self.emotion in POSITIVE else "negative"


class BehaviourRule(Rule):
    """Agent's words that do something."""

    behaviour: BehaviourName
    level: BehaviourLevel | None = None
    after: Literal["any", "negative", "positive"] = "any"
    """Counts only when the customer's last words held such a cue."""


class Strength(Value):
    """What raises and lowers the strength of an explicit cue."""

    intensifiers: Patterns
    softeners: Patterns


class Names(Value):
    """How the customer's name becomes known, and where an agent only reads it out."""

    introductions: Patterns
    """With the name as a group."""
    asked: Patterns
    never: Patterns


class Mirroring(Value):
    """When a sentence of the agent gives back what the customer said."""

    forms: Patterns
    """Openings that announce it: with one of them `shared_with_form` words are enough."""
    statements: Patterns
    """Sentences about the customer: they need `shared_without_form` words."""
    never: Patterns
    """Requests, read-backs, promises: they are something else."""
    read_backs: Patterns
    """Numbers and names spelled out: never mirroring, whatever the text model says."""
    shared_with_form: int = Field(ge=1)
    shared_without_form: int = Field(ge=1)
    share: float = Field(gt=0, le=1)
    """Least share of the sentence's content that the customer had said."""
    customer_turns: int = Field(ge=1)
    """How many of the customer's last turns it may give back."""
    common_words: str
    """Words without content of their own, separated by spaces."""


Share = Annotated[float, Field(ge=0, le=1)]


class Model(Value):
    """How sure the text model has to be."""

    opportunity: Share
    """From here a customer's sentence is a cue."""
    veto: Share
    """Below it a rule is silent: the model is sure that the words mean something else."""
    behaviours: Mapping[BehaviourName, Share]
    """From here an agent's sentence does it."""


class Commitments(Value):
    """How a promise says what, who and when, and what keeps it."""

    deadlines: Patterns
    continued: Patterns
    """Beginnings of a next sentence that still speaks of the promise."""
    lead_ins: Patterns
    """Words before the action: "I will", "we are going to"."""
    offers: Patterns
    """What leaves it open: "if you like"."""
    by_me: Patterns
    by_others: Patterns
    """Who is to act; the first one named counts."""
    hand_overs: Patterns
    """Promises to put the caller through, and of nothing else."""
    looks_up: Patterns
    """Promises that are kept while the caller waits."""
    waits: Patterns
    """What asks the caller to wait: beside it even a vague "I will see" is of now."""
    finished: str
    """Words that say "done" and not what, separated by spaces."""


class Shown(Value):
    """Words to learn from, and why they are good or weak."""

    words: str = Field(min_length=1)
    why: str = Field(min_length=1)


class Guided(Value):
    """What the guide for people says about one thing of the coding scheme."""

    name: BehaviourName | Cue | FindingKind | Literal["opportunity"]
    title: str
    holds: str
    """What it is and when it holds; of a finding, when it is raised."""
    excludes: str = Field("", alias="not")
    """What is easily taken for it."""
    cleared_by: str = ""
    """Of a finding: what would have kept it from being raised."""
    good: tuple[Shown, ...] = ()
    weak: tuple[Shown, ...] = ()


def check_guide(entries: tuple[Guided, ...]) -> tuple[Guided, ...]:
    """Raises ValueError when a thing is explained twice."""
    names = [entry.name for entry in entries]
    twice = sorted({repr(name) for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} is there twice; one entry each is enough")
    return entries


class Rubric(Value):
    """Everything that the empathy stage knows about words."""

    version: str = Field(pattern=r"^[a-z]{2,3}/[\w.-]+$")
    """Language and number, such as `en/1`."""
    model: Model
    strength: Strength
    names: Names
    mirroring: Mirroring
    commitments: Commitments
    cues: tuple[CueRule, ...]
    behaviours: tuple[BehaviourRule, ...]
    guide: Annotated[tuple[Guided, ...], AfterValidator(check_guide)] = ()
    """For people who learn from the rubric; no judgement depends on it."""
    findings: Annotated[Mapping[str, Any], AfterValidator(check_findings)]
    """Rules of the findings stage; their form is checked there, their patterns here."""

    @property
    def language(self) -> str:
        """ISO 639 code of the language whose words it knows."""
        return self.version.partition("/")[0]

    @cached_property
    def intensified(self) -> re.Pattern[str]:
        return compile_patterns(self.strength.intensifiers)

    @cached_property
    def softened(self) -> re.Pattern[str]:
        return compile_patterns(self.strength.softeners)

    @cached_property
    def common(self) -> frozenset[str]:
        return frozenset(self.mirroring.common_words.split())

    def rules(self) -> Iterator[Rule]:
        yield from self.cues
        yield from self.behaviours
