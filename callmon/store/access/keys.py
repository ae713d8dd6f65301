"""API keys: bearer secrets of machines. Only hashes are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from callmon.call import Value
from callmon.errors import NotFound
from callmon.store.access.standing import Standing
from callmon.store.pages import page
from callmon.store.tables.access import keys


class StoredKey(Value):
    """A key, without its secret."""

    id: str
    name: str
    """What it is for, in words."""
    standing: Standing
    made_at: datetime
    made_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None
    """When it was last used, to within some minutes."""

    def holds(self, at: datetime) -> bool:
        """Whether it is neither expired nor revoked."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


class Secrets(Value):
    """Hashes of a key's texts that hold."""

    hash: str
    previous_hash: str | None
    """Of the text before the last rotation."""
    previous_until: datetime | None

    def valid(self, at: datetime) -> tuple[str, ...]:
        """The hashes that hold now, the newest first."""
        if self.previous_hash is None or self.previous_until is None:
            return (self.hash,)
        return (self.hash, self.previous_hash) if at < self.previous_until else (self.hash,)


def add(
    connection: Connection,
    *,
    id: str,  # noqa: A002
    name: str,
    hash: str,  # noqa: A002
    standing: Standing,
    expires_at: datetime | None,
    made_by: str,
    at: datetime,
) -> StoredKey:
    """Keeps a new key."""
    connection.execute(
        insert(keys).values(
            id=id,
            name=name,
            hash=hash,
            **columns_of(standing),
            made_at=at,
            made_by=made_by,
            expires_at=expires_at,
        )
    )
    return get(connection, id)


def get(connection: Connection, key_id: str) -> StoredKey:
    """Raises NotFound."""
    row = connection.execute(select(keys).where(keys.c.id == key_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no key {key_id!r}.")
    return _stored(row)


def find(connection: Connection, key_id: str) -> tuple[StoredKey, Secrets] | None:
    """The key and its hashes, for who checks one."""
    row = connection.execute(select(keys).where(keys.c.id == key_id)).one_or_none()
    if row is None:
        return None
    secrets = Secrets(
        hash=row.hash, previous_hash=row.previous_hash, previous_until=row.previous_until
    )
    return _stored(row), secrets


def every(
    connection: Connection, *, limit: int = 100, after: str | None = None
) -> list[StoredKey]:
    """All keys by id, those too that hold no more; `after` is the id of the last one."""
    query = page(
        select(keys),
        (keys.c.id,),
        order="rising",
        after=None if after is None else (after,),
        limit=limit,
    )
    return [_stored(row) for row in connection.execute(query)]


def rotate(
    connection: Connection,
    key_id: str,
    *,
    hash: str,  # noqa: A002
    previous_until: datetime,
) -> StoredKey:
    """Gives the key a new secret; the present one holds until then. Raises NotFound."""
    changed = connection.execute(
        update(keys)
        .where(keys.c.id == key_id, keys.c.revoked_at.is_(None))
        .values(previous_hash=keys.c.hash, previous_until=previous_until, hash=hash)
    )
    if changed.rowcount == 0:
        raise NotFound(f"There is no key {key_id!r} that holds.")
    return get(connection, key_id)


def replace(connection: Connection, key_id: str, *, hash: str) -> None:  # noqa: A002
    """Gives the key another secret at once, and takes its end away if it has one; what was
    revoked stays so."""
    connection.execute(
        update(keys)
        .where(keys.c.id == key_id)
        .values(hash=hash, previous_hash=None, previous_until=None, expires_at=None)
    )


def expire(connection: Connection, key_id: str, *, at: datetime) -> None:
    """From then on the key holds no more, but may be given an other end."""
    connection.execute(update(keys).where(keys.c.id == key_id).values(expires_at=at))


def rename(connection: Connection, key_id: str, other_id: str) -> None:
    """Frees an id for another key."""
    connection.execute(update(keys).where(keys.c.id == key_id).values(id=other_id))


def revoked_hashes(connection: Connection, name: str) -> list[str]:
    """Of the keys of this name that the service made at a start and somebody revoked, with
    those of their texts before a rotation."""
    query = select(keys.c.hash, keys.c.previous_hash).where(
        keys.c.name == name, keys.c.made_by == "start", keys.c.revoked_at.is_not(None)
    )
    return [hashed for row in connection.execute(query) for hashed in row if hashed]


def revoke(connection: Connection, key_id: str, *, at: datetime) -> bool:
    """From now on the key holds no more; whether that changed anything. Raises NotFound."""
    get(connection, key_id)
    changed = connection.execute(
        update(keys)
        .where(keys.c.id == key_id, keys.c.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    return changed.rowcount == 1


def touch(connection: Connection, key_id: str, *, at: datetime) -> None:
    """Notes that it was used."""
    connection.execute(update(keys).where(keys.c.id == key_id).values(used_at=at))


def admin_is_there(connection: Connection, *, at: datetime) -> bool:
    """Whether a key with the role admin holds."""
    query = select(keys.c.id).where(
        keys.c.role == "admin",
        keys.c.revoked_at.is_(None),
        or_(keys.c.expires_at.is_(None), keys.c.expires_at > at),
    )
    return connection.execute(query.limit(1)).first() is not None


def columns_of(standing: Standing) -> dict[str, Any]:
    """A standing as the columns of keys and users have it."""
    teams = None if standing.teams is None else sorted(standing.teams)
    return {"role": standing.role, "teams": teams, "agent": standing.agent}


def standing_of(row: Any) -> Standing:
    """The standing in a row of keys or users."""
    return Standing(
        role=row.role,
        teams=None if row.teams is None else frozenset(row.teams),
        agent=row.agent,
    )


def _stored(row: Any) -> StoredKey:
    return StoredKey(
        id=row.id,
        name=row.name,
        standing=standing_of(row),
        made_at=row.made_at,
        made_by=row.made_by,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        used_at=row.used_at,
    )
