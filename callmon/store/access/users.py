"""User accounts. Of a password only its hash is kept."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select, update

from callmon.call import Value
from callmon.errors import NotFound
from callmon.store.access.keys import columns_of, standing_of
from callmon.store.access.standing import Standing
from callmon.store.database import insert_once
from callmon.store.pages import page
from callmon.store.tables.access import users


class StoredUser(Value):
    """An account, without its password."""

    id: str
    login: str
    """What the user signs in with, as `folded` gives it."""
    name: str
    standing: Standing
    issuer: str | None
    """The provider of single sign-on, for who comes by one."""
    made_at: datetime
    made_by: str
    disabled_at: datetime | None


def folded(login: str) -> str:
    """A login as it is compared: without regard to case and to ways of writing a letter."""
    return unicodedata.normalize("NFKC", login.strip()).casefold()


def add(
    connection: Connection,
    *,
    id: str,  # noqa: A002
    login: str,
    name: str,
    standing: Standing,
    hash: str | None,  # noqa: A002
    issuer: str | None = None,
    subject: str | None = None,
    made_by: str,
    at: datetime,
) -> StoredUser | None:
    """The new account; None when the login, or the identity at the provider, is taken."""
    new = insert_once(
        connection,
        users,
        {
            "id": id,
            "login": folded(login),
            "name": name,
            **columns_of(standing),
            "hash": hash,
            "issuer": issuer,
            "subject": subject,
            "made_at": at,
            "made_by": made_by,
        },
    )
    return get(connection, id) if new else None


def get(connection: Connection, user_id: str) -> StoredUser:
    """Raises NotFound."""
    row = connection.execute(select(users).where(users.c.id == user_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no user {user_id!r}.")
    return stored(row)


def by_login(connection: Connection, login: str) -> tuple[StoredUser, str | None] | None:
    """The account and the hash of its password, None for single sign-on alone."""
    return _one(connection, select(users).where(users.c.login == folded(login)))


def by_subject(connection: Connection, *, issuer: str, subject: str) -> StoredUser | None:
    """The account of who is known to the provider under this name."""
    found = _one(
        connection,
        select(users).where(users.c.issuer == issuer, users.c.subject == subject),
    )
    return None if found is None else found[0]


def every(
    connection: Connection, *, limit: int = 100, after: str | None = None
) -> list[StoredUser]:
    """All accounts by id, disabled ones too; `after` is the id of the last one."""
    query = page(
        select(users),
        (users.c.id,),
        order="rising",
        after=None if after is None else (after,),
        limit=limit,
    )
    return [stored(row) for row in connection.execute(query)]


def change(
    connection: Connection,
    user_id: str,
    *,
    name: str,
    standing: Standing,
    disabled_at: datetime | None,
) -> StoredUser:
    """Raises NotFound."""
    connection.execute(
        update(users)
        .where(users.c.id == user_id)
        .values(name=name, **columns_of(standing), disabled_at=disabled_at)
    )
    return get(connection, user_id)


def set_password(connection: Connection, user_id: str, *, hash: str) -> None:  # noqa: A002
    """Raises NotFound."""
    changed = connection.execute(
        update(users).where(users.c.id == user_id).values(hash=hash)
    )
    if changed.rowcount == 0:
        raise NotFound(f"There is no user {user_id!r}.")


def password_of(connection: Connection, user_id: str) -> str | None:
    """The hash; None for single sign-on alone."""
    return connection.execute(
        select(users.c.hash).where(users.c.id == user_id)
    ).scalar_one_or_none()


def admin_is_there(connection: Connection) -> bool:
    """Whether a user with the role admin can sign in."""
    query = select(users.c.id).where(users.c.role == "admin", users.c.disabled_at.is_(None))
    return connection.execute(query.limit(1)).first() is not None


def stored(row: Any) -> StoredUser:
    """A row of the table as an account."""
    return StoredUser(
        id=row.id,
        login=row.login,
        name=row.name,
        standing=standing_of(row),
        issuer=row.issuer,
        made_at=row.made_at,
        made_by=row.made_by,
        disabled_at=row.disabled_at,
    )


def _one(
    connection: Connection, query: Select[Any]
) -> tuple[StoredUser, str | None] | None:
    row = connection.execute(query).one_or_none()
    return None if row is None else (stored(row), row.hash)
