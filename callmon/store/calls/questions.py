"""What reviewers ask: findings, commitments, and how many findings each week brought.

Each question is answered by one index of `tables.py`, whatever the database holds;
`scripts/benchmark.py store` measures it with a million findings.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, Table, func, select, true

from callmon.call import CommitmentLevel, FindingKind, Promiser, Severity, Value
from callmon.store.pages import page, place_of
from callmon.store.tables.calls import commitments as commitments_table
from callmon.store.tables.calls import findings as findings_table

FindingState = Literal["open", "agreed", "corrected", "dismissed"]


class StoredFinding(Value):
    """A finding, with the call that it is of."""

    id: str
    analysis_id: str
    recording_id: str
    finding: str
    """Its id within the analysis."""
    kind: FindingKind
    severity: Severity
    confidence: float
    opportunity: str | None
    turn: int
    start: float | None
    end: float | None
    summary: str
    cleared_by: str
    quote: str | None
    """The first words of its evidence."""
    current: bool
    """False when a later analysis has superseded the one that it is of."""
    state: FindingState
    agent: str | None
    team: str | None
    queue: str | None
    held_at: datetime
    """When the call was: its start where that is known, else when it was received."""


class StoredCommitment(Value):
    """A promise, with the call that it was made in."""

    id: str
    analysis_id: str
    recording_id: str
    turn: int
    action: str
    deadline: str | None
    due: str | None
    level: CommitmentLevel
    who: Promiser
    open: bool
    quote: str
    start: float | None
    end: float | None
    current: bool
    agent: str | None
    team: str | None
    queue: str | None
    held_at: datetime


class WeekCount(Value):
    """How many findings of a kind the calls of one week have."""

    week: date
    """Its Monday."""
    kind: FindingKind
    count: int


def findings(
    connection: Connection,
    *,
    kinds: Collection[FindingKind] | None = None,
    severities: Collection[Severity] | None = None,
    states: Collection[FindingState] | None = None,
    recording_id: str | None = None,
    agent: str | None = None,
    team: str | None = None,
    queue: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 100,
    after: str | None = None,
) -> list[StoredFinding]:
    """Findings that count, of calls held in [since, until), the newest call first.

    `after` is the id of the last one of the page before; NotFound is raised when it was
    deleted since. In the order of the review queue they come from `review_queue`.
    """
    c = findings_table.c
    query = select(*(c[name] for name in StoredFinding.model_fields))
    query = _of_calls(query, findings_table, agent, team, queue, since, until)
    for column, wanted in ((c.kind, kinds), (c.severity, severities), (c.state, states)):
        if wanted is not None:
            query = query.where(column.in_(sorted(wanted)))
    if recording_id is not None:
        query = query.where(c.recording_id == recording_id)
    by = (c.held_at, c.id)
    last = None if after is None else place_of(connection, by, after)
    query = page(query, by, order="falling", after=last, limit=limit)
    rows = connection.execute(query)
    return [StoredFinding.model_validate(dict(row._mapping)) for row in rows]


def commitments(
    connection: Connection,
    *,
    open: bool | None = None,  # noqa: A002
    due_until: date | None = None,
    agent: str | None = None,
    team: str | None = None,
    queue: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 100,
    after: str | None = None,
) -> list[StoredCommitment]:
    """Promises that count, of calls held in [since, until): those due first come first.

    With `due_until` those that are due on that day or before, which leaves out promises
    without a day; else those come last. `after` as in `findings`.
    """
    c = commitments_table.c
    query = select(*(c[name] for name in StoredCommitment.model_fields))
    query = _of_calls(query, commitments_table, agent, team, queue, since, until)
    if open is not None:
        query = query.where(c.open == open)
    if due_until is not None:
        query = query.where(c.due_on <= due_until)
    by = (c.due_on, c.id)
    last = None if after is None else place_of(connection, by, after)
    query = page(query, by, order="rising", after=last, limit=limit)
    rows = connection.execute(query)
    return [StoredCommitment.model_validate(dict(row._mapping)) for row in rows]


def weekly(
    connection: Connection,
    *,
    first: date,
    last: date,
    agent: str | None = None,
    team: str | None = None,
    queue: str | None = None,
) -> list[WeekCount]:
    """Findings that count, by week and kind; the weeks' Mondays are in [first, last]."""
    c = findings_table.c
    query = select(c.week, c.kind, func.count().label("count")).where(
        c.week.between(first, last)
    )
    query = _of_calls(query, findings_table, agent, team, queue, None, None)
    query = query.group_by(c.week, c.kind).order_by(c.week, c.kind)
    rows = connection.execute(query)
    return [WeekCount.model_validate(dict(row._mapping)) for row in rows]


def _of_calls(
    query: Select[Any],
    table: Table,
    agent: str | None,
    team: str | None,
    queue: str | None,
    since: datetime | None,
    until: datetime | None,
) -> Select[Any]:
    c = table.c
    query = query.where(c.current == true())
    for column, wanted in ((c.agent, agent), (c.team, team), (c.queue, queue)):
        if wanted is not None:
            query = query.where(column == wanted)
    if since is not None:
        query = query.where(c.held_at >= since)
    if until is not None:
        query = query.where(c.held_at < until)
    return query
