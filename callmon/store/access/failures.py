"""How often something failed lately: a password for a login, a login from an address."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from callmon.store.tables.access import failures

WINDOW: Final = timedelta(minutes=15)
"""A count is forgotten when nothing was added to it for so long."""


def locked_until(
    connection: Connection, subject: str, *, most: int, at: datetime
) -> datetime | None:
    """Until when a subject with so many failures has to wait; None when it need not."""
    row = connection.execute(
        select(failures.c.count.label("times"), failures.c.at).where(
            failures.c.subject == _hashed(subject)
        )
    ).one_or_none()
    if row is None or row.times < most or row.at + WINDOW <= at:
        return None
    until: datetime = row.at + WINDOW
    return until


def note(connection: Connection, subject: str, *, at: datetime) -> None:
    """Counts one more."""
    connection.execute(delete(failures).where(failures.c.at <= at - WINDOW))
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(failures).values(subject=_hashed(subject), count=1, at=at)
    c = failures.c
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[c.subject],
            set_={"count": c.count + 1, "at": at},
        )
    )


def forgive(connection: Connection, subject: str) -> None:
    """Forgets the count."""
    connection.execute(delete(failures).where(failures.c.subject == _hashed(subject)))


def take_back(connection: Connection, subject: str) -> None:
    """Counts one less."""
    connection.execute(
        update(failures)
        .where(failures.c.subject == _hashed(subject), failures.c.count > 0)
        .values(count=failures.c.count - 1)
    )


def _hashed(subject: str) -> str:
    """What people type as a login may be their password."""
    return hashlib.sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()
