"""Which calls a report is about: the parameters that all reports share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Query
from sqlalchemy import Connection

from callmon.review.access.roles import Asking, allow, visible
from callmon.review.calibration.calibration import DAYS, period
from callmon.review.reports.figures import unsaid
from callmon.review.site import SiteDep
from callmon.review.times import Time
from callmon.store.reports.groups import Wanted, people

Text = Annotated[str | None, Query(max_length=200)]

Lead = Annotated[Asking, Depends(allow("supervisor", "admin"))]


@dataclass(frozen=True)
class Filters:
    """As they were given."""

    since: Time | None
    until: Time | None
    team: str | None
    queue: str | None
    rubric: str | None


def filters(
    since: Annotated[
        Time | None,
        Query(description=f"Calls held then or later; else {DAYS} days before `until`."),
    ] = None,
    until: Annotated[Time | None, Query(description="Calls held before; else now.")] = None,
    team: Text = None,
    queue: Text = None,
    rubric: Annotated[
        str | None, Query(max_length=200, description="Version of the rubric.")
    ] = None,
) -> Filters:
    """For `Depends`."""
    return Filters(since, until, team, queue, rubric)


Given = Annotated[Filters, Depends(filters)]


def without_few(connection: Connection, which: Wanted, *, of_teams: bool = True) -> Wanted:
    """These calls, but for those of people of whom nothing may be said.

    `of_teams` says that the report is about whole teams, in which several of them may be
    counted together.
    """
    of_teams = of_teams and which.queue is None and which.rubric is None
    left_out = unsaid(people(connection, which), of_teams=of_teams)
    return replace(which, without=left_out)


def wanted(site: SiteDep, asking: Asking, given: Filters) -> Wanted:
    """The calls that are meant, of those that they may see. Raises a Problem, 422."""
    since, until = period(site.now(), since=given.since, until=given.until)
    return Wanted(
        since=since,
        until=until,
        seen=lambda table: visible(asking, table),
        team=given.team,
        queue=given.queue,
        rubric=given.rubric,
    )
