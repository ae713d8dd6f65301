"""What the findings stage is told: limits, which kinds are on, patterns and wording."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator

from callmon.call import Emotion, FindingKind, Severity, Value
from callmon.errors import BadSettings


class Patterns(Value):
    """Regular expressions over plain words, see `words.plain`."""

    hold_announced: tuple[str, ...]
    offers_help: tuple[str, ...]
    declines_help: tuple[str, ...]
    confirms_settled: tuple[str, ...]
    troubleshooting: tuple[str, ...]
    told_again: tuple[str, ...]
    leaves_building: tuple[str, ...]
    hands_over: tuple[str, ...]
    sums_up: tuple[str, ...]

    @field_validator("*")
    @classmethod
    def _valid(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            _compiles(pattern)
        return patterns


class Move(Value):
    """Words for something that the agent does instead of an answer to the feeling."""

    pattern: str
    says: str
    """May hold `{what}`, the pattern's group of that name."""

    @field_validator("pattern")
    @classmethod
    def _valid(cls, pattern: str) -> str:
        _compiles(pattern)
        return pattern


class Rules(Value):
    """The `findings` section of a rubric."""

    kinds: frozenset[FindingKind]
    """The kinds that are shown."""
    window_turns: int = Field(ge=1)
    window_talk_seconds: float = Field(gt=0)
    silence_seconds: float = Field(gt=0)
    silence_within_seconds: float = Field(gt=0)
    closing_call_seconds: float = Field(ge=0)
    closing_call_turns: int = Field(ge=1)
    party_confidence: float = Field(ge=0, le=1)
    word_confidence: float = Field(ge=0, le=1)
    told_words: int = Field(ge=1)
    doubtful_words: int = Field(ge=1)
    retold_share: float = Field(gt=0, le=1)
    retold_words: int = Field(ge=1)
    scripted_times: int = Field(ge=2)
    scripted_likeness: float = Field(gt=0, le=1)
    settled: float = Field(gt=0)
    severity: Mapping[FindingKind, Severity | Literal["strength"]]
    """`strength`: from the strength of the moment."""
    common_words: str
    """Words without content of their own, separated by spaces."""
    patterns: Patterns
    moves: tuple[Move, ...]
    circumstances: Mapping[str, str]
    """By the id of a cue's rule: what the answer could have named."""
    feelings: Mapping[Emotion, str]
    wording: Mapping[str, str]

    @field_validator("wording")
    @classmethod
    def _fillable(cls, wording: Mapping[str, str]) -> Mapping[str, str]:
        for name, text in wording.items():
            try:
                list(string.Formatter().parse(text))
            except ValueError as error:
                raise ValueError(f"the wording {name!r} has an open brace") from error
        return wording

    @cached_property
    def common(self) -> frozenset[str]:
        return frozenset(self.common_words.split())

    def holds(self, name: str, text: str) -> bool:
        """Whether one of the patterns of that name is in the plain text."""
        patterns: tuple[str, ...] = getattr(self.patterns, name)
        return bool(re.search(rf"\b(?:{'|'.join(patterns)})\b", text))


def load_rules(section: Mapping[str, Any]) -> Rules:
    """The rules in a rubric's `findings` section; raises BadSettings naming the field."""
    try:
        return Rules.model_validate(section)
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(str(part) for part in problem["loc"])
        message = problem["msg"].removeprefix("Value error, ")
        raise BadSettings(f"The rubric's findings.{field}: {message}.") from error


def _compiles(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"the pattern {pattern!r} is not valid: {error}") from error
