"""Single sign-on: to the provider, and back with a session."""

from __future__ import annotations

import base64
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from callmon.review import logs
from callmon.review.access.claims import name_in, standing_of
from callmon.review.access.cookies import is_secure, set_cookie
from callmon.review.access.provider import Journey, Provider, Refused
from callmon.review.access.roles import open_to_all
from callmon.review.access.secrets import new_id
from callmon.review.access.sign_in import begin
from callmon.review.parameters import any_parameters
from callmon.review.problems import Problem, declared
from callmon.review.site import Site, SiteDep
from callmon.store.access import audit, users

router = APIRouter(tags=["access"], dependencies=[Depends(open_to_all)])

BACK: Final = "/v1/session/oidc/callback"
MINUTES: Final = 10
"""For signing in at the provider."""
LONGEST_SUBJECT: Final = 255
"""Characters; OpenID Connect Core, section 2."""
LOCAL_PATH: Final = r"^/([!-.0-\[\]-~][!-\[\]-~]*)?$"
"""A path of ours, in ASCII: `//elsewhere` would lead away, and browsers read a backslash as
a slash."""
REDIRECT: Final[dict[int | str, dict[str, Any]]] = {
    303: {"description": "To where the sign-in goes on."}
}


@router.get("/session/oidc", status_code=303, responses={**REDIRECT, **declared(404)})
def begin_single_sign_on(
    request: Request,
    site: SiteDep,
    then: Annotated[
        str,
        Query(
            max_length=500,
            pattern=LOCAL_PATH,
            description="Where to go afterwards: a path.",
        ),
    ] = "/",
) -> Response:
    """Sends the browser to the provider of single sign-on."""
    provider = _provider(request)
    url, journey = provider.begin(redirect_uri=_redirect_uri(site), then=then)
    response = RedirectResponse(url, status_code=303)
    response.set_cookie(
        _cookie(request, site),
        base64.urlsafe_b64encode(journey.model_dump_json().encode()).decode(),
        max_age=60 * MINUTES,
        path="/",
        secure=is_secure(request, site),
        httponly=True,
        samesite="lax",
    )
    return response


@router.get(
    "/session/oidc/callback",
    status_code=303,
    dependencies=[Depends(any_parameters)],
    responses={**REDIRECT, **declared(404)},
)
def end_single_sign_on(
    request: Request,
    site: SiteDep,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    iss: Annotated[str | None, Query(max_length=1000)] = None,
    error: Annotated[str | None, Query(max_length=1000)] = None,
) -> Response:
    """Where the provider sends the browser back to: begins the session."""
    provider = _provider(request)
    journey = _journey(request.cookies.get(_cookie(request, site), ""))
    if error is not None or not code or journey is None:
        raise _refused()
    try:
        claims = provider.finish(
            journey, redirect_uri=_redirect_uri(site), state=state, code=code, issuer=iss
        )
    except Refused as refused:
        logs.event("sign-on refused", reason=str(refused))
        raise _refused() from None
    standing = standing_of(claims, provider.setup)
    if standing is None or len(str(claims["sub"])) > LONGEST_SUBJECT:
        raise Problem(
            403, "not-allowed", "The provider gives you no role in callmon. Ask for one."
        )
    subject, name, now = str(claims["sub"]), name_in(claims), site.now()
    issuer = provider.setup.issuer
    with site.database.writing() as connection:
        user = users.by_subject(connection, issuer=issuer, subject=subject)
        if user is None:
            # Never joined to an account with a password by a name or an address, which
            # whoever has that name at the provider could take over.
            user_id = new_id()
            user = users.add(
                connection,
                id=user_id,
                login=f"sso:{user_id}",
                name=name,
                standing=standing,
                hash=None,
                issuer=issuer,
                subject=subject,
                made_by="sign-on",
                at=now,
            )
            if user is None:
                raise _refused()  # the same user, twice at once for the first time
        elif user.disabled_at is not None:
            raise _refused()
        elif (user.name, user.standing) != (name, standing):
            users.change(
                connection, user.id, name=name, standing=standing, disabled_at=None
            )
            detail = {"user": user.id, "role": standing.role, "disabled": False}
            audit.record(
                connection, who="sign-on", action="user.changed", detail=detail, at=now
            )
        token = begin(connection, request, site, user_id=user.id, by="sign-on")
    response = RedirectResponse(journey.then, status_code=303)
    set_cookie(response, request, site, token)
    response.delete_cookie(
        _cookie(request, site), path="/", secure=is_secure(request, site), httponly=True
    )
    return response


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise Problem(404, "not-found", "Single sign-on is not set up here.")
    return provider


def _redirect_uri(site: Site) -> str:
    return f"{(site.options.public_url or '').rstrip('/')}{BACK}"


def _cookie(request: Request, site: Site) -> str:
    return "__Host-callmon-on" if is_secure(request, site) else "callmon-on"


def _journey(text: str) -> Journey | None:
    try:
        return Journey.model_validate_json(base64.urlsafe_b64decode(text[:4000]))
    except (ValueError, ValidationError):
        return None


def _refused() -> Problem:
    return Problem(
        401,
        "not-signed-in",
        "The sign-in did not come to its end. Begin it again.",
    )
