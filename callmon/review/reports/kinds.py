"""`GET /reports/kinds`: what was raised, and what reviewers made of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from callmon.agreement import Range, wilson
from callmon.call import FindingKind, Value
from callmon.review.access.roles import Asking
from callmon.review.reports.figures import LEAST
from callmon.review.reports.table import DECLARED, Csv, csv
from callmon.review.reports.wanted import Filters, Given, Lead, wanted
from callmon.review.site import Site, SiteDep
from callmon.store.calls.questions import FindingState
from callmon.store.reports import groups as reports
from callmon.store.reports.groups import KindCount

router = APIRouter(tags=["reports"])


class KindWeek(Value):
    """The calls of one week."""

    week: date
    """Its Monday."""
    findings: int
    opportunities: int
    """All moments that could be judged."""


class KindView(Value):
    """Findings of one kind."""

    kind: FindingKind
    findings: int
    open: int
    """Nobody has decided yet."""
    agreed: int
    corrected: int
    dismissed: int
    per_hundred_opportunities: float | None
    """Findings for a hundred moments that could be judged; null without one."""
    dismissed_share: float | None
    """Of those that were decided; null below twenty."""
    dismissed_interval: Range | None
    """95 % Wilson interval."""
    trend: tuple[KindWeek, ...]
    """Oldest first."""


class KindsView(Value):
    """Kinds by name."""

    since: datetime
    until: datetime
    calls: int
    opportunities: int
    items: tuple[KindView, ...]


@router.get("/reports/kinds")
def report_kinds(site: SiteDep, asking: Lead, given: Given) -> KindsView:
    """Kind by kind: how often it is raised, and how often reviewers dismiss it."""
    return _report(site, asking, given)


@router.get("/reports/kinds.csv", response_class=Csv, responses=DECLARED)
def report_kinds_csv(site: SiteDep, asking: Lead, given: Given) -> Response:
    """The same as a table, without the trend."""
    return csv("kinds", COLUMNS, _rows(_report(site, asking, given)))


def _report(site: Site, asking: Asking, given: Filters) -> KindsView:
    which = wanted(site, asking, given)
    with site.database.reading() as connection:
        counted = reports.kinds(connection, which)
        calls, by_week = reports.scorable(connection, which)
    of_kind: dict[FindingKind, list[KindCount]] = defaultdict(list)
    for count in counted:
        of_kind[count.kind].append(count)
    return KindsView(
        since=which.since,
        until=which.until,
        calls=calls,
        opportunities=sum(by_week.values()),
        items=tuple(_view(kind, of_kind[kind], by_week) for kind in sorted(of_kind)),
    )


def _view(
    kind: FindingKind, counted: Sequence[KindCount], by_week: Mapping[date, int]
) -> KindView:
    states: dict[FindingState, int] = defaultdict(int)
    weeks: dict[date, int] = defaultdict(int)
    for count in counted:
        states[count.state] += count.number
        weeks[count.week] += count.number
    found, moments = sum(states.values()), sum(by_week.values())
    decided = found - states["open"]
    share = states["dismissed"] / decided if decided >= LEAST else None
    return KindView(
        kind=kind,
        findings=found,
        open=states["open"],
        agreed=states["agreed"],
        corrected=states["corrected"],
        dismissed=states["dismissed"],
        per_hundred_opportunities=100 * found / moments if moments else None,
        dismissed_share=share,
        dismissed_interval=None if share is None else wilson(share, decided),
        trend=tuple(
            KindWeek(week=week, findings=weeks[week], opportunities=by_week.get(week, 0))
            for week in sorted(weeks)
        ),
    )


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
)


def _rows(view: KindsView) -> Iterator[dict[str, Any]]:
    for kind in view.items:
        low, high = kind.dismissed_interval or (None, None)
        yield {**dict(kind), "dismissed_low": low, "dismissed_high": high}
