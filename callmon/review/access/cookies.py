"""The cookie of a session, and the token that proves a request comes from our pages."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from fastapi import Request
from starlette.responses import Response

from callmon.review.problems import Problem
from callmon.review.site import Site
from callmon.store.access.sessions import LIFE

SECURE_NAME: Final = "__Host-callmon"
"""Browsers take a cookie of this prefix only over TLS, for this host and all its paths."""
PLAIN_NAME: Final = "callmon"
HARMLESS: Final = ("GET", "HEAD", "OPTIONS")


def new_token() -> str:
    return secrets.token_urlsafe(32)


def session_id_of(token: str) -> str:
    """What the database knows a session by."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def csrf_of(token: str) -> str:
    """The value for `X-CSRF-Token`: only who has the session can make it, and it does not
    tell the session."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def token_of(request: Request, site: Site) -> str | None:
    """The token in the request's cookie."""
    return request.cookies.get(_name(request, site))


def set_cookie(response: Response, request: Request, site: Site, token: str) -> None:
    response.set_cookie(
        _name(request, site),
        token,
        max_age=int(LIFE.total_seconds()),
        path="/",
        secure=is_secure(request, site),
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, request: Request, site: Site) -> None:
    response.delete_cookie(
        _name(request, site),
        path="/",
        secure=is_secure(request, site),
        httponly=True,
        samesite="lax",
    )


def check_origin(request: Request, token: str) -> None:
    """That a request with a session that changes something comes from our own pages.

    Raises a Problem, 403.
    """
    if request.method in HARMLESS:
        return
    given = request.headers.get("x-csrf-token", "")
    proved = hmac.compare_digest(given.encode("utf-8", "replace"), csrf_of(token).encode())
    if not proved or is_from_elsewhere(request):
        raise Problem(
            403,
            "csrf",
            "With a session, send the header X-CSRF-Token with the value `csrf` that"
            " GET /v1/me gives.",
            field="X-CSRF-Token",
        )


def is_from_elsewhere(request: Request) -> bool:
    """Whether the browser says that another site made this request."""
    return request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none")


def is_secure(request: Request, site: Site) -> bool:
    """Whether cookies are for TLS alone: where the settings say so, and where the request
    came by TLS, as a proxy tells that the settings trust (uvicorn believes no other)."""
    return site.options.secure_cookies or request.url.scheme == "https"


def _name(request: Request, site: Site) -> str:
    return SECURE_NAME if is_secure(request, site) else PLAIN_NAME
