"""The axis of time of the picture: where a second of the call lies.

Lengths are in SVG user units, one for each CSS pixel at full size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from callmon.call import Interval, Turn
from callmon.report import wording

GUTTER: Final = 92.0
"""Left of the time axis, for the names of the lanes."""
MARGIN: Final = 16.0
"""Right of the time axis, so that a mark at the very end is whole."""
PLAIN_WIDTH: Final = 940.0
"""Of the time axis for a call of ordinary length: a page of 1080 px less the rest."""
LEAST_SCALE: Final = 1.5
"""Units for each second: a turn of two seconds stays visible; longer calls scroll."""
GREATEST_WIDTH: Final = 12_000.0
"""Beyond two hours the scale shrinks instead: browsers slow down on wider pictures."""
TICK_STEPS: Final = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
LEAST_TICK: Final = 70.0
"""Units between two labels of the axis, the width of `1:00:00` and air."""


@dataclass(frozen=True)
class Axis:
    """The axis of time: where in the picture a second lies."""

    duration: float
    span: float

    def x(self, seconds: float) -> float:
        share = min(max(seconds / self.duration, 0.0), 1.0)
        return round(GUTTER + self.span * share, 2)

    def block(self, time: Interval, label: str, turn: int | None = None) -> Block:
        left = self.x(time.start)
        # A backchannel in a call of an hour must still be seen.
        width = max(round(self.x(time.end) - left, 2), 1.0)
        return Block(
            x=left, width=width, turn=turn, start=time.start, end=time.end, label=label
        )

    def ticks(self) -> tuple[Tick, ...]:
        step = next(
            (s for s in TICK_STEPS if s * self.span / self.duration >= LEAST_TICK),
            TICK_STEPS[-1] * math.ceil(self.duration / TICK_STEPS[-1] / 20),
        )
        return tuple(
            Tick(x=self.x(second), label=wording.clock(second))
            for second in range(0, int(self.duration) + 1, step)
        )


@dataclass(frozen=True)
class Block:
    """A stretch of time in a lane."""

    x: float
    width: float
    turn: int | None
    start: float
    end: float
    label: str


@dataclass(frozen=True)
class Tick:
    x: float
    label: str


def span(turn: Turn) -> tuple[Interval, ...]:
    """The turn's time; nothing for a turn without times."""
    if turn.start is None or turn.end is None:
        return ()
    return (Interval(start=turn.start, end=turn.end),)
