"""The keys of what the service gives out sealed, the same for all its processes.

They are made by the migration that makes their table.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from callmon.store.tables.access import seals


def key(connection: Connection, name: str) -> bytes:
    """32 random bytes."""
    found: bytes = connection.execute(
        select(seals.c.key).where(seals.c.name == name)
    ).scalar_one()
    return found
