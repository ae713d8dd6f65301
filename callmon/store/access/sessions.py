"""Sessions of users in browsers. The cookie's token is kept as a hash alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from callmon.store.access.users import StoredUser, stored
from callmon.store.tables.access import sessions, users

LIFE: Final = timedelta(hours=12)
"""Of a session, however busy: a working day."""
IDLE: Final = timedelta(hours=2)
"""Without a request."""
NOTED: Final = timedelta(minutes=5)
"""How often a request is written down."""


def open_session(
    connection: Connection,
    *,
    id: str,  # noqa: A002
    user_id: str,
    at: datetime,
) -> None:
    """Begins a session; those that have ended are forgotten."""
    ended = (sessions.c.until <= at) | (sessions.c.seen_at <= at - IDLE)
    connection.execute(delete(sessions).where(ended))
    connection.execute(
        insert(sessions).values(
            id=id, user_id=user_id, made_at=at, seen_at=at, until=at + LIFE
        )
    )


def of(
    connection: Connection,
    session_id: str,
    *,
    at: datetime,
) -> tuple[StoredUser, datetime] | None:
    """Whose session it is, and when it was last seen; None when it holds no more."""
    row = connection.execute(
        select(users, sessions.c.seen_at)
        .join(sessions, sessions.c.user_id == users.c.id)
        .where(
            sessions.c.id == session_id,
            sessions.c.until > at,
            sessions.c.seen_at > at - IDLE,
            users.c.disabled_at.is_(None),
        )
    ).one_or_none()
    return None if row is None else (stored(row), row.seen_at)


def see(connection: Connection, session_id: str, *, at: datetime) -> None:
    """Notes that it is in use."""
    connection.execute(
        update(sessions).where(sessions.c.id == session_id).values(seen_at=at)
    )


def close(connection: Connection, session_id: str) -> None:
    connection.execute(delete(sessions).where(sessions.c.id == session_id))


def close_all(connection: Connection, user_id: str, *, but: str | None = None) -> int:
    """Ends the sessions of a user, all but one; how many there were."""
    query = delete(sessions).where(sessions.c.user_id == user_id)
    if but is not None:
        query = query.where(sessions.c.id != but)
    return connection.execute(query).rowcount
