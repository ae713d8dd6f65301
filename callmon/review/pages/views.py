"""`/views`: the saved views of a page, as the page shows them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request
from starlette.responses import Response

from callmon.review.access.roles import Asking, allow
from callmon.review.pages.rendering import show
from callmon.review.pages.route import router as page_router
from callmon.review.site import SiteDep
from callmon.review.views import list_views
from callmon.store.access.saved_views import ViewPage

router = page_router()


@router.get("/views")
def show_views(
    request: Request,
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin"))],
    page: ViewPage,
    query: Annotated[str, Query(max_length=2000)] = "",
) -> Response:
    """After one was saved, renamed or deleted; `query` is what is shown now."""
    views = list_views(site, asking, page=page).items
    return show(
        request, "part_views.html", asking=asking, on=page, views=views, query=query
    )
