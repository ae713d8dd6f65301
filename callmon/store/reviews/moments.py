"""Moments that a reviewer saw and the machine did not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from callmon.call import FindingKind, Rung, Value
from callmon.store.tables.reviews import moments


class AddedMoment(Value):
    """What a reviewer would have raised."""

    id: int
    recording_id: str
    analysis_id: str
    """The analysis that missed it."""
    reviewer: str
    at: datetime
    turn: int
    """The customer's turn, in that analysis."""
    start: float | None
    end: float | None
    kind: FindingKind
    rung: Rung | None
    note: str | None


_COLUMNS = [moments.c[name] for name in AddedMoment.model_fields]


def add(
    connection: Connection,
    *,
    recording_id: str,
    analysis_id: str,
    reviewer: str,
    at: datetime,
    turn: int,
    start: float | None,
    end: float | None,
    kind: FindingKind,
    rung: Rung | None,
    note: str | None,
) -> AddedMoment:
    row = connection.execute(
        insert(moments)
        .values(
            recording_id=recording_id,
            analysis_id=analysis_id,
            reviewer=reviewer,
            at=at,
            turn=turn,
            start=start,
            end=end,
            kind=kind,
            rung=rung,
            note=note,
        )
        .returning(*_COLUMNS)
    ).one()
    return AddedMoment.model_validate(dict(row._mapping))


def of_recording(connection: Connection, recording_id: str) -> list[AddedMoment]:
    """In the order in which they were added."""
    query = (
        select(*_COLUMNS)
        .where(moments.c.recording_id == recording_id)
        .order_by(moments.c.id)
    )
    return [
        AddedMoment.model_validate(dict(row._mapping)) for row in connection.execute(query)
    ]
