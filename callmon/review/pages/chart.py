"""Shares over weeks as a line with its intervals, drawn by the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from callmon.agreement import Range
from callmon.report import wording
from callmon.review.pages.words import MONTHS

WIDTH: Final = 320.0
HEIGHT: Final = 96.0
EDGE: Final = 6.0
"""Around the points, so that none is cut."""


@dataclass(frozen=True)
class Point:
    """A share in the weeks from this one on."""

    week: date
    value: float
    interval: Range | None


@dataclass(frozen=True)
class Mark:
    """A point of the drawing."""

    x: float
    y: float
    top: float
    """Of its interval."""
    bottom: float
    label: str


@dataclass(frozen=True)
class Chart:
    """`WIDTH` by `HEIGHT`; 100 % is at the top."""

    line: str
    marks: tuple[Mark, ...]
    first: str
    last: str
    told: str
    """The same in words."""


def draw(points: Sequence[Point]) -> Chart | None:
    """None where there are fewer than two: one is no trend."""
    if len(points) < 2:
        return None
    begin = points[0].week.toordinal()
    days = points[-1].week.toordinal() - begin
    marks = []
    for point in points:
        low, high = point.interval or (point.value, point.value)
        share = (point.week.toordinal() - begin) / days
        marks.append(
            Mark(
                x=round(EDGE + share * (WIDTH - 2 * EDGE), 1),
                y=_y(point.value),
                top=_y(high),
                bottom=_y(low),
                label=f"{_day(point.week)}: {wording.percent(point.value)}"
                f" ({wording.percent(low)} to {wording.percent(high)})",
            )
        )
    return Chart(
        line="M" + " L".join(f"{mark.x} {mark.y}" for mark in marks),
        marks=tuple(marks),
        first=_day(points[0].week),
        last=_day(points[-1].week),
        told="; ".join(mark.label for mark in marks),
    )


def _y(share: float) -> float:
    return round(EDGE + (1 - min(max(share, 0.0), 1.0)) * (HEIGHT - 2 * EDGE), 1)


def _day(week: date) -> str:
    return f"{week.day} {MONTHS[week.month - 1]}"
