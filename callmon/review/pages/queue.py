"""`/review`: the queue, and one finding after the other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import Depends, Query, Request
from starlette.responses import Response

from callmon.review.access.roles import Asking, allow
from callmon.review.findings.history import get_finding_history
from callmon.review.findings.one import FindingId, get_finding
from callmon.review.findings.queue import list_findings
from callmon.review.findings.views import FindingView
from callmon.review.pages.filters import DECIDED, QueueFilters
from callmon.review.pages.people import names_of
from callmon.review.pages.rendering import show
from callmon.review.pages.route import router as page_router
from callmon.review.paging import CursorText, Page
from callmon.review.site import Site, SiteDep
from callmon.store.reviews import pace

router = page_router()

Reviewing = Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin"))]
Chosen = Annotated[QueueFilters, Depends()]

ITEMS: Final = 30
"""Of the queue at a time."""
COUNTED: Final = 100
"""Up to here it is counted how many there are; more would make the page wait."""
DAY: Final = timedelta(hours=12)
"""The pace is that of the last hours: of a session, which lasts no longer."""


@router.get("/review")
def show_queue(
    request: Request,
    site: SiteDep,
    asking: Reviewing,
    filters: Chosen,
    at: Annotated[str | None, Query(max_length=80)] = None,
) -> Response:
    """The queue with its first finding open, or the one that `at` names."""
    page = _page(site, asking, filters, limit=ITEMS)
    first = at or (page.items[0].id if page.items else None)
    return show(
        request,
        "review.html",
        asking=asking,
        filters=filters,
        page=page,
        first=first,
        pace=_pace(site, asking),
        names=_names(site, page.items),
    )


@router.get("/review/more")
def show_more_of_queue(
    request: Request,
    site: SiteDep,
    asking: Reviewing,
    filters: Chosen,
    cursor: CursorText = None,
) -> Response:
    """The next items of the list."""
    page = _page(site, asking, filters, limit=ITEMS, cursor=cursor)
    return show(
        request,
        "part_queue.html",
        asking=asking,
        filters=filters,
        page=page,
        names=_names(site, page.items),
    )


@router.get("/review/counts")
def show_counts(
    request: Request, site: SiteDep, asking: Reviewing, filters: Chosen
) -> Response:
    """How many there are, chosen one way or another; up to `COUNTED`."""
    ways: tuple[tuple[str, dict[str, str]], ...] = (
        ("All open", {}),
        ("High", {"severity": "high"}),
        ("Medium", {"severity": "medium"}),
        ("Low", {"severity": "low"}),
        ("Mine", {"assigned": "me"}),
        ("Disputed", {"disputed": "yes", "which": "all"}),
        ("Decided", {"which": "decided"}),
    )
    counted = []
    for name, way in ways:
        of = QueueFilters(**{"agent": filters.agent, "team": filters.team, **way})
        page = _page(site, asking, of, limit=COUNTED)
        counted.append(
            {
                "name": name,
                "query": of.query(),
                "number": f"{COUNTED}+" if page.next else str(len(page.items)),
                "is_here": of == filters,
            }
        )
    return show(request, "part_counts.html", asking=asking, counted=counted)


@router.get("/review/card/{finding_id}")
def show_card(
    request: Request,
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin", "agent"))],
    finding_id: FindingId,
    on: Annotated[str, Query(pattern="^(queue|call)$")] = "queue",
) -> Response:
    """One finding with all that is needed to judge it; `on` is the page that shows it."""
    finding = get_finding(site, asking, finding_id)
    return show(
        request,
        "part_card.html",
        asking=asking,
        finding=finding,
        on=on,
        names=_names(site, [finding]),
    )


@router.get("/review/history/{finding_id}")
def show_history(
    request: Request,
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin", "agent"))],
    finding_id: FindingId,
) -> Response:
    """Everything that people did about it."""
    events = get_finding_history(site, asking, finding_id).items
    people: list[str | None] = [each.who for each in events]
    people += [each.assignment.assignee for each in events if each.assignment is not None]
    with site.database.reading() as connection:
        names = names_of(connection, people)
    return show(request, "part_history.html", asking=asking, events=events, names=names)


@router.get("/review/pace")
def show_pace(request: Request, site: SiteDep, asking: Reviewing) -> Response:
    """How many were decided of late, and how long each took."""
    return show(request, "part_pace.html", asking=asking, pace=_pace(site, asking))


def _page(
    site: Site,
    asking: Asking,
    filters: QueueFilters,
    *,
    limit: int,
    cursor: str | None = None,
) -> Page[FindingView]:
    states: dict[str, Any] = {"open": ["open"], "decided": list(DECIDED)}
    return list_findings(
        site,
        asking,
        state=states.get(filters.which),
        kind=[filters.kind] if filters.kind else None,  # type: ignore[list-item]
        severity=[filters.severity] if filters.severity else None,  # type: ignore[list-item]
        agent=filters.agent or None,
        team=filters.team or None,
        assigned_to=filters.assigned or None,
        disputed=True if filters.disputed else None,
        limit=limit,
        cursor=cursor,
    )


def _pace(site: Site, asking: Asking) -> pace.Pace:
    with site.database.reading() as connection:
        return pace.of_reviewer(connection, asking.id, since=site.now() - DAY)


def _names(site: Site, findings: Iterable[FindingView]) -> dict[str, str]:
    with site.database.reading() as connection:
        return names_of(connection, (each.assigned_to for each in findings))
