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
from callmon.review.reports.table import DECLARED, Csv, csv
from callmon.review.reports.wanted import Filters, Given, Lead, wanted
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
        moments = reports.moments(connection, which, by=by)
        shown = groups(
            moments,
            reports.delays(connection, which, by=by),
            reports.calls(connection, which, by=by),
            reports.promised(connection, which, by=by),
        )
    return GroupsView(
        since=which.since,
        until=which.until,
        left_out=len(moments) - len(shown),
        items=tuple(shown),
    )


COLUMNS: Final = (
    "name",
    "calls",
    "opportunities",
    "met",
    "partial",
    "missed",
    "impeded",
    "unscorable",
    "score",
    "score_low",
    "score_high",
    "commendations",
    "promises_made",
    "promises_open",
    "promises_kept",
    "promises_broken",
    "time_to_acknowledge",
    "settling",
    "settling_low",
    "settling_high",
    "settling_measured",
)


def _rows(view: GroupsView) -> Iterator[dict[str, Any]]:
    for group in view.items:
        low, high = group.interval
        settled_low, settled_high = group.settling_interval or (None, None)
        promises = {f"promises_{name}": value for name, value in group.promises}
        yield {
            **dict(group),
            **promises,
            "score_low": low,
            "score_high": high,
            "settling_low": settled_low,
            "settling_high": settled_high,
        }
