"""What rules of retention take next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, case, func, select

from callmon.call import Value
from callmon.store.keeping.retention import IS_HELD, KINDS, Kind, still_there
from callmon.store.tables.calls import recordings

SOON_DAYS: Final = 30


class Upcoming(Value):
    """What one rule takes, as things stand."""

    kind: Kind
    days: int
    """After the recording was received."""
    due: int
    """Recordings that lose this now: within the hour in which workers look."""
    soon: int
    """Recordings that lose it within the 30 days after that."""
    next_at: datetime | None
    """When the next one loses it that is not due yet; null where none is left."""
    held: int
    """Recordings that would lose it now and are kept by a legal hold."""


def upcoming(
    connection: Connection, days: Mapping[Kind, int], *, at: datetime
) -> list[Upcoming]:
    """For each kind that a rule is given for."""
    return [_of(connection, kind, days[kind], at=at) for kind in KINDS if kind in days]


def _of(connection: Connection, kind: Kind, days: int, *, at: datetime) -> Upcoming:
    received = recordings.c.received
    before = _back(at, days)
    due = received < before
    row = connection.execute(
        select(
            func.count(case((due & ~IS_HELD, 1))).label("due"),
            func.count(case((due & IS_HELD, 1))).label("held"),
        ).where(due, still_there(kind))
    ).one()
    later = (received >= before, still_there(kind), ~IS_HELD)
    soon = _back(at, days - SOON_DAYS)
    number = select(func.count()).where(*later, received <= soon)
    first = connection.execute(select(func.min(received)).where(*later)).scalar_one()
    return Upcoming(
        kind=kind,
        days=days,
        due=row.due,
        soon=connection.execute(number).scalar_one(),
        next_at=None if first is None else first + timedelta(days=days),
        held=row.held,
    )


def _back(at: datetime, days: int) -> datetime:
    try:
        return at - timedelta(days=days)
    except OverflowError:  # before the calendar began
        return datetime.min.replace(tzinfo=at.tzinfo)
