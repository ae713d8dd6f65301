"""`/`, `/sign-in`, and links that sign in."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from callmon.review.access.cookies import set_cookie
from callmon.review.access.roles import Asking, allow, open_to_all
from callmon.review.access.sign_in import begin
from callmon.review.access.sign_on import LOCAL_PATH
from callmon.review.pages.navigation import home_of
from callmon.review.pages.rendering import show
from callmon.review.pages.route import router as page_router
from callmon.review.problems import Problem
from callmon.review.site import SiteDep
from callmon.store.access.standing import ROLES

router = page_router()


@router.get("/")
def show_home(asking: Annotated[Asking, Depends(allow(*ROLES))]) -> Response:
    """Leads to where somebody begins."""
    return RedirectResponse(home_of(asking.role), status_code=303)


@router.get("/sign-in", dependencies=[Depends(open_to_all)])
async def show_sign_in(
    request: Request,
    then: Annotated[str, Query(max_length=500, pattern=LOCAL_PATH)] = "/",
) -> Response:
    """The form; its script sends it to `POST /v1/session`."""
    return show(
        request,
        "sign_in.html",
        then=then,
        single_sign_on=request.app.state.site.options.single_sign_on is not None,
    )


@router.get("/enter/{token}", dependencies=[Depends(open_to_all)])
def enter_by_link(
    request: Request, site: SiteDep, token: Annotated[str, Path(max_length=100)]
) -> Response:
    """Signs in whose link this is; it works once."""
    user_id = site.links.take(token)
    if user_id is None:
        raise Problem(
            404, "not-found", "This link leads nowhere or was used before. Sign in instead."
        )
    with site.database.writing() as connection:
        session = begin(connection, request, site, user_id=user_id, by="link")
    response = RedirectResponse("/", status_code=303)
    set_cookie(response, request, site, session)
    return response
