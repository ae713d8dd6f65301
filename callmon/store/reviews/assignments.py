"""Who is to review what."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, insert, select, true, update

from callmon.call import Value
from callmon.store.reviews.subjects import Subject
from callmon.store.tables.reviews import assignments


class Assignment(Value):
    """A subject given to a reviewer, or back to all."""

    id: int
    subject: str
    assignee: str | None
    by: str
    at: datetime
    reason: Literal["not_found_again"] | None
    """Why it was given back by nobody: the call was analysed again without this."""


_COLUMNS = [assignments.c[name] for name in Assignment.model_fields]


def assign(
    connection: Connection,
    subject: Subject,
    *,
    assignee: str | None,
    by: str,
    at: datetime,
) -> Assignment:
    """Takes the place of the assignment before; None gives the subject back to all."""
    connection.execute(
        update(assignments)
        .where(assignments.c.subject == subject.id, assignments.c.current == true())
        .values(current=False)
    )
    row = connection.execute(
        insert(assignments)
        .values(
            subject=subject.id,
            recording_id=subject.recording_id,
            assignee=assignee,
            by=by,
            at=at,
            current=True,
        )
        .returning(*_COLUMNS)
    ).one()
    return Assignment.model_validate(dict(row._mapping))


def of_subjects(connection: Connection, subject_ids: Collection[str]) -> list[Assignment]:
    """Oldest first."""
    query = (
        select(*_COLUMNS)
        .where(assignments.c.subject.in_(subject_ids))
        .order_by(assignments.c.id)
    )
    return [
        Assignment.model_validate(dict(row._mapping)) for row in connection.execute(query)
    ]


def assignees(connection: Connection, subject_ids: Collection[str]) -> dict[str, str]:
    """By subject, of those that are given to somebody."""
    query = select(assignments.c.subject, assignments.c.assignee).where(
        assignments.c.subject.in_(subject_ids),
        assignments.c.current == true(),
        assignments.c.assignee.is_not(None),
    )
    return {row.subject: row.assignee for row in connection.execute(query)}
