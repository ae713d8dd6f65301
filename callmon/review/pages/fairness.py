"""`/fairness`: whether groups of calls are flagged, or wronged, more than others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final, Literal
from urllib.parse import urlencode

from fastapi import Depends, Request
from starlette.responses import Response

from callmon.report.wording import percent
from callmon.review.access.roles import Asking, allow
from callmon.review.pages.filters import Filters, Text, check
from callmon.review.pages.rendering import show
from callmon.review.pages.route import router as page_router
from callmon.review.reports.comparing import Compared
from callmon.review.reports.fairness import FairnessView, report_fairness
from callmon.review.reports.wanted import Filters as Given
from callmon.review.site import SiteDep
from callmon.store.reports.call_figures import HIGH_PITCH, LOW_PITCH, SURE, UNSURE

router = page_router()

Leading = Annotated[Asking, Depends(allow("supervisor", "admin"))]
Measure = Literal["flags", "dismissals"]

DAYS: Final = {"30": "30 days", "90": "90 days", "365": "A year"}

DIMENSIONS: Final[Mapping[str, tuple[str, str]]] = {
    "agents": ("Agents", "By team, or by the values of the label that is chosen above."),
    "language": ("Language", "That the call was heard in."),
    "confidence_band": (
        "Word confidence",
        f"How sure the words of the call are on average: high from {percent(SURE)} on, low"
        f" below {percent(UNSURE)}.",
    ),
    "pitch_band": (
        "Customer’s pitch",
        f"The customer’s ordinary voice: high above {HIGH_PITCH:.0f} Hz, low below"
        f" {LOW_PITCH:.0f} Hz. Most women are in the one, most men in the other.",
    ),
    "channels": ("Sound", "Each party on a channel of its own, or both on one."),
}
"""Title, and what it is."""


@dataclass(frozen=True)
class FairnessFilters(Filters):
    """A dependency: its fields are the parameters."""

    measure: Text = "flags"
    days: Text = "90"
    team: Text = ""
    queue: Text = ""
    label: Text = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        check("measure", self.measure, ("flags", "dismissals"))
        check("days", self.days, DAYS)


@dataclass(frozen=True)
class Row:
    """A group, and its difference as a bar of 200, the middle of which is none."""

    compared: Compared
    name: str
    points: tuple[str, str, str]
    """The low end of the interval, the difference, the high end."""
    low: float
    high: float
    value: float


@dataclass(frozen=True)
class Section:
    """What calls are grouped by."""

    title: str
    says: str
    rows: tuple[Row, ...]
    left_out: int


@router.get("/fairness")
def show_fairness(
    request: Request,
    site: SiteDep,
    asking: Leading,
    filters: Annotated[FairnessFilters, Depends()],
) -> Response:
    """The report, one of its two measures at a time."""
    since = site.now() - timedelta(days=int(filters.days or 90))
    given = Given(
        since=since,
        until=None,
        team=filters.team or None,
        queue=filters.queue or None,
        rubric=None,
    )
    view = report_fairness(site, asking, given, filters.label or None)
    table = {
        "since": since.isoformat(),
        "team": filters.team,
        "queue": filters.queue,
        "label": filters.label,
    }
    return show(
        request,
        "fairness.html",
        asking=asking,
        filters=filters,
        days=DAYS,
        view=view,
        sections=sections(
            view, "dismissals" if filters.measure == "dismissals" else "flags"
        ),
        as_table=urlencode({name: value for name, value in table.items() if value}),
    )


def sections(view: FairnessView, measure: Measure) -> list[Section]:
    """All dimensions; their bars have one scale."""
    compared = {
        each.name: each.flags if measure == "flags" else each.dismissals
        for each in view.dimensions
    }
    reach = _reach(group for each in compared.values() for group in each.items)
    return [
        Section(
            title=DIMENSIONS[name][0],
            says=DIMENSIONS[name][1],
            rows=tuple(_row(name, group, reach) for group in comparison.items),
            left_out=comparison.left_out,
        )
        for name, comparison in compared.items()
    ]


def _reach(groups: Iterable[Compared]) -> float:
    """The largest difference that has to fit, at least five points: noise is not to look
    like more."""
    return max(0.05, *(abs(end) for group in groups for end in group.interval), 0.0)


def _row(dimension: str, group: Compared, reach: float) -> Row:
    low, high = group.interval
    ends = (low, group.difference, high)
    at = [round(100 + 96 * end / reach, 1) for end in ends]
    named = group.group or "Not known"
    # Teams and codes of languages are written as they are; the others are words of ours.
    name = named if dimension in ("agents", "language") else named.capitalize()
    return Row(
        compared=group,
        name=name,
        points=(points(low), points(group.difference), points(high)),
        low=at[0],
        value=at[1],
        high=at[2],
    )


def points(difference: float) -> str:
    """Of shares, in hundredths.

    >>> points(0.168), points(-0.083), points(-0.001)
    ('+17', '−8', '0')
    """
    number = round(100 * difference)
    return f"{number:+d}".replace("-", "−") if number else "0"
