"""Links that sign somebody in, once: how `callmon serve --demo` opens its pages."""

from __future__ import annotations

import hashlib
import secrets
import threading


class OneTimeLinks:
    """The links of this process that nobody has opened yet; none but those it made."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users: dict[bytes, str] = {}

    def make(self, user_id: str) -> str:
        """The path of a link for this user, to be shown to whoever may be them."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._users[_digest(token)] = user_id
        return f"/enter/{token}"

    def take(self, token: str) -> str | None:
        """Whose link it was, which leads nowhere from now on; None for any other."""
        with self._lock:
            return self._users.pop(_digest(token), None)


def _digest(token: str) -> bytes:
    # What is looked up is no secret, so how long it takes tells nothing.
    return hashlib.sha256(token.encode()).digest()
