"""Who am I: for clients that want to know what their key or session may."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from callmon.review.access.cookies import csrf_of, token_of
from callmon.review.access.forms import ReachView, reach_of
from callmon.review.access.principal import Asking
from callmon.review.access.roles import allow
from callmon.review.site import SiteDep
from callmon.store.access.standing import ROLES

router = APIRouter(tags=["access"])


class Me(ReachView):
    """Who is asking."""

    id: str = Field(examples=["key:0f3a9c2b7d11"])
    name: str
    csrf: str | None = Field(
        description="With a session: to be sent as `X-CSRF-Token` with every change."
    )


@router.get("/me")
def me(
    request: Request, site: SiteDep, asking: Annotated[Asking, Depends(allow(*ROLES))]
) -> Me:
    """Who is asking, and what their role is."""
    token = token_of(request, site) if asking.via == "session" else None
    return Me(
        id=asking.id,
        name=asking.name,
        **reach_of(asking.standing),
        csrf=None if token is None else csrf_of(token),
    )
