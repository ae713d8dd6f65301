"""What a coach and an agent write to each other about a finding."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, insert, select

from callmon.call import Value
from callmon.store.reviews.subjects import Subject
from callmon.store.tables.reviews import coaching

Side = Literal["coach", "agent"]


class Note(Value):
    """One thing said."""

    id: int
    subject: str
    author: str
    side: Side
    at: datetime
    text: str


_COLUMNS = [coaching.c[name] for name in Note.model_fields]


def add(
    connection: Connection,
    subject: Subject,
    *,
    author: str,
    side: Side,
    text: str,
    at: datetime,
) -> Note:
    row = connection.execute(
        insert(coaching)
        .values(
            subject=subject.id,
            recording_id=subject.recording_id,
            author=author,
            side=side,
            at=at,
            text=text,
        )
        .returning(*_COLUMNS)
    ).one()
    return Note.model_validate(dict(row._mapping))


def of_subject(connection: Connection, subject_id: str) -> list[Note]:
    """Oldest first."""
    query = (
        select(*_COLUMNS).where(coaching.c.subject == subject_id).order_by(coaching.c.id)
    )
    return [Note.model_validate(dict(row._mapping)) for row in connection.execute(query)]
