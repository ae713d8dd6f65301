"""The review queue: open subjects first, of these the gravest, of these the least sure.

Findings and controls stand in one order. It is read state by state and severity by
severity, so that each page is a few stretches of an index, whatever the database holds.
Only where a filter leaves few subjects they are looked for and put in order: the index of
the order would lead past all the others.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field
from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    case,
    select,
    true,
    tuple_,
    type_coerce,
)

from callmon.call import Severity, Value
from callmon.store.calls.questions import FindingState
from callmon.store.reviews.queue_filter import (
    STATES,
    Wanted,
    among_calls,
    deciding,
    narrowing,
)
from callmon.store.reviews.subjects import Subject, of_controls, of_findings
from callmon.store.tables.calls import analyses, findings, recordings
from callmon.store.tables.reviews import controls
from callmon.store.types import SEVERITIES

__all__ = ["STATES", "Position", "Wanted", "find", "position_of"]

GRAVEST_FIRST: Final[tuple[Severity, ...]] = ("high", "medium", "low")

Seen = tuple[ColumnElement[bool], ColumnElement[bool]]


class Position(Value):
    """After which subject a page begins."""

    state: FindingState
    severity: Severity
    confidence: float
    id: str = Field(max_length=200)


def position_of(subject: Subject) -> Position:
    return Position(**{name: getattr(subject, name) for name in Position.model_fields})


def find(
    connection: Connection,
    wanted: Wanted,
    *,
    findings_seen: ColumnElement[bool],
    controls_seen: ColumnElement[bool],
    limit: int = 50,
    after: Position | None = None,
) -> list[Subject]:
    """Subjects in the order of the queue.

    Those of analyses that were superseded are left out, unless those are wanted about which
    a dispute is open: it has still to be decided.

    `findings_seen` and `controls_seen` are the conditions, on the findings and on the
    recordings, under which who asks may see them.
    """
    seen = (findings_seen, controls_seen)
    wanted = among_calls(connection, wanted)
    if wanted.few:
        return _of_few(connection, wanted, seen, limit=limit, after=after)
    found: list[Subject] = []
    for state, severity in _stretches(wanted, after):
        here = after is not None and (after.state, after.severity) == (state, severity)
        found += _of_stretch(
            connection,
            wanted,
            state,
            severity,
            seen,
            limit=limit - len(found),
            after=after if here else None,
        )
        if len(found) == limit:
            break
    return found


def _of_few(
    connection: Connection,
    wanted: Wanted,
    seen: Seen,
    *,
    limit: int,
    after: Position | None,
) -> list[Subject]:
    """All that the deciding filters leave, put in order."""
    found: list[Subject] = []
    for query, table, _, visible in _sources(wanted, seen):
        few = query.where(visible, *deciding(wanted, table.c)).cte("few")
        # The databases would fold the rest into it and take the index of the order.
        few = few.prefix_with("MATERIALIZED")
        c = few.c
        place = (
            case({state: n for n, state in enumerate(STATES)}, value=c.state),
            len(SEVERITIES) - type_coerce(c.severity, Integer),
            c.confidence,
            c.id,
        )
        query = select(*c).where(c.state.in_(wanted.states))
        if wanted.disputed is not True:
            query = query.where(c.current == true())
        query = query.where(*narrowing(connection, wanted, c, c))
        if wanted.severities is not None:
            query = query.where(c.severity.in_(wanted.severities))
        if after is not None:
            query = query.where(tuple_(*place) > tuple_(*_order(after)))
        rows = connection.execute(query.order_by(*place).limit(limit))
        found += [Subject.model_validate(dict(row._mapping)) for row in rows]
    return sorted(found, key=_order)[:limit]


def _order(subject: Subject | Position) -> tuple[int, int, float, str]:
    gravity = len(SEVERITIES) - SEVERITIES.index(subject.severity)
    return STATES.index(subject.state), gravity, subject.confidence, subject.id


def _stretches(
    wanted: Wanted, after: Position | None
) -> list[tuple[FindingState, Severity]]:
    """States with severities in the order of the queue, from the position on."""
    every = [(state, severity) for state in STATES for severity in GRAVEST_FIRST]
    first = 0 if after is None else every.index((after.state, after.severity))
    severities = GRAVEST_FIRST if wanted.severities is None else wanted.severities
    return [
        (state, severity)
        for state, severity in every[first:]
        if state in wanted.states and severity in severities
    ]


def _of_stretch(
    connection: Connection,
    wanted: Wanted,
    state: FindingState,
    severity: Severity,
    seen: Seen,
    *,
    limit: int,
    after: Position | None,
) -> list[Subject]:
    found: list[Subject] = []
    for query, table, call, visible in _sources(wanted, seen):
        c = table.c
        current = findings.c.current == true()
        if table is controls:
            current = analyses.c.superseded_at.is_(None)
        query = query.where(c.state == state, c.severity == severity, visible, current)
        query = query.where(*narrowing(connection, wanted, c, call.c))
        if after is not None:
            here = tuple_(c.confidence, c.id)
            query = query.where(here > tuple_(after.confidence, after.id))
        rows = connection.execute(query.order_by(c.confidence, c.id).limit(limit))
        found += [Subject.model_validate(dict(row._mapping)) for row in rows]
    return sorted(found, key=_order)[:limit]


def _sources(
    wanted: Wanted, seen: Seen
) -> list[tuple[Select[Any], Any, Any, ColumnElement[bool]]]:
    """Findings and controls: their query, their table, the one with the agent, who sees."""
    sources: list[tuple[Select[Any], Any, Any, ColumnElement[bool]]] = [
        (of_findings(), findings, findings, seen[0])
    ]
    if wanted.with_controls and not wanted.by_label:
        sources.append((of_controls(), controls, recordings, seen[1]))
    return sources
