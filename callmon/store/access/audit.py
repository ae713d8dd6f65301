"""The audit log: who did what, when. The database refuses to change or delete a line.

A line outlives the recording that it names, so it holds ids, names of fields and numbers,
and never what somebody said.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from callmon.call import Value
from callmon.store.pages import MOST
from callmon.store.tables.calls import audit


class Entry(Value):
    """One line."""

    id: int
    at: datetime
    who: str
    action: str
    recording_id: str | None
    detail: Mapping[str, Any]


def record(
    connection: Connection,
    *,
    who: str,
    action: str,
    recording_id: str | None = None,
    detail: Mapping[str, Any],
    at: datetime,
) -> None:
    """Adds a line, in the transaction of what it tells of: both happen or neither."""
    connection.execute(
        insert(audit).values(
            at=at,
            who=who,
            action=action,
            recording_id=recording_id,
            detail=dict(detail),
        )
    )


def has(connection: Connection, *, recording_id: str, action: str) -> bool:
    """Whether that was ever done to the recording."""
    query = select(audit.c.id).where(
        audit.c.recording_id == recording_id, audit.c.action == action
    )
    return connection.execute(query.limit(1)).first() is not None


def entries(
    connection: Connection,
    *,
    recording_id: str | None = None,
    limit: int = 100,
    after: int | None = None,
) -> list[Entry]:
    """The lines, newest first; `after` is the id of the last one of the page before."""
    query = select(audit).order_by(audit.c.id.desc()).limit(min(limit, MOST))
    if recording_id is not None:
        query = query.where(audit.c.recording_id == recording_id)
    if after is not None:
        query = query.where(audit.c.id < after)
    return [Entry.model_validate(dict(row._mapping)) for row in connection.execute(query)]
