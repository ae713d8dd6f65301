"""Files that the folder watcher has dealt with, so that a restart takes none in twice.

A file is known by its path, size and time. A line stays when its recording is deleted:
a file that was left in the folder must not bring the recording back.
"""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select

from callmon.call import Value
from callmon.store.database import put
from callmon.store.tables.calls import sightings


class Sighting(Value):
    """What became of a file."""

    path: str
    """For people: bytes that are no text are replaced."""
    size: int
    mtime_ns: int
    recording_id: str | None
    error: str | None
    """Why it could not be taken in; null when it was."""
    at: datetime


def note(
    connection: Connection,
    path: Path,
    *,
    size: int,
    mtime_ns: int,
    recording_id: str | None = None,
    error: str | None = None,
    at: datetime,
) -> None:
    """Notes what became of a file, in place of what was noted of this path before."""
    name = os.fsencode(path)
    put(
        connection,
        sightings,
        {
            "path_sha256": hashlib.sha256(name).hexdigest(),
            "path": name.decode("utf-8", "replace"),
            "size": size,
            "mtime_ns": mtime_ns,
            "recording_id": recording_id,
            "error": error,
            "at": at,
        },
    )


def seen(connection: Connection, path: Path) -> Sighting | None:
    """What was last noted of this path; compare its size and time with the file's."""
    row = connection.execute(
        select(*(sightings.c[name] for name in Sighting.model_fields)).where(
            sightings.c.path_sha256 == hashlib.sha256(os.fsencode(path)).hexdigest()
        )
    ).one_or_none()
    return None if row is None else Sighting.model_validate(dict(row._mapping))


def failed(connection: Connection, *, limit: int = 100) -> list[Sighting]:
    """The files that could not be taken in, newest first."""
    rows = connection.execute(
        select(*(sightings.c[name] for name in Sighting.model_fields))
        .where(sightings.c.error.is_not(None))
        .order_by(sightings.c.at.desc())
        .limit(limit)
    )
    return [Sighting.model_validate(dict(row._mapping)) for row in rows]
