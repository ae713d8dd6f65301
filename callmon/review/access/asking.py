"""Finds out who is asking: the bearer of a key, or a user with a session."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final, Literal

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from callmon.review.access.cookies import (
    SECURE_NAME,
    check_origin,
    session_id_of,
    token_of,
)
from callmon.review.access.limits import (
    ADDRESS_PER_MINUTE,
    WRONG_PER_MINUTE,
    network_of,
)
from callmon.review.access.principal import Asking
from callmon.review.access.secrets import key_id_of
from callmon.review.problems import Problem
from callmon.review.site import Site, SiteDep
from callmon.store.access import keys, sessions
from callmon.store.access.standing import Standing

MOST_CHARACTERS: Final = 500
"""Of a key or a cookie; more is refused without looking at it."""
NOTED: Final = timedelta(minutes=10)
"""How often the use of a key is written down."""

bearer = HTTPBearer(
    auto_error=False, scheme_name="key", description="An API key: `callmon_...`."
)
cookie = APIKeyCookie(
    name=SECURE_NAME,
    auto_error=False,
    scheme_name="session",
    description="Of a user who has signed in. What changes something also needs the header"
    " `X-CSRF-Token`.",
)


def who_asks(
    request: Request,
    site: SiteDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    _cookie: Annotated[str | None, Depends(cookie)],
) -> Asking:
    """Whose request this is. Raises a Problem: 401 for nobody known, 403 for a session
    without proof that the request comes from our pages, 429."""
    if credentials is not None:
        asking = _of_key(request, site, credentials.credentials)
    else:
        asking = _of_session(request, site)
    if asking is None:
        wait_or_go_on(site, f"address {address_of(request)}", ADDRESS_PER_MINUTE)
        raise Problem(
            401,
            "not-signed-in",
            "Send a key that holds as `Authorization: Bearer KEY`, or sign in.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    wait_or_go_on(site, asking.id, site.options.requests_per_minute)
    request.state.asking = asking.id
    return asking


def address_of(request: Request) -> str:
    """The address that counts as one client."""
    return network_of(request.client.host if request.client is not None else None)


def wait_or_go_on(site: Site, subject: str, per_minute: int, *, tokens: int = 1) -> None:
    """Raises a Problem, 429, when the subject has asked too much."""
    wait = site.limits.take(subject, per_minute=per_minute, tokens=tokens)
    if wait > 0:
        seconds = int(wait) + 1
        raise Problem(
            429,
            "too-many-requests",
            f"That was too much at once. Go on in {seconds} s.",
            headers={"Retry-After": str(seconds)},
        )


def _of_key(request: Request, site: Site, text: str) -> Asking | None:
    if len(text) > MOST_CHARACTERS:
        return None
    now = site.now()
    with site.database.reading() as connection:
        found = keys.find(connection, key_id_of(text))
    hashes = () if found is None else found[1].valid(now)
    if not any(site.checked.knows(text, each) for each in hashes):
        # Hashing costs, so an address that sends wrong keys has to wait.
        wrong = f"wrong {address_of(request)}"
        wait_or_go_on(site, wrong, WRONG_PER_MINUTE, tokens=0)
        # Two each time, whether there is such a key or not.
        newest, previous = (*hashes, None, None)[:2]
        fits = [site.checked.fits(text, newest), site.checked.fits(text, previous)]
        if not any(fits):
            site.limits.take(wrong, per_minute=WRONG_PER_MINUTE)
            return None
    if found is None or not found[0].holds(now):
        return None
    key = found[0]
    if site.noted.is_due(key.id, now, every=NOTED):
        with site.database.writing() as connection:
            keys.touch(connection, key.id, at=now)
    return _asking(f"key:{key.id}", key.name, key.standing, "key")


def _of_session(request: Request, site: Site) -> Asking | None:
    token = token_of(request, site)
    if token is None or len(token) > MOST_CHARACTERS:
        return None
    now, session_id = site.now(), session_id_of(token)
    with site.database.reading() as connection:
        found = sessions.of(connection, session_id, at=now)
    if found is None:
        return None
    check_origin(request, token)
    user, seen_at = found
    if now - seen_at > sessions.NOTED:
        with site.database.writing() as connection:
            sessions.see(connection, session_id, at=now)
    return _asking(f"user:{user.id}", user.name, user.standing, "session")


def _asking(
    id: str,  # noqa: A002
    name: str,
    standing: Standing,
    via: Literal["key", "session"],
) -> Asking:
    return Asking(
        id=id,
        name=name,
        role=standing.role,
        teams=standing.teams,
        agent=standing.agent,
        via=via,
    )
