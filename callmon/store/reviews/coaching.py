"""What a coach and an agent write to each other about a finding."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, Select, insert, select

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
    agent: str | None
    """Whose call it was then: with whom it was shared."""
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
    """Shares the call with the agent whose it is now, and this note with them alone."""
    row = connection.execute(
        insert(coaching)
        .values(
            subject=subject.id,
            recording_id=subject.recording_id,
            author=author,
            side=side,
            agent=subject.agent,
            at=at,
            text=text,
        )
        .returning(*_COLUMNS)
    ).one()
    return Note.model_validate(dict(row._mapping))


def of_subjects(
    connection: Connection, subject_ids: Collection[str], *, agent: str | None = None
) -> list[Note]:
    """Oldest first; with `agent` those alone that were shared with them."""
    query = select(*_COLUMNS).where(coaching.c.subject.in_(subject_ids))
    if agent is not None:
        query = query.where(coaching.c.agent == agent)
    query = query.order_by(coaching.c.id)
    return [Note.model_validate(dict(row._mapping)) for row in connection.execute(query)]


def shared_with(agent: str) -> Select[tuple[str]]:
    """Ids of the recordings that were shared with an agent."""
    return select(coaching.c.recording_id).where(coaching.c.agent == agent)


def is_shared(connection: Connection, recording_id: str, agent: str) -> bool:
    """Whether the agent can see the recording."""
    theirs = (coaching.c.recording_id == recording_id) & (coaching.c.agent == agent)
    query = select(coaching.c.id).where(theirs).limit(1)
    return connection.execute(query).first() is not None
