"""The tabs, and where they begin."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from callmon.review.access.roles import Asking, allow
from callmon.review.pages.navigation import Link
from callmon.review.pages.rendering import show
from callmon.review.pages.route import router as page_router

router = page_router()

Admin = Annotated[Asking, Depends(allow("admin"))]

TABS: Final = {
    "/settings/keys": "Keys",
    "/settings/users": "Users",
    "/settings/webhooks": "Webhooks",
    "/settings/retention": "Retention",
    "/settings/rubric": "Rubric",
}

ITEMS: Final = 200
"""Of a list at a time."""


@router.get("/settings", dependencies=[Depends(allow("admin"))])
def show_settings() -> Response:
    """Leads to the first tab."""
    return RedirectResponse(next(iter(TABS)), status_code=303)


def show_tab(request: Request, template: str, *, asking: Asking, **values: Any) -> Response:
    """A page with the tabs above it."""
    path = request.url.path
    tabs = [
        Link(to, name, "", is_here=path == to or path.startswith(f"{to}/"))
        for to, name in TABS.items()
    ]
    return show(request, template, asking=asking, tabs=tabs, **values)
