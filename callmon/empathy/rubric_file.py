"""Reads a rubric from its TOML file, and tells all that is wrong with one.

Every pattern compiles, is safe to run, matches its own examples and leaves its
counterexamples alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from callmon.empathy.patterns import PHRASE, Checking
from callmon.empathy.problems import problems
from callmon.empathy.rubric import BehaviourRule, CueRule, Rubric, Rule
from callmon.empathy.sentences import sentences
from callmon.errors import BadSettings

FOR_PEOPLE = frozenset(
    {"examples", "counterexamples", "guide", "wording", "says", "circumstances", "feelings"}
)
"""What holds no patterns. A name in braces is there for something of the call."""


def load_rubric(path: Path | None = None) -> Rubric:
    """The packaged English rubric, or the one in `path`.

    Of the packaged one only the form is checked: its patterns and examples are by the
    project's tests, and that is half of what loading costs.

    Raises BadSettings, naming the rule and what is wrong with it.
    """
    if path is None:
        proven: Checking = {"proven": True}
        return Rubric.model_validate(_data(path, read_text(path))[0], context=proven)
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
    data, found = _data(path, text)
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


def _data(path: Path | None, text: str) -> tuple[dict[str, Any], list[str]]:
    """The file's data with its phrases filled in, and what is wrong with those."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadSettings(f"{_name(path)} is not valid TOML: {error}.") from error
    phrases = data.pop("phrases", {})
    if _all_text(phrases):
        return _filled(data, phrases), []
    return _filled(data, {}), ["phrases: every entry is a name with a text."]


def _name(path: Path | None) -> str:
    return str(path) if path else "The packaged rubric"


def _all_text(phrases: object) -> bool:
    return isinstance(phrases, dict) and all(isinstance(p, str) for p in phrases.values())


def _filled(value: Any, phrases: Mapping[str, str]) -> Any:
    """The data with `{name}` in patterns replaced by that phrase."""

    def fill(text: str) -> str:
        for _ in range(3):  # a phrase may hold phrases
            text = PHRASE.sub(lambda m: phrases.get(m[1], m[0]), text)
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
