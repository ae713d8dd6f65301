"""Files that the folder watcher has dealt with, so that a restart takes none in twice.

A file that was left in the folder must not bring back a recording that was deleted, so its
line stays; but names of files hold names and numbers of people. A file is known by a
digest of its path, size and time, out of which nobody can guess the path, and the path
itself is kept only of what could not be taken in, as long as it cannot.
"""

from __future__ import annotations

import os
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, delete, select

from callmon.call import Value
from callmon.store.database import put
from callmon.store.tables.calls import sightings


class Sighting(Value):
    """What became of a file."""

    error: str | None
    """Why it could not be taken in; null when it was."""
    at: datetime


class Refused(Value):
    """A file that could not be taken in."""

    path: str
    """For people: bytes that are no text are replaced."""
    error: str
    at: datetime


def note(
    connection: Connection,
    path: Path,
    *,
    size: int,
    mtime_ns: int,
    error: str | None = None,
    at: datetime,
) -> None:
    """Notes what became of a file, in place of why it was refused before."""
    shown = os.fsencode(path).decode("utf-8", "replace")
    connection.execute(
        delete(sightings).where(sightings.c.error.is_not(None), sightings.c.path == shown)
    )
    row = {
        "file_sha256": _digest(path, size, mtime_ns),
        "path": None if error is None else shown,
        "error": error,
        "at": at,
    }
    put(connection, sightings, row)


def seen(
    connection: Connection, path: Path, *, size: int, mtime_ns: int
) -> Sighting | None:
    """What became of the file as it is; None for one that was never seen so."""
    row = connection.execute(
        select(sightings.c.error, sightings.c.at).where(
            sightings.c.file_sha256 == _digest(path, size, mtime_ns)
        )
    ).one_or_none()
    return None if row is None else Sighting.model_validate(dict(row._mapping))


def failed(connection: Connection, *, limit: int = 100) -> list[Refused]:
    """The files that could not be taken in, newest first."""
    rows = connection.execute(
        select(sightings.c.path, sightings.c.error, sightings.c.at)
        .where(sightings.c.error.is_not(None))
        .order_by(sightings.c.at.desc())
        .limit(limit)
    )
    return [Refused.model_validate(dict(row._mapping)) for row in rows]


def forget_refused(connection: Connection, *, before: datetime) -> None:
    """Files that were refused so long ago; one that is still there is refused anew."""
    connection.execute(
        delete(sightings).where(sightings.c.error.is_not(None), sightings.c.at < before)
    )


def _digest(path: Path, size: int, mtime_ns: int) -> str:
    # Of the bytes of the path, which need not be text.
    name = sha256(os.fsencode(path)).hexdigest()
    return sha256(f"{name} {size} {mtime_ns}".encode()).hexdigest()
