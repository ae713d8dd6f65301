"""What is wrong in a rubric's file, told with its place and with what would work."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails


def problems(
    faults: Iterable[ErrorDetails],
    *,
    model: type[BaseModel],
    data: Mapping[str, Any],
    text: str,
) -> tuple[str, ...]:
    """One sentence for each fault that pydantic found when `data` was read as `model`.

    `text` is the TOML that `data` was read from: entries of a list are told with the line
    of their header. Places in lists count from one.
    """
    return tuple(
        f"{_entry(fault['loc'], data, text)}"
        f"{'.'.join(str(p + 1) if isinstance(p, int) else p for p in fault['loc'])}:"
        f" {_wrong(fault, model)}."
        for fault in faults
    )


def _entry(where: Sequence[int | str], data: Mapping[str, Any], text: str) -> str:
    """The entry of a `[[section]]` that a fault is in, by its name and line."""
    if len(where) < 2 or not isinstance(where[1], int):
        return ""
    section, place = str(where[0]), where[1]
    entry = data[section][place]
    told = f"entry {place + 1}"
    if isinstance(entry, dict) and ("id" in entry or "name" in entry):
        told = f"rule {entry['id']!r}" if "id" in entry else f"entry {entry['name']!r}"
    headers = list(re.finditer(rf"^\s*\[\[\s*{section}\s*\]\]", text, re.MULTILINE))
    if len(headers) == len(data[section]):
        line = text[: headers[place].end()].count("\n") + 1
        told += f" (line {line})"
    return f"{told}, "


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
