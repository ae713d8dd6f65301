"""The first key: made once and shown once, or given by the settings.

A service without an admin can be used by nobody; one that is open to all is worse. So on
this machine alone the first start makes an admin key, and on a public address callmon does
not listen before there is one.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
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

NAME: Final = "settings"
"""Of the keys that the settings gave."""
REVOKED: Final = (
    "The admin key in the settings (CALLMON_ADMIN_KEY) was revoked and stays so. Take it"
    " out, or give a new one, such as `openssl rand -hex 32` prints."
)
SHORTEST: Final = 32
"""Characters of a key in the settings; `openssl rand -hex 32` makes twice as many."""


def make_first_key(
    connection: Connection,
    *,
    given: str | None,
    host: str,
    at: datetime,
    tell: Callable[[str], None],
) -> str | None:
    """Sees to it that an admin can get in; the text of a key that was made for it.

    `given` is the admin key of the settings; one that is not given any more holds no more
    until it is given again. One that was revoked stays revoked: that is told, and it is as
    if none were given. Raises BadSettings for one that is too weak, and for a public
    address without an admin.
    """
    revoked = False
    if given is None:
        _drop(connection, at=at)
    else:
        revoked = not _take(connection, given, at=at)
    there = keys.admin_is_there(connection, at=at) or users.admin_is_there(connection)
    if not there and not is_loopback(host):
        if revoked:
            raise BadSettings(f"{REVOKED} There is no other admin.")
        raise BadSettings(
            f"{host} is an address that others reach, and there is no admin yet. Make a key"
            " with `callmon keys make --role admin`, or give one in CALLMON_ADMIN_KEY."
        )
    if revoked:
        tell(REVOKED)
    if there:
        return None
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


def _take(connection: Connection, text: str, *, at: datetime) -> bool:
    """Whether it holds now; False for one that was revoked."""
    if len(text) < SHORTEST or len(set(text)) < 8 or not text.isascii():
        raise BadSettings(
            f"The setting admin_key has {len(text)} characters; at least {SHORTEST} random"
            " ones are wanted, such as `openssl rand -hex 32` prints."
        )
    if any(not c.isprintable() or c == " " for c in text):
        raise BadSettings("The setting admin_key holds a blank; letters and digits work.")
    fits = Checked().fits
    if any(fits(text, hashed) for hashed in keys.revoked_hashes(connection, NAME)):
        return False
    found = keys.find(connection, SETTINGS_ID)
    if found is not None and found[0].revoked_at is not None:
        # It stays in the list under another id, so that it is known for good.
        keys.rename(connection, SETTINGS_ID, new_id())
        found = None
    if found is None:
        _add(connection, SETTINGS_ID, text, name=NAME, at=at)
    elif not (fits(text, found[1].hash) and found[0].holds(at)):
        keys.replace(connection, SETTINGS_ID, hash=hash_key(text))
        _audit(connection, "key.rotated", SETTINGS_ID, at=at)
    return True


def _drop(connection: Connection, *, at: datetime) -> None:
    found = keys.find(connection, SETTINGS_ID)
    if found is not None and found[0].holds(at):
        keys.expire(connection, SETTINGS_ID, at=at)
        _audit(connection, "key.expired", SETTINGS_ID, at=at)


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
