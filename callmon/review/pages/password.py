"""`/password`: one's own password."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Connection
from starlette.responses import Response

from callmon.review.access.roles import Asking, allow
from callmon.review.pages.rendering import show
from callmon.review.pages.route import router as page_router
from callmon.review.site import SiteDep
from callmon.store.access import users
from callmon.store.access.standing import ROLES

router = page_router()


@router.get("/password")
def show_password(
    request: Request, site: SiteDep, asking: Annotated[Asking, Depends(allow(*ROLES))]
) -> Response:
    """The form; its script sends it to `PUT /v1/me/password`."""
    with site.database.reading() as connection:
        login = _login(connection, asking)
    return show(request, "password.html", asking=asking, login=login)


def _login(connection: Connection, asking: Asking) -> str | None:
    """What they sign in with beside their password; None for those who have none."""
    kind, _, user_id = asking.id.partition(":")
    if kind != "user" or users.password_of(connection, user_id) is None:
        return None
    return users.get(connection, user_id).login
