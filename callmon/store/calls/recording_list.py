"""Recordings as they are looked through: filtered by what is known, said and found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    cast,
    exists,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB

from callmon.call import Value
from callmon.store.calls import search
from callmon.store.calls.recordings import RecordingState, StoredRecording
from callmon.store.tables.calls import analyses, findings, recordings
from callmon.store.types import storable

Sort = Literal["-held_at", "held_at", "-received", "received", "-score", "score"]

_BY: Final[Mapping[str, ColumnElement[Any]]] = {
    "held_at": recordings.c.held_at,
    "received": recordings.c.received,
    "score": analyses.c.score,
}


class Wanted(Value):
    """What recordings are looked for; None is any."""

    states: tuple[RecordingState, ...] | None = None
    agent: str | None = None
    team: str | None = None
    queue: str | None = None
    since: datetime | None = None
    """The call was held then or later."""
    until: datetime | None = None
    """The call was held before."""
    findings: bool | None = None
    """Whether the analysis that counts has findings."""
    least_score: float | None = None
    most_score: float | None = None
    said: tuple[search.Piece, ...] | None = None
    label: tuple[str, str | None] | None = None
    """The name of a label, and its value where one is asked for."""


class Listed(Value):
    """A recording in a list."""

    recording: StoredRecording
    held_at: datetime
    score: float | None
    """Of the analysis that counts; null without one, and where nothing was to be scored."""
    findings: int
    """Of the analysis that counts."""


def find(
    connection: Connection,
    wanted: Wanted,
    *,
    seen: ColumnElement[bool],
    sort: Sort = "-held_at",
    limit: int,
    after: tuple[datetime | float, str] | None = None,
) -> list[Listed]:
    """Recordings of which `seen` holds, in the order of `sort`; a minus is falling.

    `after` is what the last one of the page before is sorted by, and its id. By score only
    those are listed that have one.
    """
    falling = sort.startswith("-")
    by, id_ = _BY[sort.removeprefix("-")], recordings.c.id
    # First the ids alone, which are read from an index, then all of these few.
    query = select(id_).where(seen, *_conditions(connection, wanted))
    if by is analyses.c.score:
        id_ = analyses.c.recording_id
        query = select(id_).select_from(analyses)
        query = query.join(recordings, recordings.c.id == id_).where(
            by.is_not(None),
            analyses.c.superseded_at.is_(None),
            seen,
            *_conditions(connection, wanted),
        )
    if after is not None:
        value, last = after
        here = tuple_(by, id_)
        there = tuple_(bindparam(None, value, type_=by.type), literal(last))
        query = query.where(here < there if falling else here > there)
    order = (by.desc(), id_.desc()) if falling else (by.asc(), id_.asc())
    ids = connection.execute(query.order_by(*order).limit(limit)).scalars().all()
    rows = connection.execute(_listed().where(recordings.c.id.in_(ids)))
    found = {row.id: _row(row) for row in rows}
    return [found[each] for each in ids]


def one(connection: Connection, recording_id: str) -> Listed | None:
    """That recording as it stands in lists."""
    row = connection.execute(_listed().where(recordings.c.id == recording_id)).first()
    return None if row is None else _row(row)


def waiting(connection: Connection) -> int:
    """How many recordings wait for analysis."""
    states = ("received", "queued")
    query = select(func.count()).where(recordings.c.state.in_(states))
    return connection.execute(query).scalar_one()


def _listed() -> Select[Any]:
    counted = (
        select(func.count())
        .where(findings.c.analysis_id == recordings.c.analysis)
        .scalar_subquery()
    )
    return select(
        *(recordings.c[name] for name in StoredRecording.model_fields),
        recordings.c.held_at,
        analyses.c.score,
        counted.label("number"),
    ).select_from(recordings.outerjoin(analyses, analyses.c.id == recordings.c.analysis))


def _row(row: Any) -> Listed:
    fields = {name: getattr(row, name) for name in StoredRecording.model_fields}
    return Listed(
        recording=StoredRecording.model_validate(fields),
        held_at=row.held_at,
        score=row.score,
        findings=row.number,
    )


def _conditions(connection: Connection, wanted: Wanted) -> list[ColumnElement[bool]]:
    c = recordings.c
    found: list[ColumnElement[bool]] = []
    for column, value in (
        (c.agent, wanted.agent),
        (c.team, wanted.team),
        (c.queue, wanted.queue),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.states is not None:
        found.append(c.state.in_(wanted.states))
    if wanted.since is not None:
        found.append(c.held_at >= wanted.since)
    if wanted.until is not None:
        found.append(c.held_at < wanted.until)
    if wanted.findings is not None:
        raised = exists().where(findings.c.analysis_id == c.analysis)
        found.append(raised if wanted.findings else ~raised)
    if wanted.least_score is not None or wanted.most_score is not None:
        judged = scored(wanted.least_score, wanted.most_score)
        found.append(c.id.in_(select(analyses.c.recording_id).where(*judged)))
    return found + worded(connection, said=wanted.said, label=wanted.label)


def worded(
    connection: Connection,
    *,
    said: tuple[search.Piece, ...] | None,
    label: tuple[str, str | None] | None,
) -> list[ColumnElement[bool]]:
    """Conditions on recordings, by what is said in them and by their labels."""
    found: list[ColumnElement[bool]] = []
    if said is not None:
        found.append(search.holds(connection, said))
    if label is not None:
        found.append(_labelled(connection, *label))
    return found


def scored(least: float | None, most: float | None) -> list[ColumnElement[bool]]:
    """Conditions on analyses: it counts and has such a score."""
    c = analyses.c
    found: list[ColumnElement[bool]] = [c.superseded_at.is_(None)]
    if least is not None:
        found.append(c.score >= least)
    if most is not None:
        found.append(c.score <= most)
    return found


def _labelled(connection: Connection, name: str, value: str | None) -> ColumnElement[bool]:
    name = storable(name)
    if connection.dialect.name == "postgresql":
        metadata = cast(recordings.c.metadata, JSONB)
        if value is not None:
            return metadata.contains({"labels": {name: storable(value)}})
        return metadata["labels"].has_key(name)  # type: ignore[no-any-return]
    labels = func.json_each(recordings.c.metadata, "$.labels").table_valued("key", "value")
    there = exists().select_from(labels).where(labels.c.key == name)
    return there if value is None else there.where(labels.c.value == storable(value))
