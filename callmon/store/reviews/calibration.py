"""What calibration counts: labels of people, flags of the machine, moments it passed by.

Everything is of calls held in a period. Of each call one analysis counts for the machine,
however often it was analysed: the newest that somebody has judged, else the newest. What
people said counts for themselves whichever analysis it was about.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Table,
    Text,
    and_,
    cast,
    exists,
    func,
    or_,
    select,
    true,
)

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
    seen: Callable[[Table], ColumnElement[bool]]
    """Which rows of a table may be counted for those who ask."""
    rubric: str | None = None
    callmon: str | None = None

    @property
    def where(self) -> ColumnElement[bool]:
        conditions = [
            recordings.c.held_at >= self.since,
            recordings.c.held_at < self.until,
            self.seen(recordings),
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
    analysis_id: str
    run: int
    """The number of the analysis among those of its call."""
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


# The models as text: that is compared, and only parsed where it is another one.
_MADE = (
    analyses.c.callmon,
    analyses.c.rubric,
    cast(analyses.c.models, Text).label("models"),
)


def labels(
    connection: Connection, period: Period | None, *, round_id: int | None = None
) -> list[Labelled]:
    """In the order in which they were given; of a period, of one round, or of both. Who is
    unsure later takes back what they said before, unless that was blind."""
    c = verdicts.c
    later = verdicts.alias().c
    taken_back = exists().where(
        later.subject == c.subject,
        later.reviewer == c.reviewer,
        later.id > c.id,
        later.label.is_(None),
    )
    query = (
        select(
            *(
                c[name]
                for name in (
                    *("id", "subject", "recording_id", "analysis_id", "reviewer", "at"),
                    *("machine", "label", "rung", "seconds", "blind", "round_id"),
                    "rules",
                )
            ),
            analyses.c.run,
            *_MADE,
            recordings.c.held_at,
            findings.c.severity,
            controls.c.probability,
        )
        .join(analyses, analyses.c.id == c.analysis_id)
        .join(recordings, recordings.c.id == c.recording_id)
        .outerjoin(findings, findings.c.id == c.subject)
        .outerjoin(controls, controls.c.id == c.subject)
        .where(c.label.is_not(None), or_(c.blind == true(), ~taken_back))
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


def judged_analyses(given: Iterable[Labelled]) -> dict[str, str]:
    """By call the newest of its analyses that was judged outside of rounds."""
    newest: dict[str, tuple[int, str]] = {}
    for each in given:
        if each.round_id is None:
            before = newest.get(each.recording_id, (0, ""))
            newest[each.recording_id] = max(before, (each.run, each.analysis_id))
    return {call: analysis_id for call, (_, analysis_id) in newest.items()}


def raised(
    connection: Connection, period: Period, *, judged: Mapping[str, str] | None = None
) -> tuple[list[Flags], list[Passed]]:
    """The machine's findings, counted, and the calls that controls were drawn from.

    `judged` has the analyses that count in place of newer ones, as `judged_analyses` gives
    them.

    Analyses and findings are read one after the other and put together here: each is one
    stretch of an index, while a join would look for each finding's row.
    """
    analysed = (
        select(
            analyses.c.id,
            analyses.c.recording_id,
            analyses.c.run,
            *_MADE,
            recordings.c.held_at,
            draws.c.moments,
            draws.c.probability,
        )
        .join(recordings, recordings.c.id == analyses.c.recording_id)
        .outerjoin(draws, draws.c.analysis_id == analyses.c.id)
        .where(period.where)
    )
    counting: dict[str, tuple[tuple[bool, int], Made, RowMapping]] = {}
    for made, row in _rows(connection, analysed):
        call = row["recording_id"]
        place = (judged is not None and judged.get(call) == row["id"], row["run"])
        if call not in counting or counting[call][0] < place:
            counting[call] = place, made, row
    passed: list[Passed] = []
    made_of: dict[str, tuple[Made, bool]] = {}
    for _, made, row in counting.values():
        drawn = bool(row["probability"])
        made_of[row["id"]] = made, drawn
        if drawn:
            passed.append(Passed(made=made, moments=row["moments"]))
    c = findings.c
    found = select(c.analysis_id, c.kind, c.severity).where(
        # Both: only so the index is used.
        c.current.in_((True, False)),
        c.held_at >= period.since,
        c.held_at < period.until,
        period.seen(findings),
    )
    number = Counter(
        (made_of[analysis_id], kind, severity)
        for analysis_id, kind, severity in connection.execute(found)
        if analysis_id in made_of
    )
    flags = [
        Flags(made=made, kind=kind, severity=severity, number=count, drawn=drawn)
        for ((made, drawn), kind, severity), count in number.items()
    ]
    return flags, passed


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
        week = monday(row["held_at"])
        key = (row["callmon"], row["rubric"], row["models"], week)
        if key not in known:
            models = json.dumps(json.loads(row["models"]), sort_keys=True)
            known[key] = Made(
                callmon=row["callmon"], rubric=row["rubric"], models=models, week=week
            )
        yield known[key], row
