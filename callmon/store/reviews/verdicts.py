"""Verdicts: what reviewers said about findings and controls. They are never changed."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, func, insert, select, update

from callmon.call import OutcomeName, Rung, Value
from callmon.store.reviews.subjects import Label, Subject
from callmon.store.tables.reviews import verdicts

Opinion = Literal["agree", "disagree", "unsure"]


class Verdict(Value):
    """What one reviewer said, once."""

    id: int
    subject: str
    reviewer: str
    at: datetime
    verdict: Opinion
    machine: Label
    """What the machine said: of a control, `none`."""
    label: Label | None
    """What the reviewer says; null for one who is unsure."""
    outcome: OutcomeName | None
    rung: Rung | None
    """Of the response ladder, where the reviewer stated one."""
    note: str | None
    seconds: float | None
    """That the reviewer spent on it."""
    blind: bool
    """Whether the label of the machine was hidden."""
    round_id: int | None


_COLUMNS = [verdicts.c[name] for name in Verdict.model_fields]


def add(
    connection: Connection,
    subject: Subject,
    *,
    reviewer: str,
    at: datetime,
    verdict: Opinion,
    label: Label | None,
    outcome: OutcomeName | None,
    rung: Rung | None,
    note: str | None,
    seconds: float | None,
    blind: bool,
    round_id: int | None,
    rules: Sequence[str],
    snapshot: Mapping[str, Any],
) -> Verdict:
    """Keeps a verdict, with what the reviewer saw when giving it."""
    row = connection.execute(
        insert(verdicts)
        .values(
            subject=subject.id,
            recording_id=subject.recording_id,
            analysis_id=subject.analysis_id,
            reviewer=reviewer,
            at=at,
            verdict=verdict,
            machine=subject.label,
            label=label,
            outcome=outcome,
            rung=rung,
            note=note,
            seconds=seconds,
            blind=blind,
            round_id=round_id,
            rules=list(rules),
            snapshot=json.dumps(snapshot).encode(),
        )
        .returning(*_COLUMNS)
    ).one()
    return Verdict.model_validate(dict(row._mapping))


def of_subjects(
    connection: Connection, subject_ids: Collection[str], *, reviewer: str | None = None
) -> list[Verdict]:
    """Oldest first; with `reviewer` theirs alone."""
    query = select(*_COLUMNS).where(verdicts.c.subject.in_(subject_ids))
    if reviewer is not None:
        query = query.where(verdicts.c.reviewer == reviewer)
    query = query.order_by(verdicts.c.id)
    return [Verdict.model_validate(dict(row._mapping)) for row in connection.execute(query)]


def snapshot(connection: Connection, verdict_id: int) -> dict[str, Any] | None:
    """What the reviewer saw; None once the words of the call were forgotten."""
    query = select(verdicts.c.snapshot).where(verdicts.c.id == verdict_id)
    packed = connection.execute(query).scalar_one()
    return None if packed is None else dict(json.loads(packed))


def forget_words(connection: Connection, recording_id: str) -> None:
    """Forgets what reviewers saw of a call, whose words are no longer kept."""
    connection.execute(
        update(verdicts)
        .where(verdicts.c.recording_id == recording_id)
        .values(snapshot=None)
    )


def counts(connection: Connection) -> dict[Opinion, int]:
    """How many there are of each."""
    number = func.count().label("number")
    query = select(verdicts.c.verdict, number).group_by(verdicts.c.verdict)
    return {row.verdict: row.number for row in connection.execute(query)}
