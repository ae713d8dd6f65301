"""What calibration counts: labels of people, flags of the machine, moments it passed by.

Everything is of analyses of calls held in a period, superseded ones too: what was judged
was them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, func, select

from callmon.call import FindingKind, Rung, Severity
from callmon.store.calls.recordings import monday
from callmon.store.reviews.subjects import Label
from callmon.store.tables.calls import analyses, findings, recordings
from callmon.store.tables.reviews import controls, disputes, draws, moments, verdicts


@dataclass(frozen=True)
class Period:
    """Which analyses count."""

    since: datetime
    until: datetime
    seen: ColumnElement[bool]
    """Of which recordings who asks may see the numbers."""
    rubric: str | None = None
    callmon: str | None = None

    @property
    def where(self) -> ColumnElement[bool]:
        conditions = [
            recordings.c.held_at >= self.since,
            recordings.c.held_at < self.until,
            self.seen,
        ]
        if self.rubric is not None:
            conditions.append(analyses.c.rubric == self.rubric)
        if self.callmon is not None:
            conditions.append(analyses.c.callmon == self.callmon)
        return and_(*conditions)


@dataclass(frozen=True)
class Made:
    """By what, and in which week's calls."""

    callmon: str
    rubric: str
    models: str
    """As JSON with sorted keys."""
    week: date
    """The Monday of the week in which the call was held."""


@dataclass(frozen=True)
class Labelled:
    """What a reviewer said of a subject, who was not unsure."""

    id: int
    subject: str
    recording_id: str
    made: Made
    reviewer: str
    at: datetime
    machine: Label
    label: Label
    rung: Rung | None
    seconds: float | None
    blind: bool
    round_id: int | None
    rules: tuple[str, ...]
    severity: Severity | None
    """Of the finding; null for a control."""
    probability: float | None
    """With which the control was drawn; null for a finding."""


@dataclass(frozen=True)
class Flags:
    """How many findings there are."""

    made: Made
    kind: FindingKind
    severity: Severity
    number: int
    drawn: bool
    """Whether controls were drawn from their calls."""


@dataclass(frozen=True)
class Passed:
    """How many customer moments of a call the machine did not flag, and controls were
    drawn from."""

    made: Made
    moments: int


@dataclass(frozen=True)
class Decided:
    """A dispute, and what was decided; the label is null while it is open."""

    subject: str
    machine: Label
    label: Label | None
    rules: tuple[str, ...]


_MADE = (analyses.c.callmon, analyses.c.rubric, analyses.c.models)


def labels(
    connection: Connection, period: Period | None, *, round_id: int | None = None
) -> list[Labelled]:
    """In the order in which they were given; of a period, of one round, or of both."""
    c = verdicts.c
    query = (
        select(
            *(
                c[name]
                for name in (
                    *("id", "subject", "recording_id", "reviewer", "at", "machine"),
                    *("label", "rung", "seconds", "blind", "round_id", "rules"),
                )
            ),
            *_MADE,
            recordings.c.held_at,
            findings.c.severity,
            controls.c.probability,
        )
        .join(analyses, analyses.c.id == c.analysis_id)
        .join(recordings, recordings.c.id == c.recording_id)
        .outerjoin(findings, findings.c.id == c.subject)
        .outerjoin(controls, controls.c.id == c.subject)
        .where(c.label.is_not(None))
        .order_by(c.id)
    )
    if period is not None:
        query = query.where(period.where)
    if round_id is not None:
        query = query.where(c.round_id == round_id)
    return [
        Labelled(
            made=made,
            **{
                name: row[name]
                for name in Labelled.__dataclass_fields__
                if name not in ("made", "rules")
            },
            rules=tuple(row["rules"]),
        )
        for made, row in _rows(connection, query)
    ]


def flags(connection: Connection, period: Period) -> list[Flags]:
    """The machine's findings, counted."""
    columns = (*_MADE, findings.c.week, findings.c.kind, findings.c.severity)
    drawn = func.coalesce(draws.c.probability, 0) > 0
    query = (
        select(*columns, drawn.label("drawn"), func.count().label("number"))
        .select_from(findings)
        .join(analyses, analyses.c.id == findings.c.analysis_id)
        .join(recordings, recordings.c.id == findings.c.recording_id)
        .outerjoin(draws, draws.c.analysis_id == analyses.c.id)
        .where(period.where)
        .group_by(*columns, drawn)
    )
    return [
        Flags(
            made=made,
            kind=row["kind"],
            severity=row["severity"],
            number=row["number"],
            drawn=bool(row["drawn"]),
        )
        for made, row in _rows(connection, query)
    ]


def passed(connection: Connection, period: Period) -> list[Passed]:
    """Of each call that controls were drawn from."""
    query = (
        select(*_MADE, recordings.c.held_at, draws.c.moments)
        .select_from(draws)
        .join(analyses, analyses.c.id == draws.c.analysis_id)
        .join(recordings, recordings.c.id == draws.c.recording_id)
        .where(period.where, draws.c.probability > 0)
    )
    return [
        Passed(made=made, moments=row["moments"]) for made, row in _rows(connection, query)
    ]


def disputed(connection: Connection, period: Period) -> list[Decided]:
    """Disputes, oldest first."""
    c = disputes.c
    query = (
        select(c.subject, c.machine, c.label, c.rules)
        .join(findings, findings.c.id == c.subject)
        .join(analyses, analyses.c.id == findings.c.analysis_id)
        .join(recordings, recordings.c.id == c.recording_id)
        .where(period.where)
        .order_by(c.id)
    )
    return [
        Decided(
            subject=row.subject,
            machine=row.machine,
            label=row.label,
            rules=tuple(row.rules),
        )
        for row in connection.execute(query)
    ]


def added(connection: Connection, period: Period) -> dict[FindingKind, int]:
    """Moments that reviewers added, by kind."""
    query = (
        select(moments.c.kind, func.count().label("number"))
        .join(analyses, analyses.c.id == moments.c.analysis_id)
        .join(recordings, recordings.c.id == moments.c.recording_id)
        .where(period.where)
        .group_by(moments.c.kind)
    )
    return {row.kind: row.number for row in connection.execute(query)}


def _rows(connection: Connection, query: Select[Any]) -> Iterator[tuple[Made, RowMapping]]:
    """Rows, with the one object for all that were made alike."""
    known: dict[Any, Made] = {}
    for row in connection.execute(query).mappings():
        models = json.dumps(row["models"], sort_keys=True)
        week = row["week"] if "week" in row else monday(row["held_at"])
        made = Made(callmon=row["callmon"], rubric=row["rubric"], models=models, week=week)
        yield known.setdefault(made, made), row
