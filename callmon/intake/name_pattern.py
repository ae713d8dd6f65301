r"""Reads metadata from the names that phone systems give their recordings.

A pattern is literal text with named places: `{agent}_{queue}_{started:%Y%m%d-%H%M%S}.wav`.
A place reaches up to the first point where the fixed text after it stands; a time has the
width of its format. So a name is read from left to right, once, without trying again: each
place becomes an atomic group, and matching takes time linear in the name's length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from callmon.errors import BadSettings
from callmon.intake.fields import Told, cleaned, read_fields

EXAMPLE: Final = "{agent}_{queue}_{started:%Y%m%d-%H%M%S}.wav"
LONGEST: Final = 500
"""Characters of a pattern."""
PLACES: Final = 30

TIMES: Final = {
    "Y": "[0-9]{4}", "y": "[0-9]{2}", "m": "[0-9]{2}", "d": "[0-9]{2}", "j": "[0-9]{3}",
    "H": "[0-9]{2}", "I": "[0-9]{2}", "M": "[0-9]{2}", "S": "[0-9]{2}", "p": "[AaPp][Mm]",
    "b": "[A-Za-z]{3}", "f": "[0-9]{6}", "z": r"[+-][0-9]{2}:?[0-9]{2}", "Z": "UTC|GMT",
    "s": "[0-9]{10}",
}  # fmt: skip
"""Parts of a time, as strftime writes them; `%s` is seconds since 1970."""

_PART: Final = re.compile(r"\{([^{}]*)\}|([^{}]+)")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WITH_ENDING: Final = re.compile(r"\.[A-Za-z0-9]{1,5}$")


@dataclass(frozen=True)
class NamePattern:
    """A pattern, ready to read names."""

    text: str
    _expression: re.Pattern[str]
    _times: tuple[tuple[str, str], ...]
    """Group and format of each time."""
    _parts: int
    """How many folders and names it reads; 1 is the file's name alone."""
    _with_ending: bool

    def read(self, path: Sequence[str]) -> Told:
        """What a file's name tells; `path` is its folders, as far as known, and its name.

        A name that does not fit leaves a warning.
        """
        name = "/".join(path[-self._parts :])
        if not self._with_ending:
            name = _WITH_ENDING.sub("", name)
        found = self._expression.fullmatch(name)
        if found is None:
            return self._misfit(path[-1], "does not fit")
        fields: dict[str, object] = {
            place: value for place, value in found.groupdict().items() if place[0] != "_"
        }
        for group, form in self._times:
            try:
                fields[group] = _moment(found[group], form)
            except ValueError:
                return self._misfit(path[-1], "has no such time for")
        return read_fields(fields, where="The file's name")

    def _misfit(self, name: str, how: str) -> Told:
        shown = cleaned(name, longest=100)
        return Told(warnings=(f"The name {shown!r} {how} the pattern {self.text!r}.",))


def compile_pattern(text: str) -> NamePattern:
    """Raises BadSettings, saying what would work."""
    if len(text) > LONGEST:
        raise _wrong(text[:40] + "…", f"it has more than {LONGEST} characters")
    rest = _PART.sub("", text)
    if rest:
        raise _wrong(text, f"a brace is open or closed alone ({rest[:10]!r})")
    expressions: list[str] = []
    """Of each part; of a place without a format None, until what follows is known."""
    names: list[str | None] = []
    times: list[tuple[str, str]] = []
    for place, literal in _PART.findall(text):
        if literal:
            expressions.append(re.escape(literal))
            names.append(None)
            continue
        name, _, form = place.partition(":")
        if not _NAME.fullmatch(name):
            raise _wrong(text, f"{{{place}}} is no place: a name of letters would work")
        if name != "_" and name in names:
            raise _wrong(text, f"{{{name}}} stands in it twice")
        group = name if name != "_" else f"_{len(names)}"
        if form:
            expressions.append(f"(?P<{group}>{_time(form, text)})")
            times.append((group, form))
            names.append(None)
        else:
            if names and names[-1] is not None:
                raise _wrong(
                    text, f"nothing stands between {{{name}}} and the place before"
                )
            expressions.append("")
            names.append(group)
    if not (any(names) or times) or len(names) > 2 * PLACES:
        raise _wrong(text, f"it needs places in braces, at most {PLACES}")

    for index, expression in _free_places(names, expressions):
        expressions[index] = expression
    return NamePattern(
        text=text,
        _expression=re.compile("".join(expressions), re.IGNORECASE | re.DOTALL),
        _times=tuple(times),
        _parts=text.count("/") + 1,
        _with_ending=bool(_WITH_ENDING.search(text)),
    )


def _free_places(
    names: Sequence[str | None], expressions: Sequence[str]
) -> Iterator[tuple[int, str]]:
    """Each place without a format: as far as what is fixed after it does not begin."""
    for index, name in enumerate(names):
        if name is None:
            continue
        after = ""
        for follower, of_follower in zip(
            names[index + 1 :], expressions[index + 1 :], strict=True
        ):
            if follower is not None:
                break
            after += re.sub(r"\(\?P<\w+>", "(?:", of_follower)
        else:
            after += r"\Z"
        yield index, f"(?P<{name}>(?>(?:(?!{after})[^/])+))"


def _time(form: str, pattern: str) -> str:
    if "%s" in form:
        if form != "%s":
            raise _wrong(pattern, "%s stands for a whole time, with nothing beside it")
        return TIMES["s"]
    expression, position = "", 0
    while position < len(form):
        if form[position] != "%":
            expression += re.escape(form[position])
            position += 1
            continue
        letter = form[position + 1 : position + 2]
        if letter != "%" and letter not in TIMES:
            known = " ".join(f"%{each}" for each in TIMES)
            raise _wrong(pattern, f"the time has {'%' + letter!r}; there are {known}")
        expression += "%" if letter == "%" else f"(?:{TIMES[letter]})"
        position += 2
    return expression


def _moment(text: str, form: str) -> datetime:
    if form == "%s":
        return datetime.fromtimestamp(int(text), UTC)
    moment = datetime.strptime(text, form)  # noqa: DTZ007  an offset may be in the format
    return moment.replace(tzinfo=UTC) if "%Z" in form else moment


def _wrong(pattern: str, why: str) -> BadSettings:
    return BadSettings(
        f"The name pattern {pattern!r} cannot be used: {why}. {EXAMPLE!r} would work."
    )
