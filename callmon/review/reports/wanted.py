"""Which calls a report is about: the parameters that all reports share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

from callmon.review.access.roles import Asking, allow, visible
from callmon.review.calibration.calibration import DAYS, period
from callmon.review.site import SiteDep
from callmon.review.times import Time
from callmon.store.reports.groups import Wanted

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
