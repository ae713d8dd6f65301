"""`GET /calibration`: how well the machine judges, by what reviewers said."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from callmon.review.access.roles import Asking, allow, visible
from callmon.review.calibration.summary import CalibrationView, summary
from callmon.review.problems import Problem
from callmon.review.site import SiteDep
from callmon.review.times import Time
from callmon.store.reviews import calibration as counted
from callmon.store.reviews.calibration import Period

router = APIRouter(tags=["calibration"])

DAYS = 90
"""Of the period where none is given."""


@router.get("/calibration")
def get_calibration(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("supervisor", "admin"))],
    since: Annotated[
        Time | None,
        Query(description=f"Calls held then or later; else {DAYS} days before `until`."),
    ] = None,
    until: Annotated[Time | None, Query(description="Calls held before; else now.")] = None,
    rubric: Annotated[
        str | None, Query(max_length=200, description="Version of the rubric.")
    ] = None,
    callmon: Annotated[
        str | None,
        Query(max_length=40, pattern="^[!-~]*$", description="Version of callmon."),
    ] = None,
) -> CalibrationView:
    """Precision, estimated misses and recall, agreement with and among reviewers.

    Each number has its 95 % interval. However often a call was analysed it counts once,
    with the newest analysis that a reviewer has judged, or else the newest; `rubric` and
    `callmon` say of which version that shall be.
    """
    first, last = period(site.now(), since=since, until=until)
    which = Period(
        since=first,
        until=last,
        seen=lambda table: visible(asking, table),
        rubric=rubric,
        callmon=callmon,
    )
    with site.database.reading() as connection:
        given = counted.labels(connection, which)
        flags, passed = counted.raised(
            connection, which, judged=counted.judged_analyses(given)
        )
        decided = counted.disputed(connection, which)
        added = counted.added(connection, which)
    return summary(
        since=first,
        until=last,
        given=given,
        flags=flags,
        passed=passed,
        decided=decided,
        added=added,
    )


def period(
    now: datetime, *, since: datetime | None, until: datetime | None
) -> tuple[datetime, datetime]:
    """The period that is meant. Raises a Problem, 422, for one that ends too early."""
    # A call of this very moment counts.
    last = until or now + timedelta(seconds=1)
    try:
        first = since or last - timedelta(days=DAYS)
    except OverflowError:
        first = datetime.min.replace(tzinfo=last.tzinfo)
    if first >= last:
        raise Problem(
            422,
            "invalid-request",
            "The period ends before it begins. `since` before `until` would work.",
            field="since",
        )
    return first, last
