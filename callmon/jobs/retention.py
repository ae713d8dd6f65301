"""Deletes what the rules of retention say, part by part. Loads no engine."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from callmon.errors import NotFound, OnHold
from callmon.jobs.erase import erase
from callmon.jobs.queue import Queue
from callmon.store.database import Database
from callmon.store.keeping import retention
from callmon.store.keeping.retention import KINDS, Kind
from callmon.store.media import Media
from callmon.store.work import sightings

WHO: Final = "retention"
"""By this name it stands in the audit log."""


def retain(
    database: Database, media: Media, queue: Queue, *, days: int | None, at: datetime
) -> dict[Kind, int]:
    """What was deleted, by kind: how many recordings of which that part is gone now.

    `days` is the rule for recordings as a whole where none is in the database. What is
    under legal hold or under way stays.
    """
    with database.reading() as connection:
        wanted = {kind: rule.days for kind, rule in retention.rules(connection).items()}
    if days is not None:
        wanted.setdefault("recording", days)
    deleted: dict[Kind, int] = {}
    # Whole recordings first: what is gone has no parts.
    for kind in reversed(KINDS):
        if kind in wanted:
            before = _earlier(at, days=wanted[kind])
            if kind == "recording":
                with database.writing() as connection:
                    sightings.forget_refused(connection, before=before)
            number = _retain(database, media, queue, kind, before=before, at=at)
            if number:
                deleted[kind] = number
    return deleted


def _retain(
    database: Database,
    media: Media,
    queue: Queue,
    kind: Kind,
    *,
    before: datetime,
    at: datetime,
) -> int:
    number = 0
    while True:
        with database.reading() as connection:
            due = retention.due(connection, kind, before=before)
        gone = sum(_forget(database, media, queue, each, kind, at=at) for each in due)
        number += gone
        # Those that could not be deleted would be found again and again.
        if not gone:
            return number


def _forget(
    database: Database,
    media: Media,
    queue: Queue,
    recording_id: str,
    kind: Kind,
    *,
    at: datetime,
) -> bool:
    with suppress(NotFound, OnHold):  # deleted, or put under hold, a moment ago
        if kind == "recording":
            erase(database, media, queue, recording_id, who=WHO, at=at)
            return True
        with database.writing() as connection:
            return retention.forget_part(
                connection, media, recording_id, kind, who=WHO, at=at
            )
    return False


def _earlier(at: datetime, *, days: int) -> datetime:
    try:
        return at - timedelta(days=days)
    except OverflowError:
        return datetime.min.replace(tzinfo=at.tzinfo)
