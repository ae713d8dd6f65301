"""Calls in which something was done well."""

from __future__ import annotations

from sqlalchemy import Connection, select

from callmon.store.reports.groups import Wanted
from callmon.store.tables.operations import call_figures


def praised(connection: Connection, wanted: Wanted, *, limit: int) -> list[str]:
    """Ids of calls with a commendation, the newest first."""
    c = call_figures.c
    query = (
        select(c.recording_id)
        .where(c.commendations > 0, *wanted.where(call_figures))
        .order_by(c.held_at.desc(), c.recording_id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())
