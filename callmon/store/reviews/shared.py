"""What coaches have written to an agent of late."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, func, select

from callmon.store.tables.calls import recordings
from callmon.store.tables.reviews import coaching


def noted(
    connection: Connection, agent: str, *, calls_seen: ColumnElement[bool], limit: int
) -> list[str]:
    """Ids of findings with notes that were shared with the agent, those with the newest
    note first; `calls_seen` is the condition on the recordings that they may see."""
    seen = select(recordings.c.id).where(calls_seen)
    query = (
        select(coaching.c.subject)
        .where(coaching.c.agent == agent, coaching.c.recording_id.in_(seen))
        .group_by(coaching.c.subject)
        .order_by(func.max(coaching.c.id).desc())
        .limit(limit)
    )
    return list(connection.execute(query).scalars())
