"""Keys and passwords: how they are made, hashed and checked.

Both are kept as Argon2id (RFC 9106). A password is short and chosen by people, so its hash
costs memory and time; a key is 256 random bits, which nobody guesses, so its hash is light
and a request with a key stays cheap.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

PREFIX: Final = "callmon"
"""Of keys, so that a scanner finds those that slipped into a repository."""
SETTINGS_ID: Final = "settings"
"""Id of the key that the settings give, which has no id in it."""
KEPT_SECONDS: Final = 300.0
KEPT: Final = 10_000

# RFC 9106, section 4: the second recommended option, for 64 MiB.
_PASSWORDS: Final = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
_KEYS: Final = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
_AT_ONCE: Final = threading.BoundedSemaphore(2)
"""Hashing many at once would take 64 MiB for each."""

NOBODYS_HASH: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$Y2FsbG1vbmNhbGxtb24$"
    "0000000000000000000000000000000000000000000"
)
"""Checked where there is no such user, so that the answer takes as long. None fits it."""
NO_KEYS_HASH: Final = (
    "$argon2id$v=19$m=8192,t=1,p=1$Y2FsbG1vbmNhbGxtb24$"
    "0000000000000000000000000000000000000000000"
)


def new_id() -> str:
    """Twelve hexadecimal digits: enough to name a key or a user, no secret."""
    return secrets.token_hex(6)


def new_key(key_id: str) -> str:
    """A key's text, to be shown once."""
    return f"{PREFIX}_{key_id}_{secrets.token_urlsafe(32)}"


def key_id_of(text: str) -> str:
    """The id of the key whose text this is; whatever has no id is the settings' key."""
    prefix, _, rest = text.partition("_")
    key_id, there, _ = rest.partition("_")
    if prefix != PREFIX or not there or len(key_id) != 12:
        return SETTINGS_ID
    return key_id


def hash_key(text: str) -> str:
    return _KEYS.hash(text)


def hash_password(password: str) -> str:
    with _AT_ONCE:
        return _PASSWORDS.hash(password)


def is_password(password: str, hashed: str | None) -> bool:
    """In the same time whether there is a hash or none."""
    with _AT_ONCE:
        return _verify(_PASSWORDS, hashed or NOBODYS_HASH, password) and hashed is not None


class Checked:
    """Keys whose hash was seen to fit a moment ago, by the SHA-256 of their text.

    It only saves the hashing: whether the key still holds is asked of the database for
    every request, and a new hash fits no old entry.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, tuple[str, float]] = OrderedDict()

    def knows(self, text: str, hashed: str) -> bool:
        """Whether this text was seen to fit this hash lately."""
        with self._lock:
            found = self._known.get(_digest(text))
        if found is None or found[1] < self._clock():
            return False
        return hmac.compare_digest(found[0], hashed)

    def fits(self, text: str, hashed: str | None) -> bool:
        """Whether the key's text fits the hash, in the same time where there is none."""
        if hashed is not None and self.knows(text, hashed):
            return True
        if not _verify(_KEYS, hashed or NO_KEYS_HASH, text) or hashed is None:
            return False
        with self._lock:
            self._known[_digest(text)] = (hashed, self._clock() + KEPT_SECONDS)
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        return True


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _verify(hasher: PasswordHasher, hashed: str, text: str) -> bool:
    try:
        return hasher.verify(hashed, text)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
