"""Names of those who did something."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from callmon.errors import NotFound
from callmon.store.access import keys, users


def names_of(connection: Connection, ids: Iterable[str | None]) -> dict[str, str]:
    """By `user:ID` and `key:ID`; who is not known any more is left out."""
    found: dict[str, str] = {}
    for each in {id_ for id_ in ids if id_}:
        kind, _, id_ = each.partition(":")
        try:
            if kind == "user":
                found[each] = users.get(connection, id_).name
            elif kind == "key":
                found[each] = f"{keys.get(connection, id_).name} (key)"
        except NotFound:
            continue
    return found
