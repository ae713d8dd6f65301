"""The rubric: which words are a cue, and which words are a behaviour, as data.

A rubric is a TOML file, checked on load: every pattern compiles, is safe to run, matches
its own examples and leaves its counterexamples alone. The `findings` section belongs to
another stage and is handed on as it is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from callmon.call import (
    BehaviourLevel,
    BehaviourName,
    Cue,
    Emotion,
    FindingKind,
    Valence,
    Value,
)
from callmon.empathy.pattern_cost import ways
from callmon.empathy.problems import problems
from callmon.empathy.sentences import Sentence, sentences
from callmon.errors import BadSettings

POSITIVE: frozenset[Emotion] = frozenset({"relief", "joy"})

FOR_PEOPLE = frozenset(
    {"examples", "counterexamples", "guide", "wording", "says", "circumstances", "feelings"}
)
"""What holds no patterns. A name in braces is there for something of the call."""

LARGEST_REPEAT = 12
"""A group may be repeated at most this often. Unlimited repetition of a group is what
makes a pattern's time explode with the length of the text."""

MOST_WAYS = 10_000
"""In which a pattern may fit at one place. Measured on sentences of thirty words, the
longest that are matched: 2197 ways take 0.05 s on one core and 28 561 take 0.3 s; the
packaged rubric's patterns have 9324 at most."""

_PHRASE = re.compile(r"\{([a-z_]+)\}")
_UNSAFE = re.compile(r"\)[*+]|\)\{\d*,\}|\\[1-9]|\(\?P=")
_REPEAT = re.compile(r"\)\{(?:\d*,)?(\d+)\}")


@cache
def compile_patterns(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One expression that finds any of the patterns, on whole words."""
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b")


def check_patterns(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Raises ValueError, naming each, when patterns are wrong or could run for ever."""
    wrong = [problem for pattern in patterns if (problem := _unsafe(pattern))]
    try:
        compile_patterns(patterns)
    except (re.error, OverflowError, RecursionError) as error:
        alone = [problem for pattern in patterns if (problem := _invalid(pattern))]
        wrong += alone or [f"the patterns are not valid side by side: {error}"]
    if wrong:
        raise ValueError("; ".join(wrong))
    return patterns


@cache  # every rule is read twice: as a part of the rubric, and for its examples
def _unsafe(pattern: str) -> str | None:
    """Why a pattern cannot be let loose on a text; None when it can."""
    if _UNSAFE.search(pattern):
        return (
            f"the pattern {pattern!r} repeats a group without limit or refers back "
            f"to one; write {{0,{LARGEST_REPEAT}}} or less instead"
        )
    if any(int(most) > LARGEST_REPEAT for most in _REPEAT.findall(pattern)):
        return f"the pattern {pattern!r} repeats a group more than {LARGEST_REPEAT} times"
    if unknown := _PHRASE.search(pattern):
        return (
            f"the pattern {pattern!r} uses {unknown[0]}, and [phrases] has no "
            f"{unknown[1]!r}; add it there"
        )
    if ways(pattern) > MOST_WAYS:
        return (
            f"the pattern {pattern!r} can fit one place in too many ways and may become"
            " slow: it repeats a group within a repeated one, or several things in a row;"
            " write it as several patterns"
        )
    return None


def _invalid(pattern: str) -> str | None:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"the pattern {pattern!r} is not valid: {error}"
    return None


Patterns = Annotated[tuple[str, ...], AfterValidator(check_patterns)]
"""Regular expressions over plain words, checked on load."""


def check_findings(section: Mapping[str, Any]) -> Mapping[str, Any]:
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
        )
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


def load_rubric(path: Path | None = None) -> Rubric:
    """The packaged English rubric, or the one in `path`.

    Raises BadSettings, naming the rule and what is wrong with it.
    """
    checked = check_rubric(path)
    if checked.rubric is None or checked.problems:
        raise BadSettings(f"{_name(path)}: {checked.problems[0]}")
    return checked.rubric


def read_text(path: Path | None = None) -> str:
    """The file of the packaged rubric, or the one in `path`, as it is written.

    Raises BadSettings when it cannot be read.
    """
    source = path or resources.files("callmon.empathy") / "rubrics" / "en.toml"
    try:
        return source.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(
            f"{_name(path)} cannot be read as a rubric: {error}. Give a TOML file in UTF-8."
        ) from error


@dataclass(frozen=True)
class Checked:
    """What a file holds, and all that is wrong with it."""

    rubric: Rubric | None
    """None when the file has not the form of a rubric."""
    findings: Any
    """The section of the findings stage, which checks its form."""
    problems: tuple[str, ...]
    """A sentence each, beginning with the place."""


def check_rubric(path: Path | None = None) -> Checked:
    """Reads the packaged rubric, or the one in `path`, and checks all of it.

    Raises BadSettings when the file cannot be read, or is no TOML.
    """
    text = read_text(path)
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadSettings(f"{_name(path)} is not valid TOML: {error}.") from error
    phrases = data.pop("phrases", {})
    found: list[str] = []
    if not _all_text(phrases):
        found.append("phrases: every entry is a name with a text.")
        phrases = {}
    data = _filled(data, phrases)
    rubric: Rubric | None = None
    try:
        rubric = Rubric.model_validate(data)
    except ValidationError as error:
        found.extend(problems(error.errors(), model=Rubric, data=data, text=text))
    return Checked(
        rubric=rubric,
        findings=data.get("findings"),
        problems=(*found, *_wrong_examples(data)),
    )


def _name(path: Path | None) -> str:
    return str(path) if path else "The packaged rubric"


def _all_text(phrases: object) -> bool:
    return isinstance(phrases, dict) and all(isinstance(p, str) for p in phrases.values())


def _filled(value: Any, phrases: Mapping[str, str]) -> Any:
    """The data with `{name}` in patterns replaced by that phrase."""

    def fill(text: str) -> str:
        for _ in range(3):  # a phrase may hold phrases
            text = _PHRASE.sub(lambda m: phrases.get(m[1], m[0]), text)
        return text

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: inner if name in FOR_PEOPLE else walk(inner)
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [walk(inner) for inner in value]
        return fill(value) if isinstance(value, str) else value

    return walk(value)


def _wrong_examples(data: Mapping[str, Any]) -> Iterator[str]:
    """The ids that are there twice, and the examples that do not come out as they should.

    Rules of a wrong form are passed over: they have been told.
    """
    seen: set[str] = set()
    for section in ("cues", "behaviours"):
        kind = CueRule if section == "cues" else BehaviourRule
        entries = data.get(section)
        for entry in entries if isinstance(entries, list) else []:
            try:
                rule: Rule = kind.model_validate(entry)
            except ValidationError:
                continue
            if rule.id in seen:
                yield f"rule {rule.id!r} is there twice; ids must differ."
            seen.add(rule.id)
            for example in rule.examples:
                if not any(rule.find(part) for part in sentences(example)):
                    yield f"rule {rule.id!r} does not match its own example {example!r}."
            for example in rule.counterexamples:
                if any(rule.find(part) for part in sentences(example)):
                    yield f"rule {rule.id!r} matches its counterexample {example!r}."
