"""Totals for those who watch over the service: what waits, for how long, what failed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from callmon.store.tables.calls import recordings, runs


def oldest_queued(connection: Connection) -> datetime | None:
    """When the recording that waits for longest was queued; None when none waits."""
    query = select(func.min(recordings.c.queued_at)).where(recordings.c.state == "queued")
    found: datetime | None = connection.execute(query).scalar()
    return found


def run_states(connection: Connection) -> dict[str, int]:
    """How many runs ended or stand in each state."""
    query = select(runs.c.state, func.count().label("number")).group_by(runs.c.state)
    return {row.state: row.number for row in connection.execute(query)}
