"""Sums as figures with intervals. Pure: numbers in, values out.

A group of fewer than `LEAST` moments is not shown: so few are chance, and about a person
they are talk. Who has so few in the period is in no sum either, where a difference of two
sums could leave them alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import accumulate
from math import sqrt
from typing import Final, Self

from callmon.agreement import Range, Z, wilson
from callmon.call import Value
from callmon.store.reports.groups import OfCalls, OfPromises, Sums

LEAST: Final = 20
"""Scorable moments. The 95 % interval of a share of twenty is up to 0.4 wide, of ten 0.5:
half of all there is."""


class Stretch(Value):
    """Some weeks, put together until they hold enough moments."""

    first_week: date
    """Its Monday."""
    last_week: date
    opportunities: int
    score: float
    interval: Range


class Promises(Value):
    """Promises that were made in the calls."""

    made: int
    open: int
    kept: int
    broken: int

    @classmethod
    def of(cls, promised: OfPromises) -> Self:
        made = promised.open + promised.kept + promised.broken
        return cls(
            made=made, open=promised.open, kept=promised.kept, broken=promised.broken
        )


class Group(Value):
    """The calls of an agent, a team or a queue."""

    name: str | None
    """Null: of these calls it is not known."""
    calls: int
    opportunities: int
    """Moments that could be judged: met, partial and missed."""
    met: int
    partial: int
    missed: int
    impeded: int
    unscorable: int
    score: float
    """The share that was met, a partial one as half."""
    interval: Range
    """95 % Wilson interval of the score."""
    commendations: int
    promises: Promises
    time_to_acknowledge: float | None
    """Median seconds from the end of a moment to the words that met it."""
    settling: float | None
    """By how much the customer's voice changed after the answer, on average, in robust
    deviations; below zero is calmer."""
    settling_interval: Range | None
    """95 % interval of that."""
    settling_measured: int
    """Moments in which it was measured."""
    trend: tuple[Stretch, ...]
    """Oldest first."""


def groups(
    moments: Mapping[str | None, Mapping[date, Sums]],
    delays: Mapping[str | None, Mapping[float, int]],
    calls: Mapping[str | None, OfCalls],
    promised: Mapping[str | None, OfPromises],
) -> list[Group]:
    """Those with enough moments, by name: there is no order of merit."""
    shown = [
        _group(
            name,
            weeks,
            delays.get(name, {}),
            calls.get(name, OfCalls(0, 0)),
            promised.get(name, OfPromises()),
        )
        for name, weeks in moments.items()
        if opportunities(total(weeks.values())) >= LEAST
    ]
    return sorted(shown, key=lambda group: _by_name(group.name))


def total(sums: Iterable[Sums]) -> Sums:
    return sum(sums, start=Sums())


def opportunities(sums: Sums) -> int:
    return sums.met + sums.partial + sums.missed


def score(sums: Sums) -> float:
    """Raises ZeroDivisionError without a scorable moment."""
    return (sums.met + sums.partial / 2) / opportunities(sums)


def trend(weeks: Mapping[date, Sums]) -> tuple[Stretch, ...]:
    """Weeks, put together from the oldest on until each stretch has `LEAST` moments; what
    is left at the end goes to the last one. So no number tells of fewer."""
    numbers = {week: opportunities(sums) for week, sums in weeks.items()}
    return tuple(
        Stretch(
            first_week=of[0],
            last_week=of[-1],
            opportunities=opportunities(sums),
            score=score(sums),
            interval=wilson(score(sums), opportunities(sums)),
        )
        for of in stretches(numbers)
        if (sums := total(weeks[week] for week in of))
    )


def stretches(numbers: Mapping[date, int]) -> list[list[date]]:
    """Weeks that are told of together, from how many moments each has."""
    found: list[list[date]] = []
    held: list[date] = []
    for week in sorted(numbers):
        held.append(week)
        if sum(numbers[each] for each in held) >= LEAST:
            found.append(held)
            held = []
    if found:
        found[-1] += held
    return found


def unsaid(
    moments: Mapping[tuple[str | None, str | None], int], *, of_teams: bool
) -> frozenset[str | None]:
    """Agents who have to be left out of sums, from the moments of each agent in each team.

    Those are all with fewer than `LEAST` moments. Only in sums over whole teams
    (`of_teams`) they may stay where those of a team have `LEAST` together: then every
    difference of such sums is of several of them, or of none.
    """
    whole: Counter[str | None] = Counter()
    for (agent, _), number in moments.items():
        whole[agent] += number
    few = {agent for agent, number in whole.items() if number < LEAST}
    staying = set(few) if of_teams else set()
    while staying:
        together: Counter[str | None] = Counter()
        for (agent, team), number in moments.items():
            together[team] += number if agent in staying else 0
        alone = {
            agent for agent, team in moments if agent in staying and together[team] < LEAST
        }
        if not alone:
            break
        staying -= alone
    return frozenset(few - staying)


def median(counts: Mapping[float, int]) -> float | None:
    """Of values that are counted."""
    number = sum(counts.values())
    if not number:
        return None
    values = sorted(counts)
    up_to = list(accumulate(counts[value] for value in values))
    low, high = (
        next(value for value, count in zip(values, up_to, strict=True) if count > place)
        for place in ((number - 1) // 2, number // 2)
    )
    return (low + high) / 2


def settling(sums: Sums) -> tuple[float | None, Range | None]:
    """The mean, and its 95 % interval by the normal distribution."""
    n = sums.settled
    if not n:
        return None, None
    mean = sums.settling / n
    if n < 2:
        return mean, None
    # Rounding may leave a hair below zero.
    variance = max(0.0, (sums.settling_squared - n * mean**2) / (n - 1))
    reach = Z * sqrt(variance / n)
    return mean, (mean - reach, mean + reach)


def _group(
    name: str | None,
    weeks: Mapping[date, Sums],
    delays: Mapping[float, int],
    calls: OfCalls,
    promised: OfPromises,
) -> Group:
    sums = total(weeks.values())
    change, interval = settling(sums)
    return Group(
        name=name,
        calls=calls.calls,
        opportunities=opportunities(sums),
        met=sums.met,
        partial=sums.partial,
        missed=sums.missed,
        impeded=sums.impeded,
        unscorable=sums.unscorable,
        score=score(sums),
        interval=wilson(score(sums), opportunities(sums)),
        commendations=calls.commendations,
        promises=Promises.of(promised),
        time_to_acknowledge=median(delays),
        settling=change,
        settling_interval=interval,
        settling_measured=sums.settled,
        trend=trend(weeks),
    )


def _by_name(name: str | None) -> tuple[bool, str, str]:
    return name is None, (name or "").casefold(), name or ""
