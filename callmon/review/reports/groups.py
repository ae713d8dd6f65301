"""`GET /reports/{agents,teams,queues}`: how moments were met, group by group."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from callmon.call import Value
from callmon.review.access.roles import Asking
from callmon.review.reports.figures import LEAST, Group, groups
from callmon.review.reports.table import (
    DECLARED,
    MOMENT_COLUMNS,
    Csv,
    csv,
    moment_cells,
)
from callmon.review.reports.wanted import Filters, Given, Lead, wanted, without_few
from callmon.review.site import Site, SiteDep
from callmon.store.reports import groups as reports
from callmon.store.reports.groups import By

router = APIRouter(tags=["reports"])


class GroupsView(Value):
    """Groups by name."""

    since: datetime
    until: datetime
    least_opportunities: int = LEAST
    """Groups with fewer are left out, and weeks with fewer are put together."""
    left_out: int
    """How many groups are left out."""
    people_left_out: int
    """Agents with fewer moments in the whole period, who are in no number here. Where
    those of a team have enough together, the team's numbers have them."""
    items: tuple[Group, ...]


@router.get("/reports/agents")
def report_agents(site: SiteDep, asking: Lead, given: Given) -> GroupsView:
    """Agent by agent, by name. Nothing is said of a person with fewer than twenty moments,
    and there is no order of merit: agents get unlike calls."""
    return _report(site, asking, given, "agent")


@router.get("/reports/teams")
def report_teams(site: SiteDep, asking: Lead, given: Given) -> GroupsView:
    """Team by team, by name."""
    return _report(site, asking, given, "team")


@router.get("/reports/queues")
def report_queues(site: SiteDep, asking: Lead, given: Given) -> GroupsView:
    """Queue by queue, by name."""
    return _report(site, asking, given, "queue")


@router.get("/reports/agents.csv", response_class=Csv, responses=DECLARED)
def report_agents_csv(site: SiteDep, asking: Lead, given: Given) -> Response:
    """The same as a table, without the trend."""
    return csv("agents", COLUMNS, _rows(_report(site, asking, given, "agent")))


@router.get("/reports/teams.csv", response_class=Csv, responses=DECLARED)
def report_teams_csv(site: SiteDep, asking: Lead, given: Given) -> Response:
    """The same as a table, without the trend."""
    return csv("teams", COLUMNS, _rows(_report(site, asking, given, "team")))


@router.get("/reports/queues.csv", response_class=Csv, responses=DECLARED)
def report_queues_csv(site: SiteDep, asking: Lead, given: Given) -> Response:
    """The same as a table, without the trend."""
    return csv("queues", COLUMNS, _rows(_report(site, asking, given, "queue")))


def _report(site: Site, asking: Asking, given: Filters, by: By) -> GroupsView:
    which = wanted(site, asking, given)
    with site.database.reading() as connection:
        which = without_few(connection, which, of_teams=by != "queue")
        moments = reports.moments(connection, which, by=by)
        shown = groups(
            moments,
            reports.delays(connection, which, by=by),
            reports.calls(connection, which, by=by),
            reports.promised(connection, which, by=by),
        )
        there = reports.named(connection, which, by=by) if which.without else len(moments)
    return GroupsView(
        since=which.since,
        until=which.until,
        left_out=there - len(shown),
        people_left_out=len(which.without),
        items=tuple(shown),
    )


COLUMNS: Final = ("name", "calls", *MOMENT_COLUMNS)


def _rows(view: GroupsView) -> Iterator[dict[str, Any]]:
    for group in view.items:
        yield moment_cells(group)
