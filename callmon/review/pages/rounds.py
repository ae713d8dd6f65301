"""`/calibration/rounds`: several people judge the same moments, and it is told how far
they agree."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Query, Request
from starlette.responses import Response

from callmon.review.access.roles import Asking, allow
from callmon.review.calibration.rounds import RoundId, get_round
from callmon.review.findings.queue import list_findings
from callmon.review.pages.people import names_of, reviewers
from callmon.review.pages.rendering import show
from callmon.review.pages.route import router as page_router
from callmon.review.site import SiteDep

router = page_router()

OFFERED: Final = 40
"""Findings that one chooses from: the first of the queue."""
CHOSEN: Final = 10
"""Of them at first: half an hour for each reviewer."""


@router.get("/calibration/rounds/new")
def show_new_round(
    request: Request,
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("supervisor", "admin"))],
    team: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Which moments, and who judges them."""
    page = list_findings(site, asking, state=["open"], team=team or None, limit=OFFERED)
    with site.database.reading() as connection:
        people = reviewers(connection, team=team or None)
    return show(
        request,
        "new_round.html",
        asking=asking,
        team=team,
        findings=page.items,
        people=people,
        chosen=CHOSEN,
    )


@router.get("/calibration/rounds/{round_id}")
def show_round(
    request: Request,
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin"))],
    round_id: RoundId,
) -> Response:
    """How far everybody is, and how far they agree."""
    found = get_round(site, asking, round_id)
    people = [each.reviewer for each in found.progress]
    with site.database.reading() as connection:
        names = names_of(connection, [*people, found.by])
    return show(
        request,
        "round.html",
        asking=asking,
        round=found,
        people=people,
        names=names,
        mine=next((e for e in found.progress if e.reviewer == asking.id), None),
        may_close=found.closed_at is None
        and (asking.role == "admin" or found.by == asking.id),
    )
