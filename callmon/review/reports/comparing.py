"""Whether groups of calls are flagged as often as their moments let expect. Pure.

For a group, observed minus expected events is a sum over its calls of what is left over by
indirect standardisation. Its variance is that between calls (a sandwich of one term for
each call), within the group and in the rest, since the group is part of what is expected:
with the share w of the moments, (1 - w)^2 S_group + w^2 S_rest.

Breslow and Day, "Statistical Methods in Cancer Research II", 1987, chapter 2; Liang and
Zeger, "Longitudinal data analysis using generalized linear models", 1986.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Final

from callmon.agreement import Range
from callmon.call import Value
from callmon.store.reports.fairness import Cell

LEAST_CALLS: Final = 20
"""Of a group that is compared. The variance between so few calls is known to a sixth
(1 / sqrt(2 (n - 1))); of fewer it is a guess."""
LEAST_TRIALS: Final = 20
"""Moments or decided findings; of fewer nothing is said about people."""
LEAST_EXPECTED: Final = 5.0
"""Events, and trials without one, from which the normal distribution will do."""
ERROR: Final = 0.05
"""Chance that one of the groups that are compared with each other is warned about for
nothing; it is shared out among them (Bonferroni)."""


class Compared(Value):
    """A group beside what its moments let expect."""

    group: str | None
    """Null: of these calls it is not known."""
    calls: int
    trials: int
    """Moments that could be judged, or findings that were decided."""
    events: int
    """Of these: flagged, or dismissed."""
    rate: float
    expected: float
    """The rate that such moments (or kinds of findings) have in all groups together."""
    difference: float
    """Rate minus expected."""
    interval: Range
    """Of the difference, 95 % for all groups of the comparison together."""
    differs: bool
    """Beyond chance: the interval leaves 0 out."""


@dataclass
class _Sums:
    calls: int = 0
    trials: int = 0
    events: int = 0
    expected: float = 0.0
    squares: float = 0.0

    def add(self, cell: Cell) -> None:
        self.calls += cell.calls
        self.trials += cell.trials
        self.events += cell.events
        self.expected += cell.expected
        self.squares += cell.residuals_squared

    @property
    def over(self) -> float:
        return self.events - self.expected

    @property
    def spread(self) -> float:
        """Sum of squares about the mean, over calls."""
        return self.squares - self.over**2 / self.calls if self.calls else 0.0


def compare(cells: Iterable[Cell], dimension: str) -> tuple[list[Compared], int]:
    """The groups of a dimension that are large enough, by name, and how many are not."""
    groups: dict[str | None, _Sums] = defaultdict(_Sums)
    rest: dict[str | None, _Sums] = defaultdict(_Sums)
    kept = list(cells)
    for cell in kept:
        groups[cell.groups[dimension]].add(cell)
    for name in groups:
        for cell in kept:
            if cell.groups[dimension] != name:
                rest[name].add(cell)
    enough = [
        name
        for name, sums in groups.items()
        if sums.calls >= LEAST_CALLS and sums.trials >= LEAST_TRIALS
    ]
    shown = sorted(enough, key=lambda name: (name is None, name or ""))
    compared = [_compared(name, groups[name], rest[name], len(shown)) for name in shown]
    return compared, len(groups) - len(shown)


def _compared(name: str | None, sums: _Sums, rest: _Sums, number: int) -> Compared:
    share = sums.trials / (sums.trials + rest.trials)
    variance = (1 - share) ** 2 * sums.spread + share**2 * rest.spread
    z = NormalDist().inv_cdf(1 - ERROR / (2 * number))
    reach = z * sqrt(max(0.0, variance))
    enough = min(sums.expected, sums.trials - sums.expected) >= LEAST_EXPECTED
    return Compared(
        group=name,
        calls=sums.calls,
        trials=sums.trials,
        events=sums.events,
        rate=sums.events / sums.trials,
        expected=sums.expected / sums.trials,
        difference=sums.over / sums.trials,
        interval=((sums.over - reach) / sums.trials, (sums.over + reach) / sums.trials),
        differs=enough and rest.calls > 0 and abs(sums.over) > reach,
    )


def sentence(dimension: str, what: str, compared: Sequence[Compared]) -> list[str]:
    """For people, of each group that differs."""
    return [
        f"{dimension} {each.group or 'not known'}: {what} in {each.rate:.1%} of"
        f" {each.trials} ({each.events}), expected {each.expected:.1%}; the difference,"
        f" {100 * each.difference:+.1f} points, is beyond chance"
        f" ({100 * each.interval[0]:+.1f} to {100 * each.interval[1]:+.1f})."
        for each in compared
        if each.differs
    ]
