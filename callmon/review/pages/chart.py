"""Shares over weeks as a line with its intervals, drawn by the server.

What lies along the weeks is in percent of the width and what lies along the shares in
pixels, so that a drawing fits any page and its letters stay as large as all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from callmon.agreement import Range
from callmon.report import wording
from callmon.review.pages.words import MONTHS

LEFT: Final = 9.0
"""Percent that stay free for what the shares are called."""
RIGHT: Final = 2.0
"""Percent that stay free, so that no point is cut."""
HEIGHT: Final = 150.0
TOP: Final = 26.0
"""Pixels above 100 %, where the value of a point is told."""
BOTTOM: Final = 6.0
NARROW: Final = 18.0
"""Percent from the side within which what is told of a point is set toward the middle."""


@dataclass(frozen=True)
class Point:
    """A share in the weeks from this one on."""

    week: date
    value: float
    interval: Range | None
    n: int | None = None
    """How many it is a share of."""


@dataclass(frozen=True)
class Mark:
    """A point of the drawing."""

    x: float
    y: float
    left: float
    """Where that begins which is nearer to this point than to others."""
    width: float
    anchor: str
    """Which end of what is told of it stands at the point."""
    week: str
    value: str
    interval: str
    n: int | None
    label: str


@dataclass(frozen=True)
class Chart:
    """100 % wide and `HEIGHT` high; a share of 1 is at `TOP`."""

    line: str
    band: str
    """From the lower to the upper end of each interval, as an area."""
    marks: tuple[Mark, ...]
    grid: tuple[tuple[float, str], ...]
    height: float = HEIGHT


def draw(points: Sequence[Point]) -> Chart | None:
    """None where there are fewer than two: one is no trend."""
    if len(points) < 2:
        return None
    begin = points[0].week.toordinal()
    days = points[-1].week.toordinal() - begin
    places = [
        round(LEFT + (each.week.toordinal() - begin) / days * (100 - LEFT - RIGHT), 2)
        for each in points
    ]
    ranges = [each.interval or (each.value, each.value) for each in points]
    borders = [0.0, *((a + b) / 2 for a, b in pairwise(places)), 100.0]
    marks = tuple(
        _mark(point, reach, x, left, right)
        for point, reach, x, left, right in zip(
            points, ranges, places, borders, borders[1:], strict=False
        )
    )
    upper = [f"{x} {_y(high)}" for x, (_, high) in zip(places, ranges, strict=True)]
    lower = [f"{x} {_y(low)}" for x, (low, _) in zip(places, ranges, strict=True)]
    return Chart(
        line="M" + " L".join(f"{mark.x} {mark.y}" for mark in marks),
        band="M" + " L".join([*upper, *reversed(lower)]) + "Z",
        marks=marks,
        grid=tuple((_y(share), wording.percent(share)) for share in (1.0, 0.5, 0.0)),
    )


def _mark(point: Point, reach: Range, x: float, left: float, right: float) -> Mark:
    low, high = reach
    interval = f"{wording.percent(low)} to {wording.percent(high)}"
    week, value = _day(point.week), wording.percent(point.value)
    return Mark(
        x=x,
        y=_y(point.value),
        left=round(left, 2),
        width=round(right - left, 2),
        anchor="start" if x < LEFT + NARROW else "end" if x > 100 - NARROW else "middle",
        week=week,
        value=value,
        interval=interval,
        n=point.n,
        label=f"{week}: {value} ({interval})",
    )


def _y(share: float) -> float:
    return round(TOP + (1 - min(max(share, 0.0), 1.0)) * (HEIGHT - TOP - BOTTOM), 1)


def _day(week: date) -> str:
    return f"{week.day} {MONTHS[week.month - 1]}"
