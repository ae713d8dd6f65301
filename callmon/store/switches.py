"""Switches that every process looks at, such as `paused`."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, select

from callmon.store.database import insert_once
from callmon.store.tables.calls import switches

PAUSED: Final = "paused"
"""While it is on, workers begin nothing new."""


def turn_on(connection: Connection, name: str, *, at: datetime) -> bool:
    """Whether that changed anything."""
    return insert_once(connection, switches, {"name": name, "at": at})


def turn_off(connection: Connection, name: str) -> bool:
    """Whether that changed anything."""
    result = connection.execute(delete(switches).where(switches.c.name == name))
    return result.rowcount == 1


def on_since(connection: Connection, name: str) -> datetime | None:
    """When it was turned on; None while it is off."""
    return connection.execute(
        select(switches.c.at).where(switches.c.name == name)
    ).scalar_one_or_none()
