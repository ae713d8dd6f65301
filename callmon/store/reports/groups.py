"""Sums for reports, over the calls that were held in a period.

Each is one pass over the narrow rows of `tables_operations`, by week, so that a trend costs
nothing more; `scripts/benchmark.py` measures it with a million findings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    RowMapping,
    Table,
    case,
    func,
    or_,
    select,
    true,
)

from callmon.store.tables.calls import commitments
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
    without: frozenset[str | None] = frozenset()
    """Agents of whom nothing is said; None are the calls of which it is not known."""

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
        if self.without:
            known = c.agent.not_in(sorted(filter(None, self.without)))
            unknown = c.agent.is_(None)
            yield (~unknown & known) if None in self.without else or_(unknown, known)
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


def moments(
    connection: Connection, wanted: Wanted, *, by: By
) -> dict[str | None, dict[date, Sums]]:
    """By group and week."""
    c = moment_figures.c
    query = select(c[by].label("of"), c.week, *sums_of(moment_figures))
    query = query.where(*wanted.where(moment_figures)).group_by(c[by], c.week)
    found: dict[str | None, dict[date, Sums]] = defaultdict(dict)
    for row in connection.execute(query).mappings():
        found[row["of"]][row["week"]] = sums_in(row)
    return dict(found)


SCORABLE: Final = ("met", "partial", "missed")
OUTCOMES: Final = (*SCORABLE, "impeded", "unscorable")


def sums_of(table: Table) -> list[ColumnElement[Any]]:
    """The columns of `Sums`, of a table with outcomes and settling."""
    c = table.c
    return [
        *(func.sum(case((c.outcome == o, 1), else_=0)).label(o) for o in OUTCOMES),
        func.count(c.settling).label("settled"),
        func.coalesce(func.sum(c.settling), 0.0).label("settling"),
        func.coalesce(func.sum(c.settling * c.settling), 0.0).label("settling_squared"),
    ]


def sums_in(row: RowMapping) -> Sums:
    return Sums(**{name: row[name] for name in Sums.__dataclass_fields__})


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
    """Promises by what is known of them."""
    c = commitments.c
    where = (c.current == true(), *wanted.where(commitments))
    return promised_of(connection, commitments, c[by], where)


def promised_of(
    connection: Connection,
    joined: FromClause,
    of: ColumnElement[Any],
    where: Sequence[ColumnElement[bool]],
) -> dict[Any, OfPromises]:
    """Promises of each group `of`, a column of `joined`, which has the commitments.

    Those that nobody has said anything of count as kept when they were kept in the call,
    else as open.
    """
    c = commitments.c
    columns: tuple[ColumnElement[Any], ...] = (of.label("of"), c.open)
    number = func.count().label("number")
    found: dict[Any, OfPromises] = defaultdict(OfPromises)
    unsaid = select(*columns, number).select_from(joined).where(*where).group_by(*columns)
    for row in connection.execute(unsaid):
        if row.open:
            found[row.of].open += row.number
        else:
            found[row.of].kept += row.number
    columns = (*columns, promise_marks.c.state)
    marked = joined.join(promise_marks, promise_marks.c.promise == c.id)
    said = select(*columns, number).select_from(marked).where(*where).group_by(*columns)
    for row in connection.execute(said):
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


def people(
    connection: Connection, wanted: Wanted
) -> dict[tuple[str | None, str | None], int]:
    """Scorable moments of the period by agent and team, whatever else is asked for."""
    c = moment_figures.c
    every = replace(wanted, agent=None, team=None, queue=None, rubric=None)
    query = (
        select(c.agent, c.team, func.count().label("number"))
        .where(*every.where(moment_figures), c.outcome.in_(SCORABLE))
        .group_by(c.agent, c.team)
    )
    return {(row.agent, row.team): row.number for row in connection.execute(query)}


def named(connection: Connection, wanted: Wanted, *, by: By) -> int:
    """How many groups there are, also of those of whom nothing is said."""
    c = moment_figures.c
    every = replace(wanted, without=frozenset())
    query = select(c[by]).where(*every.where(moment_figures)).distinct()
    return len(connection.execute(query).all())
