"""`GET /reports/kinds`: what was raised, what reviewers made of it, and how the moments at
which it was raised were met."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, get_args

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from callmon.agreement import Range, wilson
from callmon.call import FindingKind, Value
from callmon.review.access.roles import Asking
from callmon.review.reports.figures import (
    LEAST,
    Promises,
    median,
    opportunities,
    score,
    settling,
    stretches,
    total,
)
from callmon.review.reports.table import (
    DECLARED,
    MOMENT_COLUMNS,
    Csv,
    csv,
    moment_cells,
)
from callmon.review.reports.wanted import Filters, Given, Lead, wanted, without_few
from callmon.review.site import Site, SiteDep
from callmon.store.calls.questions import FindingState
from callmon.store.reports import kinds as reports
from callmon.store.reports.groups import OUTCOMES, OfPromises, Sums, Wanted
from callmon.store.reports.kinds import KindCount

router = APIRouter(tags=["reports"])


class KindWeek(Value):
    """Some weeks, put together until they hold enough moments."""

    first_week: date
    """Its Monday."""
    last_week: date
    findings: int
    opportunities: int
    """All moments that could be judged."""


class KindView(Value):
    """Findings of one kind, and the moments and calls in which it was raised."""

    kind: FindingKind
    findings: int
    open: int
    """Nobody has decided yet."""
    agreed: int
    corrected: int
    dismissed: int
    per_hundred_opportunities: float
    """Findings for a hundred moments that could be judged, whether raised or not."""
    dismissed_share: float | None
    """Of those that were decided; null below twenty."""
    dismissed_interval: Range | None
    """95 % Wilson interval."""
    calls: int
    """In which it was raised; commendations and promises are of these."""
    opportunities: int
    """Moments at which it was raised and that could be judged: met, partial and missed. No
    moment stands behind findings about a whole call."""
    met: int
    partial: int
    missed: int
    impeded: int
    unscorable: int
    score: float | None
    """The share of them that was met, a partial one as half; null below twenty, like what
    follows from moments."""
    interval: Range | None
    """95 % Wilson interval of the score."""
    commendations: int
    promises: Promises
    time_to_acknowledge: float | None
    """Median seconds from the end of such a moment to the words that met it."""
    settling: float | None
    """By how much the customer's voice changed after the answer, on average, in robust
    deviations; below zero is calmer."""
    settling_interval: Range | None
    """95 % interval of that."""
    settling_measured: int
    """Moments in which it was measured."""
    trend: tuple[KindWeek, ...]
    """Oldest first."""


class KindsView(Value):
    """Kinds by name."""

    since: datetime
    until: datetime
    least_opportunities: int = LEAST
    """Where all calls together have fewer, no kind is told of, and weeks with fewer are put
    together."""
    people_left_out: int
    """Agents with fewer moments in the whole period, who are in no number here. Where
    those of a team have enough together, the numbers have them."""
    calls: int
    opportunities: int
    items: tuple[KindView, ...]


@router.get("/reports/kinds")
def report_kinds(site: SiteDep, asking: Lead, given: Given) -> KindsView:
    """Kind by kind: how often it is raised, how often reviewers dismiss it, and how the
    moments and calls are in which it is."""
    return _report(site, asking, given)


@router.get("/reports/kinds.csv", response_class=Csv, responses=DECLARED)
def report_kinds_csv(site: SiteDep, asking: Lead, given: Given) -> Response:
    """The same as a table, without the trend."""
    return csv("kinds", COLUMNS, _rows(_report(site, asking, given)))


def _report(site: Site, asking: Asking, given: Filters) -> KindsView:
    which = wanted(site, asking, given)
    with site.database.reading() as connection:
        which = without_few(connection, which)
        calls, by_week = reports.scorable(connection, which)
        moments = sum(by_week.values())
        if moments < LEAST:
            calls, moments, found = 0, 0, []
        else:
            found = _kinds(connection, which, by_week)
    return KindsView(
        since=which.since,
        until=which.until,
        people_left_out=len(which.without),
        calls=calls,
        opportunities=moments,
        items=tuple(found),
    )


def _kinds(
    connection: Connection, which: Wanted, by_week: Mapping[date, int]
) -> list[KindView]:
    counted: dict[FindingKind, list[KindCount]] = defaultdict(list)
    for count in reports.kinds(connection, which):
        counted[count.kind].append(count)
    delays = reports.delays(connection, which)
    calls = reports.calls(connection, which)
    promised = reports.promised(connection, which)
    return [
        KindView(
            **_decided(kind, counted[kind], by_week),
            **_moments(total(c.moments for c in counted[kind]), delays.get(kind, {})),
            calls=calls[kind].calls if kind in calls else 0,
            commendations=calls[kind].commendations if kind in calls else 0,
            promises=Promises.of(promised.get(kind, OfPromises())),
        )
        for kind in sorted(counted)
    ]


def _decided(
    kind: FindingKind, counted: Sequence[KindCount], by_week: Mapping[date, int]
) -> dict[str, Any]:
    states: Counter[FindingState] = Counter()
    weeks: Counter[date] = Counter()
    for count in counted:
        states[count.state] += count.number
        weeks[count.week] += count.number
    found = sum(states.values())
    decided = found - states["open"]
    share = states["dismissed"] / decided if decided >= LEAST else None
    told = {week: by_week.get(week, 0) for week in {*by_week, *weeks}}
    return {
        "kind": kind,
        "findings": found,
        **{state: states[state] for state in get_args(FindingState)},
        "per_hundred_opportunities": 100 * found / sum(by_week.values()),
        "dismissed_share": share,
        "dismissed_interval": None if share is None else wilson(share, decided),
        "trend": tuple(
            KindWeek(
                first_week=of[0],
                last_week=of[-1],
                findings=sum(weeks[week] for week in of),
                opportunities=sum(told[week] for week in of),
            )
            for of in stretches(told)
        ),
    }


def _moments(sums: Sums, delays: Mapping[float, int]) -> dict[str, Any]:
    number = opportunities(sums)
    enough = number >= LEAST
    change, interval = settling(sums) if enough else (None, None)
    return {
        "opportunities": number,
        **{name: getattr(sums, name) for name in OUTCOMES},
        "score": score(sums) if enough else None,
        "interval": wilson(score(sums), number) if enough else None,
        "time_to_acknowledge": median(delays) if enough else None,
        "settling": change,
        "settling_interval": interval,
        "settling_measured": sums.settled,
    }


COLUMNS: Final = (
    "kind",
    "findings",
    "open",
    "agreed",
    "corrected",
    "dismissed",
    "per_hundred_opportunities",
    "dismissed_share",
    "dismissed_low",
    "dismissed_high",
    "calls",
    *MOMENT_COLUMNS,
)


def _rows(view: KindsView) -> Iterator[dict[str, Any]]:
    for kind in view.items:
        low, high = kind.dismissed_interval or (None, None)
        yield {**moment_cells(kind), "dismissed_low": low, "dismissed_high": high}
