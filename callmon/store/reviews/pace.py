"""How fast somebody reviews."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, distinct, func, select

from callmon.call import Value
from callmon.store.tables.reviews import verdicts


class Pace(Value):
    """What a reviewer decided in some time, and how long it took."""

    decided: int
    """Findings and controls; one that was decided twice is one."""
    seconds: float | None
    """Spent on each, on average; null where nobody measured it."""


def of_reviewer(connection: Connection, reviewer: str, *, since: datetime) -> Pace:
    """Of verdicts that decide, so not of those who were unsure."""
    c = verdicts.c
    query = select(
        func.count(distinct(c.subject)).label("decided"),
        func.count(distinct(c.subject)).filter(c.seconds.is_not(None)).label("timed"),
        func.sum(c.seconds).label("seconds"),
    ).where(c.reviewer == reviewer, c.at >= since, c.label.is_not(None))
    row = connection.execute(query).one()
    each = row.seconds / row.timed if row.timed else None
    return Pace(decided=row.decided, seconds=each)
