"""`/calibration` and `/trends`: numbers with their intervals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.responses import Response

from callmon.report import wording
from callmon.review.access.roles import Asking, allow
from callmon.review.calibration.calibration import get_calibration
from callmon.review.calibration.rounds import list_rounds
from callmon.review.pages.chart import Point, draw
from callmon.review.pages.filters import DAYS, Filters, Text, check
from callmon.review.pages.groups import trend_of
from callmon.review.pages.people import names_of
from callmon.review.pages.rendering import show
from callmon.review.pages.route import router as page_router
from callmon.review.reports import groups
from callmon.review.reports.wanted import Filters as Given
from callmon.review.site import SiteDep

router = page_router()

Leading = Annotated[Asking, Depends(allow("supervisor", "admin"))]

BY: Final = {"team": "Team by team", "agent": "Agent by agent", "queue": "Queue by queue"}
LOW: Final = 0.7
"""Precision of a rule from which on it is not named among the doubtful ones; reviewers
then reject three in ten of its findings."""
PARTS: Final = frozenset(wording.ROLES_OF_EVIDENCE) - {"voice"}
"""What evidence may be besides the work of a rule: nobody can better it."""
ROUNDS: Final = 12
"""The newest, which are listed."""
FEWEST: Final = 5
"""Judgements of a rule's findings before it is named; fewer are chance."""


@dataclass(frozen=True)
class CalibrationFilters(Filters):
    """A dependency: its fields are the parameters."""

    days: Text = "90"

    def __post_init__(self) -> None:
        super().__post_init__()
        check("days", self.days, DAYS)


@dataclass(frozen=True)
class TrendFilters(Filters):
    """A dependency, too."""

    by: Text = "team"
    days: Text = "90"
    team: Text = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        check("by", self.by, BY)
        check("days", self.days, DAYS)


@router.get("/calibration")
def show_calibration(
    request: Request,
    site: SiteDep,
    asking: Leading,
    filters: Annotated[CalibrationFilters, Depends()],
) -> Response:
    """How well the machine judges, by what reviewers said."""
    since = site.now() - timedelta(days=int(filters.days or 90))
    found = get_calibration(site, asking, since=since)
    with site.database.reading() as connection:
        names = names_of(connection, (each.reviewer for each in found.reviewers))
    doubtful = [
        rule
        for rule in found.rules
        if rule.rule not in PARTS
        and rule.precision.n >= FEWEST
        and (rule.precision.value or 0.0) < LOW
    ]
    points = [
        Point(each.week, each.precision.value, each.precision.interval, each.precision.n)
        for each in found.weeks
        if each.precision.value is not None
    ]
    return show(
        request,
        "calibration.html",
        asking=asking,
        filters=filters,
        days=DAYS,
        found=found,
        doubtful=sorted(doubtful, key=lambda rule: rule.precision.value or 0.0),
        weekly=draw(points),
        names=names,
        rounds=list_rounds(site, asking, limit=ROUNDS),
        blind_first=site.options.blind_first,
    )


@router.get("/trends")
def show_trends(
    request: Request,
    site: SiteDep,
    asking: Leading,
    filters: Annotated[TrendFilters, Depends()],
) -> Response:
    """Group by group, by name; there is no order of merit."""
    since = site.now() - timedelta(days=int(filters.days or 90))
    given = Given(
        since=since, until=None, team=filters.team or None, queue=None, rubric=None
    )
    report = {
        "team": groups.report_teams,
        "agent": groups.report_agents,
        "queue": groups.report_queues,
    }[filters.by or "team"]
    view = report(site, asking, given)
    return show(
        request,
        "trends.html",
        asking=asking,
        filters=filters,
        days=DAYS,
        by=BY,
        view=view,
        items=[(group, trend_of(group)) for group in view.items],
    )
