"""What retention took from recordings that are still there."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, delete, select

from callmon.store.database import put
from callmon.store.tables.operations import removals

Part = Literal["audio", "transcript", "analysis"]


def note(connection: Connection, recording_id: str, part: Part, *, at: datetime) -> None:
    put(connection, removals, {"recording_id": recording_id, "kind": part, "at": at})


def of(connection: Connection, recording_id: str) -> dict[Part, datetime]:
    """When each part was taken."""
    query = select(removals.c.kind, removals.c.at).where(
        removals.c.recording_id == recording_id
    )
    return {row.kind: row.at for row in connection.execute(query)}


def undo(connection: Connection, recording_id: str) -> None:
    """A new analysis is there, and its words with it: retention has to look again."""
    connection.execute(
        delete(removals).where(
            removals.c.recording_id == recording_id,
            removals.c.kind.in_(("transcript", "analysis")),
        )
    )
