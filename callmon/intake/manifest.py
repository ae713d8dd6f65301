"""Reads the list that comes with a batch: a CSV file with a row for each recording.

The column `file` (or `name`, `filename`, `path`, `recording`) names the recording, all
others are as in a sidecar. A row only ever tells of a file that was given otherwise; what
it names is never opened.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from callmon.errors import BadSettings
from callmon.intake.fields import Told, cleaned, read_fields

FILE_COLUMNS: Final = ("file", "filename", "file_name", "name", "path", "recording")
LONGEST_BYTES: Final = 100 << 20
DELIMITERS: Final = ",;\t|"

Key = tuple[str, ...]
"""A file's name, after the folders that the row gives."""


@dataclass
class Manifest:
    """The rows of a list, by the file that each tells of."""

    _rows: dict[Key, Told]
    _used: set[Key] = field(default_factory=set)

    def of(self, recording: Path) -> Told | None:
        """What the list tells of a recording; None where it has no row for it.

        A row that names folders too goes before one with the name alone.
        """
        parts = recording.absolute().parts
        for start in range(len(parts)):
            key = parts[start:]
            if key in self._rows:
                self._used.add(key)
                return self._rows[key]
        return None

    def unused(self) -> list[str]:
        """The files that it names and nobody has asked for."""
        return ["/".join(key) for key in self._rows if key not in self._used]


def read_manifest(path: Path) -> Manifest:
    """Raises BadSettings when the file is no such list; a wrong value is only a warning."""
    try:
        with path.open("rb") as file:
            data = file.read(LONGEST_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise BadSettings(f"The list {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise BadSettings(
            f"The list {path} is not UTF-8 text (byte {error.start}). Save it as UTF-8."
        ) from None
    if len(data) > LONGEST_BYTES:
        raise BadSettings(f"The list {path} has more than {LONGEST_BYTES:,} bytes.")
    try:
        return Manifest(dict(_rows(text, path)))
    except csv.Error as error:
        raise BadSettings(f"The list {path} is not CSV: {error}.") from None


def _rows(text: str, path: Path) -> Iterator[tuple[Key, Told]]:
    heading = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=heading.count)
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=delimiter, strict=True, restkey=""
    )
    columns = [name for name in reader.fieldnames or () if name]
    by_name = {name.strip().lower(): name for name in reversed(columns)}
    column = next((by_name[name] for name in FILE_COLUMNS if name in by_name), None)
    if column is None:
        shown = cleaned(", ".join(columns), longest=100) or "nothing"
        raise BadSettings(
            f"The list {path} names no files: its first line has {shown}. A first line"
            " such as `file,agent,started` would work."
        )
    for row in reader:
        named = (row.pop(column) or "").strip().replace("\\", "/")
        key = PurePosixPath(named).parts
        if key:
            fields = {name: value for name, value in row.items() if name and value}
            yield key, read_fields(fields, where=f"Line {reader.line_num} of the list")
