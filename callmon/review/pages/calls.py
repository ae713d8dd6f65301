"""`/calls`: all calls, searched and filtered."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Depends, Request
from starlette.responses import Response

from callmon.review.access.roles import Asking, allow
from callmon.review.pages import own
from callmon.review.pages.filters import CallFilters, moment
from callmon.review.pages.people import judges_first
from callmon.review.pages.rendering import show
from callmon.review.pages.route import router as page_router
from callmon.review.paging import CursorText, Page
from callmon.review.recordings.listing import list_recordings
from callmon.review.recordings.views import RecordingView
from callmon.review.site import Site, SiteDep
from callmon.review.views import list_views

router = page_router()

Listening = Annotated[
    Asking, Depends(allow("uploader", "reviewer", "supervisor", "admin", "agent"))
]
Chosen = Annotated[CallFilters, Depends()]

ITEMS: Final = 40
"""Of the list at a time."""


@router.get("/calls")
def show_calls(
    request: Request, site: SiteDep, asking: Listening, filters: Chosen
) -> Response:
    """The list, with its form."""
    return show(
        request,
        "calls.html",
        asking=asking,
        filters=filters,
        page=_page(site, asking, filters, cursor=None),
        may_filter_judged=not judges_first(site, asking),
        own=own.of_agent(site, asking) if asking.role == "agent" else None,
        views=list_views(site, asking, page="calls").items if _reviews(asking) else None,
        query=filters.query(),
    )


@router.get("/calls/more")
def show_more_calls(
    request: Request,
    site: SiteDep,
    asking: Listening,
    filters: Chosen,
    cursor: CursorText = None,
) -> Response:
    """The next rows of the list."""
    page = _page(site, asking, filters, cursor=cursor)
    return show(request, "part_calls.html", asking=asking, filters=filters, page=page)


def _page(
    site: Site, asking: Asking, filters: CallFilters, *, cursor: str | None
) -> Page[RecordingView]:
    state: Any = [filters.state] if filters.state else None
    sort: Any = filters.sort
    return list_recordings(
        site,
        asking,
        state=state,
        agent=filters.agent or None,
        team=filters.team or None,
        since=moment("since", filters.since),
        until=moment("until", filters.until),
        has_findings={"yes": True, "no": False}.get(filters.findings),
        text=filters.text or None,
        sort=sort,
        limit=ITEMS,
        cursor=cursor,
    )


def _reviews(asking: Asking) -> bool:
    return asking.role in ("reviewer", "supervisor", "admin")
