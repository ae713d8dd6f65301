"""What the findings stage is told: limits, which kinds are on, patterns and wording."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

from pydantic import Field, ValidationError, field_validator, model_validator

from callmon.call import Emotion, FindingKind, Severity, Value
from callmon.errors import BadSettings

WORDING: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(facts.split())
    for name, facts in {
        # What happened.
        "after": "quote at did",
        "after_voice": "at did",
        "said": "answer",
        "then": "first second",
        "voice": "measures",
        "voice_higher": "amount",
        "voice_higher_one": "",
        "voice_louder": "amount",
        "voice_raised": "",
        "both": "first second",
        # What was missing.
        "missed_ignored": "feeling",
        "missed_ignored_twice": "feeling",
        "missed_ignored_about": "about feeling",
        "missed_thanks": "thanks feeling",
        "missed_plan": "plan feeling",
        "missed_asked": "feeling",
        "missed_solved": "feeling",
        "sorry": "feeling",
        "sorry_about": "about",
        "dismissed": "feeling",
        "dismissed_about": "about",
        "joy": "feeling",
        # What came after.
        "again": "quote at",
        "later": "delay words",
        "later_untimed": "words",
        "calmer": "",
        "louder": "",
        # What would have met it.
        "cleared_plan": "about",
        "cleared_has_plan": "about",
        "cleared_sorry": "about",
        "cleared_sorry_has_plan": "about",
        "cleared_dismissed": "about",
        "cleared_joy": "about",
        # The other kinds, each with what would have cleared it.
        "no_mirroring": "quote at did",
        "cleared_mirroring": "",
        "cleared_mirroring_words": "words",
        "no_commitment": "quote at last",
        "no_commitment_handed": "quote at promise",
        "cleared_commitment": "",
        "vague_commitment": "quote at promise",
        "vague_commitments": "quote at promise number",
        "cleared_vague": "",
        "no_expectation_set": "promise at",
        "no_expectation_asked": "promise at question",
        "cleared_expectation": "",
        "interrupted": "quote at answer seconds",
        "interrupted_written": "quote answer",
        "cleared_interrupted": "",
        "silence": "seconds at quote",
        "silence_after": "seconds at quote last",
        "cleared_silence": "",
        "repeated": "quote at before did",
        "cleared_repeated": "",
        "scripted": "quote number places",
        "cleared_scripted": "",
        "closing": "last",
        "cleared_closing": "",
        "commended": "quote at answer step",
        "commended_sooner": "quote at answer step seconds",
        # Why nothing is judged.
        "impeded_ended": "",
        "impeded_unheard": "",
        "impeded_talk": "",
        "impeded_other": "",
        "unsure_party": "share",
        "unsure_words": "share",
        "unsure_overlap": "seconds",
        "unsure_lost": "seconds",
    }.items()
}
"""Every text that a rubric has to bring, and the facts that it may name in braces."""


class Patterns(Value):
    """Regular expressions over the plain form, see `callmon.plain`.

    Whether they are valid and safe to run is checked with the rubric that holds them.
    """

    hold_announced: tuple[str, ...]
    offers_help: tuple[str, ...]
    declines_help: tuple[str, ...]
    confirms_settled: tuple[str, ...]
    troubleshooting: tuple[str, ...]
    told_again: tuple[str, ...]
    leaves_building: tuple[str, ...]
    hands_over: tuple[str, ...]
    sums_up: tuple[str, ...]
    works_now: tuple[str, ...]
    asks_when: tuple[str, ...]
    says_when: tuple[str, ...]
    says_goodbye: tuple[str, ...]
    agrees: tuple[str, ...]
    line_lost: tuple[str, ...]
    gives_way: tuple[str, ...]
    names_nothing: tuple[str, ...]


class Move(Value):
    """Words for something that the agent does instead of an answer to the feeling."""

    pattern: str
    says: str
    """May hold `{what}`, the pattern's group of that name."""

    @model_validator(mode="after")
    def _fillable(self) -> Move:
        try:
            groups = frozenset(re.compile(self.pattern).groupindex)
        except (re.error, OverflowError, RecursionError):
            return self  # told with the rubric's other patterns
        _check_facts("says", self.says, groups)
        return self


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
    closing_turns: int = Field(ge=1)
    again_within_seconds: float = Field(ge=0)
    again_within_turns: int = Field(ge=1)
    party_confidence: float = Field(ge=0, le=1)
    word_confidence: float = Field(ge=0, le=1)
    overlap_share: float = Field(ge=0, le=1)
    told_words: int = Field(ge=1)
    doubtful_words: int = Field(ge=1)
    retold_share: float = Field(gt=0, le=1)
    retold_words: int = Field(ge=1)
    scripted_times: int = Field(ge=2)
    scripted_likeness: float = Field(gt=0, le=1)
    settled: float = Field(gt=0)
    severity: Mapping[FindingKind, Severity | Literal["strength"]]
    """`strength`: from the strength of the moment."""
    common: frozenset[str]
    """Words without content of their own: the rubric's one list of them."""
    patterns: Patterns
    moves: tuple[Move, ...]
    circumstances: Mapping[str, str]
    """By the id of a cue's rule: what the answer could have named."""
    feelings: Mapping[Emotion, str]
    wording: Mapping[str, str]

    @field_validator("wording")
    @classmethod
    def _speakable(cls, wording: Mapping[str, str]) -> Mapping[str, str]:
        _check_complete(wording, frozenset(WORDING))
        for name, text in wording.items():
            _check_facts(name, text, WORDING[name])
        return wording

    @field_validator("severity")
    @classmethod
    def _every_kind(cls, severity: Mapping[str, str]) -> Mapping[str, str]:
        _check_complete(severity, frozenset(get_args(FindingKind)))
        return severity

    @field_validator("feelings")
    @classmethod
    def _every_feeling(cls, feelings: Mapping[str, str]) -> Mapping[str, str]:
        _check_complete(feelings, frozenset(get_args(Emotion)))
        return feelings

    def holds(self, name: str, text: str) -> bool:
        """Whether one of the patterns of that name is in the plain text."""
        patterns: tuple[str, ...] = getattr(self.patterns, name)
        return bool(re.search(rf"\b(?:{'|'.join(patterns)})\b", text))


def load_rules(section: Mapping[str, Any], *, common: frozenset[str]) -> Rules:
    """The rules in a rubric's `findings` section, with its words without content.

    Raises BadSettings naming the field.
    """
    try:
        return Rules.model_validate({**section, "common": common})
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(str(part) for part in problem["loc"])
        message = problem["msg"].removeprefix("Value error, ")
        raise BadSettings(f"The rubric's findings.{field}: {message}.") from error


def _check_complete(given: Mapping[str, str], wanted: frozenset[str]) -> None:
    if missing := sorted(wanted - set(given)):
        raise ValueError(f"nothing is given for {', '.join(missing)}")
    if unknown := sorted(set(given) - wanted):
        raise ValueError(f"{', '.join(unknown)} is not known here")


def _check_facts(name: str, text: str, facts: frozenset[str]) -> None:
    """Raises ValueError where the text cannot be filled with these facts."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        raise ValueError(f"the text {name!r} has an open brace") from error
    for _, fact, form, conversion in parts:
        if fact is None:
            continue
        if fact not in facts or form or conversion:
            known = " ".join(f"{{{one}}}" for one in sorted(facts)) or "none"
            raise ValueError(
                f"the text {name!r} holds {{{fact}}}; what can stand there: {known}"
            )
