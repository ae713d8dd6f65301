"""Puts together what several sources tell of one recording."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from callmon.intake.fields import Told
from callmon.intake.name_pattern import NamePattern
from callmon.intake.sidecar import read_sidecar
from callmon.metadata import merged

NOTHING = Told()


def describe(
    path: Sequence[str],
    *,
    form: Told = NOTHING,
    row: Told | None = None,
    sidecar: Path | None = None,
    pattern: NamePattern | None = None,
) -> Told:
    """What is known of a recording; `path` is its folders, as far as known, and its name.

    Where two sources differ the nearest to a person counts: the form or command line, the
    row of the list, the file beside the recording, its name.
    """
    sources = [form]
    if row is not None:
        sources.append(row)
    if sidecar is not None:
        sources.append(read_sidecar(sidecar))
    if pattern is not None:
        sources.append(pattern.read(path))
    return Told(
        metadata=merged(*(told.metadata for told in sources)),
        warnings=tuple(warning for told in sources for warning in told.warnings),
    )
