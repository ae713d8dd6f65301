"""What is wrong in a rubric's file, told with its place and with what would work."""

from __future__ import annotations

import re
import reprlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.-]+)\s*\]")
_KEY = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([\w-]+))\s*=""")

Place = tuple[int | str, ...]
"""Names of tables and keys, and places in lists, from the outermost on."""


def problems(
    faults: Iterable[ErrorDetails],
    *,
    model: type[BaseModel],
    data: Mapping[str, Any],
    text: str,
    table: Place = (),
) -> tuple[str, ...]:
    """One sentence for each fault that pydantic found when `data` was read as `model`.

    `text` is the TOML file that `data` was read from, and `table` its place there. Entries
    of a list are told with the line of their header. Places in lists count from one.
    """
    return tuple(
        f"{_entry(fault['loc'], data, text, table)}"
        f"{'.'.join(_counted(part) for part in (*table, *fault['loc']))}:"
        f" {_wrong(fault, model)}."
        for fault in faults
    )


def line_of(where: Place, text: str) -> int | None:
    """The line at which a place in a TOML file begins, or the nearest place around it.

    None where nothing around it has a line of its own: it is missing, at the outermost.
    """
    lines = _lines(text)
    around = (where[:end] for end in range(len(where), 0, -1))
    return next((lines[place] for place in around if place in lines), None)


def _lines(text: str) -> dict[Place, int]:
    """The lines of the headers, and of the keys that begin one."""
    found: dict[Place, int] = {}
    entries = Counter[Place]()
    table: Place = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.match(line):
            table = tuple(header[2].split("."))
            if header[1] == "[[":
                entries[table] += 1
                table = (*table, entries[table] - 1)
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, key[1] or key[2] or key[3]), number)
    return found


def _counted(part: int | str) -> str:
    return str(part + 1) if isinstance(part, int) else part


def _entry(where: Place, data: Mapping[str, Any], text: str, table: Place) -> str:
    """The line of a fault, or the entry of a list that it is in, by its name and line."""
    if len(where) < 2 or not isinstance(where[1], int):
        line = line_of((*table, *where), text)
        return f"line {line}, " if line else ""
    section, place = str(where[0]), where[1]
    entry = data[section][place]
    told = f"entry {place + 1}"
    if isinstance(entry, dict) and ("id" in entry or "name" in entry):
        told = f"rule {entry['id']!r}" if "id" in entry else f"entry {entry['name']!r}"
    line = line_of((*table, section, place), text)
    return f"{told} (line {line}), " if line else f"{told}, "


def _wrong(fault: ErrorDetails, model: type[BaseModel]) -> str:
    if fault["type"] == "extra_forbidden":
        known = ", ".join(_fields(fault["loc"][:-1], model))
        return f"there is no such field; there are {known}"
    if fault["type"] == "missing":
        return "it is missing and has to be there"
    message = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "value_error":
        return message
    return f"{message}; it is {reprlib.repr(fault['input'])}"


def _fields(where: Sequence[int | str], model: type[BaseModel]) -> list[str]:
    """The names of the fields that may stand at a place."""
    for name in where:
        if isinstance(name, str):
            field = next(
                field
                for own, field in model.model_fields.items()
                if name in (own, field.alias)
            )
            model = _model_in(field.annotation)
    return [field.alias or own for own, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel]:
    """The model of a field, which may be a tuple of them."""
    kinds = (annotation, *get_args(annotation))
    return next(k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel))
