"""Disputes: somebody says that a finding is wrong, and a supervisor decides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from callmon.call import Value
from callmon.store.reviews.subjects import Label, Subject
from callmon.store.tables.reviews import disputes


class Dispute(Value):
    """About one finding."""

    id: int
    subject: str
    by: str
    agent: str | None
    """Whose call it was then."""
    at: datetime
    reason: str
    machine: Label
    proposed: Label
    """What the finding should be, in the eyes of who disputes it."""
    deadline: datetime
    resolved_at: datetime | None
    """Null while it is open."""
    resolved_by: str | None
    label: Label | None
    """What was decided; the machine's where the finding stands."""
    note: str | None


_COLUMNS = [disputes.c[name] for name in Dispute.model_fields]


def begin(
    connection: Connection,
    subject: Subject,
    *,
    by: str,
    at: datetime,
    reason: str,
    proposed: Label,
    deadline: datetime,
    rules: Sequence[str],
) -> Dispute:
    row = connection.execute(
        insert(disputes)
        .values(
            subject=subject.id,
            recording_id=subject.recording_id,
            by=by,
            agent=subject.agent,
            at=at,
            reason=reason,
            machine=subject.label,
            proposed=proposed,
            deadline=deadline,
            rules=list(rules),
        )
        .returning(*_COLUMNS)
    ).one()
    return Dispute.model_validate(dict(row._mapping))


def resolve(
    connection: Connection,
    dispute: Dispute,
    *,
    by: str,
    at: datetime,
    label: Label,
    note: str | None,
) -> Dispute:
    row = connection.execute(
        update(disputes)
        .where(disputes.c.id == dispute.id, disputes.c.resolved_at.is_(None))
        .values(resolved_at=at, resolved_by=by, label=label, note=note)
        .returning(*_COLUMNS)
    ).one()
    return Dispute.model_validate(dict(row._mapping))


def of_subjects(
    connection: Connection, subject_ids: Collection[str], *, agent: str | None = None
) -> list[Dispute]:
    """Oldest first; with `agent` those alone that are about a call of theirs."""
    query = select(*_COLUMNS).where(disputes.c.subject.in_(subject_ids))
    if agent is not None:
        query = query.where(disputes.c.agent == agent)
    query = query.order_by(disputes.c.id)
    return [Dispute.model_validate(dict(row._mapping)) for row in connection.execute(query)]


def open_ones(
    connection: Connection, subject_ids: Collection[str], *, agent: str | None = None
) -> dict[str, Dispute]:
    """By subject, of those that are disputed and not decided; `agent` as before."""
    found = of_subjects(connection, subject_ids, agent=agent)
    return {each.subject: each for each in found if each.resolved_at is None}
