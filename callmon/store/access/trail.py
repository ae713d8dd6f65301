"""Questions to the audit log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from callmon.store.access.audit import Entry
from callmon.store.tables.calls import audit


def trail(
    connection: Connection,
    *,
    recording_id: str | None = None,
    who: str | None = None,
    action: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 100,
    after: int | None = None,
) -> list[Entry]:
    """Lines in [since, until), newest first; `after` is the id of the last one before."""
    c = audit.c
    query = select(audit).order_by(c.id.desc()).limit(limit)
    for column, wanted in (
        (c.recording_id, recording_id),
        (c.who, who),
        (c.action, action),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if since is not None:
        query = query.where(c.at >= since)
    if until is not None:
        query = query.where(c.at < until)
    if after is not None:
        query = query.where(c.id < after)
    return [Entry.model_validate(dict(row._mapping)) for row in connection.execute(query)]
