"""From values to a page: templates, where our scripts and styles are, and safe headers."""

from __future__ import annotations

import hashlib
import secrets
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fastapi import Request
from starlette.responses import HTMLResponse

from callmon import __version__
from callmon.report import wording
from callmon.review.access.cookies import csrf_of, token_of
from callmon.review.access.principal import Asking
from callmon.review.pages import words
from callmon.review.pages.navigation import links_for

if TYPE_CHECKING:
    from jinja2 import Environment

STATIC: Final = Path(str(files("callmon.review"))) / "static"
LIBRARIES: Final = ("htmx.js", "wavesurfer.js")
"""In `static/vendor`, where `scripts/fetch_frontend.py` puts them."""


def show(
    request: Request,
    template: str,
    *,
    asking: Asking | None = None,
    status: int = 200,
    **values: Any,
) -> HTMLResponse:
    """The page, under a policy that lets nothing run or load but our own files.

    The nonce is for the one style sheet that wavesurfer.js writes into its own shadow.
    """
    nonce = secrets.token_urlsafe(16)
    site = request.app.state.site
    token = None
    if asking is not None and asking.via == "session":
        token = token_of(request, site)
    text = (
        environment()
        .get_template(template)
        .render(
            asking=asking,
            csrf=None if token is None else csrf_of(token),
            links=() if asking is None else links_for(asking.role, request.url.path),
            nonce=nonce,
            notice=site.options.notice,
            here=_here(request),
            **values,
        )
    )
    return HTMLResponse(
        text, status_code=status, headers={"Content-Security-Policy": policy(nonce)}
    )


def policy(nonce: str) -> str:
    return (
        "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none';"
        " connect-src 'self'; img-src 'self'; media-src 'self'; script-src 'self';"
        f" style-src 'self' 'nonce-{nonce}'"
    )


@cache
def address(name: str) -> str:
    """Where a file of ours is, with a mark of its content: browsers keep it for good."""
    path = STATIC / name
    if not path.is_file():
        return f"/static/{name}"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


@cache
def has_libraries() -> bool:
    return all((STATIC / "vendor" / name).is_file() for name in LIBRARIES)


@cache
def environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("callmon.review"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        address=address, has_libraries=has_libraries, say=wording, words=words
    )
    made.globals["version"] = __version__
    made.filters.update(
        clock=wording.clock,
        amount=wording.amount,
        percent=wording.percent,
        count=words.count,
        iso=words.iso,
        utc=words.utc,
    )
    return made


def _harmless(value: object) -> object:
    """The one place through which every value enters a page."""
    from markupsafe import Markup

    if isinstance(value, str) and not isinstance(value, Markup):
        return wording.harmless(value)
    return value


def _here(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")
