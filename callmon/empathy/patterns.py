"""The regular expressions of a rubric: compiled together, checked before they run."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, TypedDict

from pydantic import AfterValidator, ValidationInfo

from callmon.empathy.pattern_cost import ways

LARGEST_REPEAT = 12
"""A group may be repeated at most this often. Unlimited repetition of a group is what
makes a pattern's time explode with the length of the text."""

MOST_WAYS = 10_000
"""In which a pattern may fit at one place. Measured on sentences of thirty words, the
longest that are matched: 2197 ways take 0.05 s on one core and 28 561 take 0.3 s; the
packaged rubric's patterns have 9324 at most."""

PHRASE = re.compile(r"\{([a-z_]+)\}")
_UNSAFE = re.compile(r"\)[*+]|\)\{\d*,\}|\\[1-9]|\(\?P=")
_REPEAT = re.compile(r"\)\{(?:\d*,)?(\d+)\}")


@cache
def compile_patterns(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One expression that finds any of the patterns, on whole words."""
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b")


def check_patterns(patterns: tuple[str, ...], *, proven: bool = False) -> tuple[str, ...]:
    """Raises ValueError, naming each, when patterns are wrong or could run for ever.

    Of `proven` ones it is known that they do not; they are only compiled.
    """
    unsafe = () if proven else (_unsafe(pattern) for pattern in patterns)
    wrong = [problem for problem in unsafe if problem]
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
    if unknown := PHRASE.search(pattern):
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


class Checking(TypedDict):
    """What pydantic is told while it reads a rubric."""

    proven: bool
    """Whether the patterns are the packaged ones, which the project's tests check."""


def _checked(patterns: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    return check_patterns(patterns, proven=is_proven(info))


def is_proven(info: ValidationInfo) -> bool:
    return bool(info.context and info.context["proven"])


Patterns = Annotated[tuple[str, ...], AfterValidator(_checked)]
"""Regular expressions over plain words, checked on load."""
