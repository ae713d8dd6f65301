"""`/review`: the queue, and one finding after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import Depends, Query, Request
from starlette.responses import Response

from callmon.review.access.roles import Asking, allow
from callmon.review.calibration.rounds import (
    RoundView,
    get_round,
    list_round_moments,
    waiting,
)
from callmon.review.findings.history import get_finding_history
from callmon.review.findings.one import FindingId, get_finding
from callmon.review.findings.queue import list_findings
from callmon.review.findings.views import FindingView
from callmon.review.pages.filters import DECIDED, QueueFilters, moment
from callmon.review.pages.people import judges_first, names_of, reviewers
from callmon.review.pages.rendering import show
from callmon.review.pages.route import router as page_router
from callmon.review.paging import CursorText, Page
from callmon.review.site import Site, SiteDep
from callmon.review.views import list_views
from callmon.store.reviews import pace

router = page_router()

Reviewing = Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin"))]
Chosen = Annotated[QueueFilters, Depends()]

ITEMS: Final = 30
"""Of the queue at a time."""
COUNTED: Final = 100
"""Up to here it is counted how many there are; more would make the page wait."""
HEARD: Final = 10.0
"""Seconds that are heard of a moment at least; a long one is heard whole."""
MORE: Final = 20.0
"""Seconds on each side for who wants to hear more."""
WAYS: Final[Mapping[str, Mapping[str, str]]] = {
    "All open": {},
    "High": {"severity": "high"},
    "Medium": {"severity": "medium"},
    "Low": {"severity": "low"},
    "Mine": {"assigned": "me"},
    "Disputed": {"disputed": "yes", "which": "all"},
    "Decided": {"which": "decided"},
}
"""In which the queue is counted."""
BY_LABEL: Final = frozenset({"severity", "disputed"})
"""What is asked by the machine's judgement."""
DAY: Final = timedelta(hours=12)
"""The pace is that of the last hours: of a session, which lasts no longer."""


@dataclass(frozen=True)
class Clip:
    """The sound of a moment."""

    src: str
    longer: str
    """The same with more around it."""
    seconds: float


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
        may_filter_judged=not judges_first(site, asking),
        first=first,
        pace=_pace(site, asking),
        names=_names(site, page.items),
        reviewers=_reviewers(site, asking),
        round=get_round(site, asking, int(filters.round)) if filters.round else None,
        waiting=() if filters.round else _waiting(site, asking),
        views=list_views(site, asking, page="review").items,
        query=filters.query(),
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
    shared = ("agent", "team", "since", "until")
    kept = {name: value for name, value in filters.chosen.items() if name in shared}
    unknown = BY_LABEL if judges_first(site, asking) else frozenset()
    counted = []
    for name, way in WAYS.items():
        if not unknown.isdisjoint(way):
            continue
        of = QueueFilters(**{**kept, **way})
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
        clip=_clip(finding),
        names=_names(site, [finding]),
        reviewers=_reviewers(site, asking, finding.team),
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
    if filters.round:
        of_round = list_round_moments(site, asking, int(filters.round))
        return Page(items=[each for each in of_round.items if each.blind], next=None)
    states: dict[str, Any] = {"open": ["open"], "decided": list(DECIDED)}
    return list_findings(
        site,
        asking,
        state=states.get(filters.which),
        kind=[filters.kind] if filters.kind else None,  # type: ignore[list-item]
        severity=[filters.severity] if filters.severity else None,  # type: ignore[list-item]
        agent=filters.agent or None,
        team=filters.team or None,
        since=moment("since", filters.since),
        until=moment("until", filters.until),
        assigned_to=filters.assigned or None,
        disputed=True if filters.disputed else None,
        limit=limit,
        cursor=cursor,
    )


def _waiting(site: Site, asking: Asking) -> list[RoundView]:
    with site.database.reading() as connection:
        return waiting(connection, asking)


def _clip(finding: FindingView) -> Clip | None:
    if finding.start is None or finding.end is None:
        return None
    length = finding.end - finding.start
    around = max(1.0, (HEARD - length) / 2)
    return Clip(
        src=f"/v1/findings/{finding.id}/clip?before={around:.1f}&after={around:.1f}",
        longer=f"/v1/findings/{finding.id}/clip?before={MORE}&after={MORE}",
        seconds=length + around + min(around, finding.start),
    )


def _reviewers(site: Site, asking: Asking, team: str | None = None) -> dict[str, str]:
    """Whom they may give a finding to, besides taking it."""
    if asking.role not in ("supervisor", "admin"):
        return {}
    with site.database.reading() as connection:
        return reviewers(connection, team=team)


def _pace(site: Site, asking: Asking) -> pace.Pace:
    with site.database.reading() as connection:
        return pace.of_reviewer(connection, asking.id, since=site.now() - DAY)


def _names(site: Site, findings: Iterable[FindingView]) -> dict[str, str]:
    with site.database.reading() as connection:
        return names_of(connection, (each.assigned_to for each in findings))
