"""`/trends/agent` and `/trends/team`: how it goes, what goes well, what can be coached.

Nobody is compared with anybody: agents get unlike calls.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Final, Literal

from fastapi import Depends, Query, Request
from starlette.responses import Response

from callmon.review.access.roles import Asking, allow
from callmon.review.pages import examples
from callmon.review.pages.chart import Chart, Point, draw
from callmon.review.pages.filters import DAYS, Filters, Text, check
from callmon.review.pages.rendering import show
from callmon.review.pages.route import router as page_router
from callmon.review.reports.figures import LEAST, Group, groups, opportunities, total
from callmon.review.reports.promises import list_promises
from callmon.review.reports.wanted import Filters as Given
from callmon.review.reports.wanted import wanted, without_few
from callmon.review.site import Site, SiteDep
from callmon.store.reports import examples as stored
from callmon.store.reports import groups as reports
from callmon.store.reports import kinds as raised

router = page_router()

Leading = Annotated[Asking, Depends(allow("supervisor", "admin"))]
Name = Annotated[str, Query(min_length=1, max_length=200)]

PRAISED: Final = 4
"""Calls and moments that are shown as done well."""
KINDS: Final = 3
"""Of findings to coach; more than that nobody works on at once."""
OF_A_KIND: Final = 2
PROMISES: Final = 6


@dataclass(frozen=True)
class GroupFilters(Filters):
    """A dependency: its fields are the parameters."""

    days: Text = "90"

    def __post_init__(self) -> None:
        super().__post_init__()
        check("days", self.days, DAYS)


Chosen = Annotated[GroupFilters, Depends()]


@router.get("/trends/agent")
def show_agent(
    request: Request, site: SiteDep, asking: Leading, name: Name, filters: Chosen
) -> Response:
    """One agent."""
    return _show(request, site, asking, "agent", name, filters)


@router.get("/trends/team")
def show_team(
    request: Request, site: SiteDep, asking: Leading, name: Name, filters: Chosen
) -> Response:
    """One team."""
    return _show(request, site, asking, "team", name, filters)


def trend_of(group: Group) -> Chart | None:
    return draw(
        [
            Point(each.first_week, each.score, each.interval, each.opportunities)
            for each in group.trend
        ]
    )


def _show(
    request: Request,
    site: Site,
    asking: Asking,
    by: Literal["agent", "team"],
    name: str,
    filters: GroupFilters,
) -> Response:
    since = site.now() - timedelta(days=int(filters.days or 90))
    given = Given(
        since=since,
        until=None,
        team=name if by == "team" else None,
        queue=None,
        rubric=None,
    )
    agent = name if by == "agent" else None
    which = replace(wanted(site, asking, given), agent=agent)
    with site.database.reading() as connection:
        # In a share nobody is counted of whom nothing may be said; their calls are heard.
        told = without_few(connection, which) if by == "team" else which
        shown = groups(
            reports.moments(connection, told, by=by),
            reports.delays(connection, told, by=by),
            reports.calls(connection, told, by=by),
            reports.promised(connection, told, by=by),
        )
        calls = reports.calls(connection, which, by=by)
        moments = reports.moments(connection, which, by=by)
        counted = raised.kinds(connection, told if shown else which)
        good = examples.good(
            connection,
            site,
            asking,
            stored.praised(connection, which, limit=PRAISED),
            most=PRAISED,
        )
    group = shown[0] if shown else None
    return show(
        request,
        "group.html",
        asking=asking,
        filters=filters,
        days=DAYS,
        by=by,
        name=name,
        calls=calls[name].calls if name in calls else 0,
        moments=opportunities(total(moments.get(name, {}).values())),
        least=LEAST,
        group=group,
        drawn=None if group is None else trend_of(group),
        good=good,
        weak=examples.to_coach(
            site,
            asking,
            counted,
            since=since,
            agent=agent,
            team=given.team,
            kinds=KINDS,
            each=OF_A_KIND,
        ),
        promises=list_promises(
            site,
            asking,
            state=["overdue", "due", "open"],
            agent=agent,
            team=given.team,
            limit=PROMISES,
        ),
    )
