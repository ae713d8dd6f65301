"""`/` and `/sign-in`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from callmon.review.access.roles import Asking, allow, open_to_all
from callmon.review.access.sign_on import LOCAL_PATH
from callmon.review.pages.navigation import home_of
from callmon.review.pages.rendering import show
from callmon.review.pages.route import router as page_router
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
