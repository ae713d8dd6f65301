"""What is judged: findings, and the controls among them that the machine did not flag.

A subject has two ids. A finding is `…-f3`; shown without its label it is `…-m4711`, and
so is a control, so that neither its id nor a gap in the numbers tells one from the other.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    exists,
    null,
    select,
    update,
)

from callmon.call import FindingKind, Severity, Value
from callmon.errors import NotFound
from callmon.store.calls.questions import FindingState
from callmon.store.reviews.carrying import kin
from callmon.store.tables.calls import analyses, findings, recordings
from callmon.store.tables.reviews import (
    controls,
    round_reviewers,
    round_subjects,
    rounds,
    verdicts,
)

Label = FindingKind | Literal["none"]
"""What is to be raised at a moment; `none`: nothing."""

NUMBERS: Final = 9973
"""A prime over any number of subjects of one call, so that each has an own blind id."""

_ID: Final = re.compile(
    r"(?P<analysis>[0-9a-f]{1,32}-\d{1,9})-(?P<form>[fm])(?P<number>\d{1,4})", re.ASCII
)


class Subject(Value):
    """A finding or a control, with the call that it is of."""

    id: str
    analysis_id: str
    recording_id: str
    kind: FindingKind | None
    """Null for a control: the machine saw nothing to raise."""
    severity: Severity
    """Of a control it is made up, like its confidence: its place in the queue."""
    confidence: float
    opportunity: str | None
    turn: int
    start: float | None
    end: float | None
    summary: str | None
    cleared_by: str | None
    quote: str | None
    current: bool
    """False when a later analysis has superseded the one that it is of."""
    state: FindingState
    agent: str | None
    team: str | None
    queue: str | None
    held_at: datetime

    @property
    def label(self) -> Label:
        """The machine's."""
        return self.kind or "none"

    @property
    def blind_id(self) -> str:
        """The id under which it is shown without its label."""
        if self.kind is None:
            return self.id
        return blind_id(self.analysis_id, int(self.id.rpartition("-f")[2]))


def of_findings() -> Select[Any]:
    """Findings as subjects."""
    c = findings.c
    return select(*(c[name] for name in Subject.model_fields))


def of_controls() -> Select[Any]:
    """Controls as subjects, with the columns of `of_findings`."""
    c, call = controls.c, recordings.c
    made: dict[str, Any] = {
        "kind": null().label("kind"),
        "opportunity": null().label("opportunity"),
        "summary": null().label("summary"),
        "cleared_by": null().label("cleared_by"),
        "quote": null().label("quote"),
        "current": analyses.c.superseded_at.is_(None).label("current"),
        "agent": call.agent,
        "team": call.team,
        "queue": call.queue,
        "held_at": call.held_at,
    }
    columns: list[ColumnElement[Any]] = [
        made[name] if name in made else c[name] for name in Subject.model_fields
    ]
    query: Select[Any] = select(*columns).select_from(controls)
    return query.join(recordings, call.id == c.recording_id).join(
        analyses, analyses.c.id == c.analysis_id
    )


def get(connection: Connection, subject_id: str) -> Subject:
    """By any of its ids. Raises NotFound."""
    found = _ID.fullmatch(subject_id)
    row = None
    if found and found["form"] == "m":
        row = connection.execute(of_controls().where(controls.c.id == subject_id)).first()
        number = _number(found["analysis"], int(found["number"]))
        finding_id = f"{found['analysis']}-f{number}"
    else:
        finding_id = subject_id
    if row is None and found:
        row = connection.execute(of_findings().where(findings.c.id == finding_id)).first()
    if row is None:
        raise NotFound(f"There is no finding {subject_id!r}.")
    return Subject.model_validate(dict(row._mapping))


def several(connection: Connection, subject_ids: Sequence[str]) -> list[Subject]:
    """By the ids of findings and controls, in that order, without those that are gone."""
    found: dict[str, Subject] = {}
    for query, table in ((of_findings(), findings), (of_controls(), controls)):
        for row in connection.execute(query.where(table.c.id.in_(subject_ids))):
            found[row.id] = Subject.model_validate(dict(row._mapping))
    return [found[id_] for id_ in subject_ids if id_ in found]


def set_state(connection: Connection, subject: Subject, state: FindingState) -> None:
    table = findings if subject.kind else controls
    connection.execute(update(table).where(table.c.id == subject.id).values(state=state))


def judged(
    connection: Connection, subject_ids: Collection[str], reviewer: str
) -> frozenset[str]:
    """Those that the reviewer has given a verdict on."""
    query = select(verdicts.c.subject).where(
        verdicts.c.reviewer == reviewer, verdicts.c.subject.in_(subject_ids)
    )
    return frozenset(connection.execute(query).scalars())


def in_open_round(
    connection: Connection, subject_ids: Collection[str], reviewer: str
) -> frozenset[str]:
    """Those that the reviewer is to judge blind in a round that is not closed, here or as
    the same finding of another analysis."""
    same = kin(connection, subject_ids)
    every = {*subject_ids, *(other for others in same.values() for other in others)}
    query = (
        select(round_subjects.c.subject)
        .join(rounds, rounds.c.id == round_subjects.c.round_id)
        .join(round_reviewers, round_reviewers.c.round_id == rounds.c.id)
        .where(
            rounds.c.closed_at.is_(None),
            round_reviewers.c.reviewer == reviewer,
            round_subjects.c.subject.in_(every),
        )
    )
    in_round = set(connection.execute(query).scalars())
    return frozenset(
        id_ for id_ in subject_ids if not in_round.isdisjoint((id_, *same.get(id_, ())))
    )


def unjudged(
    connection: Connection, recording_ids: Collection[str], reviewer: str
) -> frozenset[str]:
    """Those of the recordings in which something is open that the reviewer has given no
    verdict on; of an analysis that was superseded nobody is asked for one any more."""
    found: set[str] = set()
    for table in (findings, controls):
        given = exists().where(
            verdicts.c.subject == table.c.id, verdicts.c.reviewer == reviewer
        )
        query = (
            select(recordings.c.id)
            .join(table, table.c.analysis_id == recordings.c.analysis)
            .where(recordings.c.id.in_(recording_ids), table.c.state == "open", ~given)
        )
        found |= set(connection.execute(query.distinct()).scalars())
    return frozenset(found)


def blind_id(analysis_id: str, number: int) -> str:
    """Of the subject of this number; `_number` finds the way back.

    >>> blind_id("3fd1-2", 3)
    '3fd1-2-m8127'
    """
    factor, offset = _scramble(analysis_id)
    return f"{analysis_id}-m{(factor * number + offset) % NUMBERS:04}"


def _number(analysis_id: str, blind: int) -> int:
    factor, offset = _scramble(analysis_id)
    return (blind - offset) * pow(factor, -1, NUMBERS) % NUMBERS


def _scramble(analysis_id: str) -> tuple[int, int]:
    """An own order of the numbers for each analysis."""
    digest = sha256(b"callmon blind id\0" + analysis_id.encode()).digest()
    factor = int.from_bytes(digest[:8]) % (NUMBERS - 1) + 1
    return factor, int.from_bytes(digest[8:16]) % NUMBERS
