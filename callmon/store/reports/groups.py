"""Sums for reports, over the calls that were held in a period.

Each is one pass over the narrow rows of `tables_operations`, by week, so that a trend costs
nothing more; `scripts/benchmark.py` measures it with a million findings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, Table, case, func, select, true

from callmon.call import FindingKind
from callmon.store.calls.questions import FindingState
from callmon.store.tables.calls import commitments, findings
from callmon.store.tables.operations import call_figures, moment_figures, promise_marks

By = Literal["agent", "team", "queue"]


@dataclass(frozen=True)
class Wanted:
    """Which calls count."""

    since: datetime
    until: datetime
    seen: Callable[[Table], ColumnElement[bool]]
    """Which rows of a table may be counted for those who ask."""
    agent: str | None = None
    team: str | None = None
    queue: str | None = None
    rubric: str | None = None

    def where(self, table: Table) -> Iterator[ColumnElement[bool]]:
        """For a table that repeats what is known of the call."""
        c = table.c
        yield c.held_at >= self.since
        yield c.held_at < self.until
        yield self.seen(table)
        for column, wanted in (
            (c.agent, self.agent),
            (c.team, self.team),
            (c.queue, self.queue),
        ):
            if wanted is not None:
                yield column == wanted
        if self.rubric is None:
            return
        if "rubric" in c:
            yield c.rubric == self.rubric
        else:
            of_rubric = select(call_figures.c.recording_id).where(
                call_figures.c.rubric == self.rubric
            )
            yield c.recording_id.in_(of_rubric)


@dataclass
class Sums:
    """Of the customer's moments in some calls of a group."""

    met: int = 0
    partial: int = 0
    missed: int = 0
    impeded: int = 0
    unscorable: int = 0
    settled: int = 0
    """Moments of which the settling was measured."""
    settling: float = 0.0
    settling_squared: float = 0.0

    def __add__(self, other: Sums) -> Sums:
        names = self.__dataclass_fields__
        return Sums(**{n: getattr(self, n) + getattr(other, n) for n in names})


@dataclass
class OfCalls:
    """Of whole calls."""

    calls: int
    commendations: int


@dataclass
class OfPromises:
    """Of what was promised in the calls."""

    open: int = 0
    kept: int = 0
    broken: int = 0


@dataclass(frozen=True)
class KindCount:
    """Findings of one kind in one state, in the calls of a week."""

    kind: FindingKind
    state: FindingState
    week: date
    number: int


def moments(
    connection: Connection, wanted: Wanted, *, by: By
) -> dict[str | None, dict[date, Sums]]:
    """By group and week."""
    c = moment_figures.c
    query = select(
        c[by].label("of"),
        c.week,
        *(func.sum(case((c.outcome == o, 1), else_=0)).label(o) for o in OUTCOMES),
        func.count(c.settling).label("settled"),
        func.coalesce(func.sum(c.settling), 0.0).label("settling"),
        func.coalesce(func.sum(c.settling * c.settling), 0.0).label("settling_squared"),
    ).where(*wanted.where(moment_figures))
    found: dict[str | None, dict[date, Sums]] = defaultdict(dict)
    for row in connection.execute(query.group_by(c[by], c.week)).mappings():
        values = {name: row[name] for name in Sums.__dataclass_fields__}
        found[row["of"]][row["week"]] = Sums(**values)
    return dict(found)


OUTCOMES = ("met", "partial", "missed", "impeded", "unscorable")


def delays(
    connection: Connection, wanted: Wanted, *, by: By
) -> dict[str | None, dict[float, int]]:
    """How often each time to acknowledge was taken, in seconds to the tenth, by group."""
    c = moment_figures.c
    query = (
        select(c[by].label("of"), c.delay, func.count().label("number"))
        .where(*wanted.where(moment_figures), c.delay.is_not(None))
        .group_by(c[by], c.delay)
    )
    found: dict[str | None, dict[float, int]] = defaultdict(dict)
    for row in connection.execute(query):
        found[row.of][row.delay] = row.number
    return dict(found)


def calls(connection: Connection, wanted: Wanted, *, by: By) -> dict[str | None, OfCalls]:
    c = call_figures.c
    query = (
        select(
            c[by].label("of"),
            func.count().label("calls"),
            func.sum(c.commendations).label("commendations"),
        )
        .where(*wanted.where(call_figures))
        .group_by(c[by])
    )
    return {
        row.of: OfCalls(row.calls, int(row.commendations))
        for row in connection.execute(query)
    }


def promised(
    connection: Connection, wanted: Wanted, *, by: By
) -> dict[str | None, OfPromises]:
    """Promises by what is known of them: those that nobody has said anything of count as
    kept when they were kept in the call, else as open."""
    c = commitments.c
    where = (c.current == true(), *wanted.where(commitments))
    number = func.count().label("number")
    unsaid = select(c[by].label("of"), c.open, number).where(*where)
    found: dict[str | None, OfPromises] = defaultdict(OfPromises)
    for row in connection.execute(unsaid.group_by(c[by], c.open)):
        if row.open:
            found[row.of].open += row.number
        else:
            found[row.of].kept += row.number
    said = (
        select(c[by].label("of"), c.open, promise_marks.c.state, number)
        .join(promise_marks, promise_marks.c.promise == c.id)
        .where(*where)
    )
    for row in connection.execute(said.group_by(c[by], c.open, promise_marks.c.state)):
        sums = found[row.of]
        if row.open:
            sums.open -= row.number
        else:
            sums.kept -= row.number
        if row.state == "kept":
            sums.kept += row.number
        else:
            sums.broken += row.number
    return dict(found)


def kinds(connection: Connection, wanted: Wanted) -> list[KindCount]:
    """Findings of analyses that count."""
    c = findings.c
    query = (
        select(c.kind, c.state, c.week, func.count().label("number"))
        .where(c.current == true(), *wanted.where(findings))
        .group_by(c.kind, c.state, c.week)
    )
    return [KindCount(**row._mapping) for row in connection.execute(query)]


def scorable(connection: Connection, wanted: Wanted) -> tuple[int, dict[date, int]]:
    """How many calls, and by week the moments that were met, met in part, or missed."""
    number = connection.execute(
        select(func.count()).where(*wanted.where(call_figures))
    ).scalar_one()
    c = moment_figures.c
    of_moments = (
        select(c.week, func.count().label("number"))
        .where(*wanted.where(moment_figures), c.outcome.in_(OUTCOMES[:3]))
        .group_by(c.week)
    )
    return number, {row.week: row.number for row in connection.execute(of_moments)}
