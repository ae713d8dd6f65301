"""`GET /reports/fairness`: whether groups are flagged, or wronged, more than others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from callmon.call import Value
from callmon.review.access.roles import Asking
from callmon.review.reports.comparing import (
    LEAST_CALLS,
    LEAST_TRIALS,
    Compared,
    compare,
    sentence,
)
from callmon.review.reports.table import DECLARED, Csv, csv
from callmon.review.reports.wanted import Filters, Given, Lead, wanted, without_few
from callmon.review.site import Site, SiteDep
from callmon.store.reports import fairness
from callmon.store.reports.fairness import ATTRIBUTES

router = APIRouter(tags=["reports"])

Label = Annotated[
    str | None,
    Query(
        max_length=100,
        description="Name of a label of recordings whose values are the groups of agents;"
        " without it, the teams are.",
    ),
]

NAMES: Final = {
    "agents": "Agent group",
    "language": "Language",
    "confidence_band": "Word confidence",
    "pitch_band": "Customer's pitch",
    "channels": "Sound",
}


class Comparison(Value):
    """Groups beside each other."""

    items: tuple[Compared, ...]
    """By name."""
    left_out: int
    """Groups that are too small."""


class Dimension(Value):
    """What calls are grouped by."""

    name: str
    flags: Comparison
    """Moments, and those with a finding."""
    dismissals: Comparison
    """Findings that reviewers decided, and those they dismissed."""


class FairnessView(Value):
    """Each group beside what its moments let expect."""

    since: datetime
    until: datetime
    least_calls: int = LEAST_CALLS
    least_trials: int = LEAST_TRIALS
    """Groups with fewer calls, or fewer moments or findings, are left out."""
    people_left_out: int
    """Agents with fewer than twenty moments in the whole period, who are in no number."""
    warnings: tuple[str, ...]
    """A sentence for each difference beyond chance."""
    dimensions: tuple[Dimension, ...]


@router.get("/reports/fairness")
def report_fairness(
    site: SiteDep, asking: Lead, given: Given, label: Label = None
) -> FairnessView:
    """How often moments are flagged, and flags dismissed, by group: agents, language, how
    sure the words are, the customer's pitch, mono or stereo.

    Beside each rate is the one that is expected: moments of the same valence, cue and
    strength, or findings of the same kind, in all groups together. A difference shows that
    something is unlike, not what: a team may get other callers, or a language be heard
    worse.
    """
    return _report(site, asking, given, label)


@router.get("/reports/fairness.csv", response_class=Csv, responses=DECLARED)
def report_fairness_csv(
    site: SiteDep, asking: Lead, given: Given, label: Label = None
) -> Response:
    """The same as a table."""
    return csv("fairness", COLUMNS, _rows(_report(site, asking, given, label)))


def _report(site: Site, asking: Asking, given: Filters, label: str | None) -> FairnessView:
    which = wanted(site, asking, given)
    with site.database.reading() as connection:
        which = without_few(connection, which, of_teams=False)
        flags = fairness.flagged(connection, which, label=label)
        dismissals = fairness.dismissed(connection, which, label=label)
    dimensions: list[Dimension] = []
    warnings: list[str] = []
    for name in ("agents", *ATTRIBUTES):
        flagged, too_small = compare(flags, name)
        dismissed, too_few = compare(dismissals, name)
        warnings += sentence(NAMES[name], "flagged", flagged)
        warnings += sentence(NAMES[name], "dismissed", dismissed)
        dimensions.append(
            Dimension(
                name=name,
                flags=Comparison(items=tuple(flagged), left_out=too_small),
                dismissals=Comparison(items=tuple(dismissed), left_out=too_few),
            )
        )
    return FairnessView(
        since=which.since,
        until=which.until,
        people_left_out=len(which.without),
        warnings=tuple(warnings),
        dimensions=tuple(dimensions),
    )


COLUMNS: Final = (
    "measure",
    "dimension",
    "group",
    "calls",
    "trials",
    "events",
    "rate",
    "expected",
    "difference",
    "difference_low",
    "difference_high",
    "differs",
)


def _rows(view: FairnessView) -> Iterator[dict[str, Any]]:
    for dimension in view.dimensions:
        for measure, comparison in (
            ("flags", dimension.flags),
            ("dismissals", dimension.dismissals),
        ):
            for each in comparison.items:
                low, high = each.interval
                yield {
                    "measure": measure,
                    "dimension": dimension.name,
                    **dict(each),
                    "difference_low": low,
                    "difference_high": high,
                }
