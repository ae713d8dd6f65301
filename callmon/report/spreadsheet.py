"""Rows as CSV, which nothing in a spreadsheet runs, and as JSON Lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TextIO

from callmon.report.wording import harmless

FORMULA: Final = frozenset("=+-@|%＝＋－＠")
"""With one of these a cell begins that a spreadsheet may run; the wide ones are read as the
others by some (OWASP, CSV Injection)."""


def write_csv(
    file: TextIO, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> None:
    """As RFC 4180 has it, with a heading."""
    writer = csv.writer(file)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([cell(row[name]) for name in columns])


def write_jsonl(
    file: TextIO, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> None:
    """One object to a line, with the values as they are."""
    for row in rows:
        document = {name: row[name] for name in columns}
        file.write(json.dumps(document, ensure_ascii=False) + "\n")


def cell(value: Any) -> str:
    """A value as a cell that is never a formula: an apostrophe makes it text.

    >>> cell("=HYPERLINK(A1)"), cell(-0.5), cell(None)
    ("'=HYPERLINK(A1)", '-0.5', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(round(value, 3))
    text = harmless(str(value))
    return f"'{text}" if text.lstrip()[:1] in FORMULA else text
