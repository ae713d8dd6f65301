"""`/promises`: what was promised to customers, and whether it was kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from starlette.responses import Response

from callmon.review.access.roles import Asking, allow
from callmon.review.pages.filters import Filters, Text, check
from callmon.review.pages.rendering import show
from callmon.review.pages.route import router as page_router
from callmon.review.paging import CursorText, Page
from callmon.review.reports.promises import list_promises
from callmon.review.site import Site, SiteDep
from callmon.store.reports.promises import STATES, Promise

router = page_router()

Listening = Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin", "agent"))]

ITEMS: Final = 40
"""Of the list at a time."""


@dataclass(frozen=True)
class PromiseFilters(Filters):
    """A dependency: its fields are the parameters."""

    state: Text = ""
    agent: Text = ""
    team: Text = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        check("state", self.state, STATES)


Chosen = Annotated[PromiseFilters, Depends()]


@router.get("/promises")
def show_promises(
    request: Request, site: SiteDep, asking: Listening, filters: Chosen
) -> Response:
    """The ledger, due first."""
    page = _page(site, asking, filters, cursor=None)
    return show(request, "promises.html", asking=asking, filters=filters, page=page)


@router.get("/promises/more")
def show_more_promises(
    request: Request,
    site: SiteDep,
    asking: Listening,
    filters: Chosen,
    cursor: CursorText = None,
) -> Response:
    """The next of them."""
    page = _page(site, asking, filters, cursor=cursor)
    return show(request, "part_promises.html", asking=asking, filters=filters, page=page)


def _page(
    site: Site, asking: Asking, filters: PromiseFilters, *, cursor: str | None
) -> Page[Promise]:
    state: Any = [filters.state] if filters.state else ["overdue", "due", "open"]
    return list_promises(
        site,
        asking,
        state=state,
        agent=filters.agent or None,
        team=filters.team or None,
        limit=ITEMS,
        cursor=cursor,
    )
