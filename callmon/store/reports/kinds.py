"""Sums for the report by kinds of findings, over the calls that were held in a period.

What is known of the moment stands beside each finding, so that most of it is one pass over
an index.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Subquery, case, func, select, true

from callmon.call import FindingKind
from callmon.store.calls.questions import FindingState
from callmon.store.reports.groups import (
    SCORABLE,
    OfCalls,
    OfPromises,
    Sums,
    Wanted,
    promised_of,
    sums_in,
    sums_of,
)
from callmon.store.tables.calls import commitments, findings
from callmon.store.tables.operations import call_figures, moment_figures


@dataclass(frozen=True)
class KindCount:
    """Findings of one kind in one state, in the calls of a week."""

    kind: FindingKind
    state: FindingState
    week: date
    number: int
    moments: Sums
    """That they are about; each counts once for a kind."""


def kinds(connection: Connection, wanted: Wanted) -> list[KindCount]:
    """Findings of analyses that count."""
    c = findings.c
    columns = (c.kind, c.state, c.week)
    query = (
        select(*columns, func.count().label("number"), *sums_of(findings))
        .where(c.current == true(), *wanted.where(findings))
        .group_by(*columns)
    )
    return [
        KindCount(
            kind=row["kind"],
            state=row["state"],
            week=row["week"],
            number=row["number"],
            moments=sums_in(row),
        )
        for row in connection.execute(query).mappings()
    ]


def delays(connection: Connection, wanted: Wanted) -> dict[FindingKind, dict[float, int]]:
    """How often each time to acknowledge was taken, in seconds to the tenth."""
    c = findings.c
    query = (
        select(c.kind, c.delay, func.count().label("number"))
        .where(c.current == true(), *wanted.where(findings), c.delay.is_not(None))
        .group_by(c.kind, c.delay)
    )
    found: dict[FindingKind, dict[float, int]] = defaultdict(dict)
    for row in connection.execute(query):
        found[row.kind][row.delay] = row.number
    return dict(found)


def calls(connection: Connection, wanted: Wanted) -> dict[FindingKind, OfCalls]:
    """Those in which a kind was raised."""
    raised = _raised(wanted)
    c = call_figures.c
    query = (
        select(
            raised.c.kind,
            func.count().label("calls"),
            func.sum(c.commendations).label("commendations"),
        )
        .join(call_figures, c.recording_id == raised.c.recording_id)
        .group_by(raised.c.kind)
    )
    return {
        row.kind: OfCalls(row.calls, int(row.commendations))
        for row in connection.execute(query)
    }


def promised(connection: Connection, wanted: Wanted) -> dict[FindingKind, OfPromises]:
    """Promises of the calls in which a kind was raised."""
    raised = _raised(wanted)
    joined = raised.join(commitments, commitments.c.recording_id == raised.c.recording_id)
    # So that SQLite begins with the calls, and not with an index of the ledger.
    current = case((commitments.c.current, 1), else_=0) == 1
    return promised_of(connection, joined, raised.c.kind, (current,))


def scorable(connection: Connection, wanted: Wanted) -> tuple[int, dict[date, int]]:
    """How many calls, and by week the moments that were met, met in part, or missed."""
    number = connection.execute(
        select(func.count()).where(*wanted.where(call_figures))
    ).scalar_one()
    c = moment_figures.c
    of_moments = (
        select(c.week, func.count().label("number"))
        .where(*wanted.where(moment_figures), c.outcome.in_(SCORABLE))
        .group_by(c.week)
    )
    return number, {row.week: row.number for row in connection.execute(of_moments)}


def _raised(wanted: Wanted) -> Subquery:
    """Which kinds were raised in which calls."""
    c = findings.c
    query = select(c.kind, c.recording_id).distinct()
    return query.where(c.current == true(), *wanted.where(findings)).subquery()
