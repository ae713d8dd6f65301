"""Sign in with a password and out again, for people in browsers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from callmon.call import Value
from callmon.review.access.asking import address_of
from callmon.review.access.cookies import (
    csrf_of,
    drop_cookie,
    is_from_elsewhere,
    new_token,
    session_id_of,
    set_cookie,
    token_of,
)
from callmon.review.access.lockout import count_try, forgive
from callmon.review.access.principal import Asking
from callmon.review.access.roles import allow, open_to_all
from callmon.review.access.secrets import is_password
from callmon.review.problems import Problem
from callmon.review.site import Site, SiteDep
from callmon.store.access import audit, sessions, users
from callmon.store.access.standing import ROLES

router = APIRouter(tags=["access"])


class Credentials(Value):
    """A login and its password."""

    login: str = Field(max_length=200)
    password: str = Field(max_length=1000)


class SignedIn(BaseModel):
    """A session has begun; the response sets its cookie."""

    csrf: str = Field(description="To be sent as `X-CSRF-Token` with every change.")


@router.post("/session", status_code=201, dependencies=[Depends(open_to_all)])
def sign_in(
    request: Request, response: Response, site: SiteDep, credentials: Credentials
) -> SignedIn:
    """Signs a user in. A wrong login and a wrong password are not told apart."""
    if is_from_elsewhere(request):
        raise Problem(403, "csrf", "Signing in from another site's page is not possible.")
    login, address, now = credentials.login, address_of(request), site.now()
    with site.database.writing() as connection:
        count_try(connection, login, address, at=now)
        found = users.by_login(connection, login)
    hashed = None if found is None else found[1]
    right = is_password(credentials.password, hashed)
    if not right or found is None or found[0].disabled_at is not None:
        # Written down for a login that does not exist too, or the time would tell.
        who = "nobody" if found is None else f"user:{found[0].id}"
        with site.database.writing() as connection:
            audit.record(connection, who=who, action="session.refused", detail={}, at=now)
        raise Problem(401, "not-signed-in", "This login with this password is not known.")
    with site.database.writing() as connection:
        forgive(connection, login, address)
        token = begin(connection, request, site, user_id=found[0].id, by="password")
    set_cookie(response, request, site, token)
    return SignedIn(csrf=csrf_of(token))


@router.delete("/session", status_code=204)
def sign_out(
    request: Request, site: SiteDep, asking: Annotated[Asking, Depends(allow(*ROLES))]
) -> Response:
    """Ends the session. With a key there is none, and nothing happens."""
    token = token_of(request, site)
    response = Response(status_code=204)
    if asking.via == "session" and token is not None:
        with site.database.writing() as connection:
            sessions.close(connection, session_id_of(token))
            audit.record(
                connection, who=asking.id, action="session.ended", detail={}, at=site.now()
            )
        drop_cookie(response, request, site)
    return response


def begin(
    connection: Connection, request: Request, site: Site, *, user_id: str, by: str
) -> str:
    """Begins a session in place of the one that the browser has; the new cookie's token."""
    before = token_of(request, site)
    if before is not None:
        sessions.close(connection, session_id_of(before))
    token, now = new_token(), site.now()
    sessions.open_session(connection, id=session_id_of(token), user_id=user_id, at=now)
    audit.record(
        connection,
        who=f"user:{user_id}",
        action="session.begun",
        detail={"by": by},
        at=now,
    )
    return token
