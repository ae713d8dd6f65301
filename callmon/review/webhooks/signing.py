"""Signs what is sent, so that a target knows that it comes from here and is new.

The form is that of Standard Webhooks (standardwebhooks.com), for which there are libraries
in most languages: HMAC-SHA256 over the id, the time in seconds and the body.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Final

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
"""As many as the hash has; the standard asks for 24 to 64."""


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed(body: bytes, *, secret: str, event_id: str, seconds: int) -> Mapping[str, str]:
    """The headers that go with a body that is sent at this time (Unix seconds)."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    content = b".".join((event_id.encode(), str(seconds).encode(), body))
    digest = hmac.new(key, content, hashlib.sha256).digest()
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
