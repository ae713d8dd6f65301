"""The first key: made once and shown once, or given by the settings.

A service without an admin can be used by nobody; one that is open to all is worse. So on
this machine alone the first start makes an admin key, and on a public address callmon does
not listen before there is one.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from callmon.errors import BadSettings
from callmon.review.access.secrets import (
    SETTINGS_ID,
    Checked,
    hash_key,
    new_id,
    new_key,
)
from callmon.store.access import audit, keys, users
from callmon.store.access.standing import Standing

SHORTEST: Final = 32
"""Characters of a key in the settings; `openssl rand -hex 32` makes twice as many."""


def make_first_key(
    connection: Connection, *, given: str | None, host: str, at: datetime
) -> str | None:
    """Sees to it that an admin can get in; the text of a key that was made for it.

    `given` is the admin key of the settings; one that is not given any more holds no more.
    Raises BadSettings for one that is too weak, and for a public address without an admin.
    """
    if given is not None:
        _take(connection, given, at=at)
        return None
    _drop(connection, at=at)
    if keys.admin_is_there(connection, at=at) or users.admin_is_there(connection):
        return None
    if not is_loopback(host):
        raise BadSettings(
            f"{host} is an address that others reach, and there is no admin yet. Make a key"
            " with `callmon keys make --role admin`, or give one in CALLMON_ADMIN_KEY."
        )
    key_id = new_id()
    text = new_key(key_id)
    _add(connection, key_id, text, name="first start", at=at)
    return text


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _take(connection: Connection, text: str, *, at: datetime) -> None:
    if len(text) < SHORTEST or len(set(text)) < 8 or not text.isascii():
        raise BadSettings(
            f"The setting admin_key has {len(text)} characters; at least {SHORTEST} random"
            " ones are wanted, such as `openssl rand -hex 32` prints."
        )
    if any(not c.isprintable() or c == " " for c in text):
        raise BadSettings("The setting admin_key holds a blank; letters and digits work.")
    found = keys.find(connection, SETTINGS_ID)
    if found is None:
        _add(connection, SETTINGS_ID, text, name="settings", at=at)
        return
    same = Checked().fits(text, found[1].hash)
    if same and found[0].revoked_at is None:
        return
    keys.replace(connection, SETTINGS_ID, hash=hash_key(text))
    _audit(connection, "key.rotated", SETTINGS_ID, at=at)


def _drop(connection: Connection, *, at: datetime) -> None:
    there = keys.find(connection, SETTINGS_ID) is not None
    if there and keys.revoke(connection, SETTINGS_ID, at=at):
        _audit(connection, "key.revoked", SETTINGS_ID, at=at)


def _add(
    connection: Connection, key_id: str, text: str, *, name: str, at: datetime
) -> None:
    keys.add(
        connection,
        id=key_id,
        name=name,
        hash=hash_key(text),
        standing=Standing(role="admin"),
        expires_at=None,
        made_by="start",
        at=at,
    )
    _audit(connection, "key.made", key_id, at=at)


def _audit(connection: Connection, action: str, key_id: str, *, at: datetime) -> None:
    audit.record(connection, who="start", action=action, detail={"key": key_id}, at=at)
