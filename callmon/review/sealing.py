"""Text that goes out and comes back, which nobody else can read, change or make up.

AES-GCM (NIST SP 800-38D) with a key that all processes of a service share and a nonce that
is drawn anew each time; what it is about is bound to it.
"""

from __future__ import annotations

import base64
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

from callmon.store.access import seals

NONCE_BYTES: Final = 12
BLOCK: Final = 128
"""Text is filled up with spaces to blocks, so that its length tells nothing either."""


class Seal:
    """Reads its key once, from the connection that it is given."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._cipher: AESGCM | None = None

    def close(self, connection: Connection, text: bytes, *, about: str) -> str:
        nonce = secrets.token_bytes(NONCE_BYTES)
        filled = text.ljust(-(-len(text) // BLOCK) * BLOCK)
        hidden = self._of(connection).encrypt(nonce, filled, about.encode())
        return base64.urlsafe_b64encode(nonce + hidden).decode().rstrip("=")

    def open(self, connection: Connection, closed: str, *, about: str) -> bytes | None:
        """The text, filled up; None for what was not closed here, or of another thing."""
        try:
            padded = closed + "=" * (-len(closed) % 4)
            whole = base64.b64decode(padded, altchars=b"-_", validate=True)
            nonce, hidden = whole[:NONCE_BYTES], whole[NONCE_BYTES:]
            return self._of(connection).decrypt(nonce, hidden, about.encode())
        except (ValueError, InvalidTag):
            return None

    def _of(self, connection: Connection) -> AESGCM:
        if self._cipher is None:
            self._cipher = AESGCM(seals.key(connection, self._name))
        return self._cipher
