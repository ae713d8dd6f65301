"""What the fairness report compares: how often calls of a group are flagged, beside how
often calls with such moments are.

Expected is what the moments of a call would bring if each were flagged as often as all of
its stratum are (indirect standardisation). What is left over is summed for each call first:
moments of one call are not independent, so calls are what varies by chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    FromClause,
    Select,
    and_,
    case,
    cast,
    func,
    select,
    true,
)

from callmon.store.reports.groups import SCORABLE, Wanted
from callmon.store.tables.calls import findings, recordings
from callmon.store.tables.operations import call_figures, moment_figures
from callmon.store.types import storable

ATTRIBUTES: Final = ("language", "confidence_band", "pitch_band", "channels")
"""Of calls; beside them is the group of agents."""

DECIDED: Final = ("agreed", "corrected", "dismissed")


@dataclass(frozen=True)
class Cell:
    """Calls that are alike in all that is compared."""

    groups: Mapping[str, str | None]
    """`agents` and each of `ATTRIBUTES`."""
    calls: int
    trials: int
    """Moments, or decided findings."""
    events: int
    """Of these: flagged, or dismissed."""
    expected: float
    residuals_squared: float
    """Sum over calls of the square of what is over the expected events."""


def flagged(
    connection: Connection, wanted: Wanted, *, label: str | None = None
) -> list[Cell]:
    """Scorable moments, and how many have a finding.

    Groups of agents are teams, or the values of this label of the recordings.
    """
    c = moment_figures.c
    where = and_(*wanted.where(moment_figures), c.outcome.in_(SCORABLE))
    event = case((c.flagged == true(), 1), else_=0)
    return _cells(connection, moment_figures, c.stratum, event, where, label)


def dismissed(
    connection: Connection, wanted: Wanted, *, label: str | None = None
) -> list[Cell]:
    """Findings that reviewers have decided, and how many they dismissed; the stratum is
    the kind of the finding."""
    c = findings.c
    where = and_(c.current == true(), c.state.in_(DECIDED), *wanted.where(findings))
    event = case((c.state == "dismissed", 1), else_=0)
    return _cells(connection, findings, c.kind, event, where, label)


def _cells(
    connection: Connection,
    table: FromClause,
    stratum: ColumnElement[str],
    event: ColumnElement[int],
    where: ColumnElement[bool],
    label: str | None,
) -> list[Cell]:
    rates = {
        row.stratum: float(row.rate)
        for row in connection.execute(
            select(stratum.label("stratum"), func.avg(event * 1.0).label("rate"))
            .where(where)
            .group_by(stratum)
        )
    }
    if not rates:
        return []
    chance = cast(case(rates, value=stratum, else_=0.0), Float)
    of_calls = (
        select(
            table.c.recording_id,
            func.count().label("trials"),
            func.sum(event).label("events"),
            func.sum(chance).label("expected"),
        )
        .where(where)
        .group_by(table.c.recording_id)
        .subquery()
    )
    return [
        _cell(row)
        for row in connection.execute(_by_groups(connection, of_calls, label)).mappings()
    ]


def _by_groups(
    connection: Connection, of_calls: FromClause, label: str | None
) -> Select[Any]:
    c, over = of_calls.c, of_calls.c.events - of_calls.c.expected
    agents: ColumnElement[Any] = call_figures.c.team
    joined = of_calls.join(
        call_figures, call_figures.c.recording_id == of_calls.c.recording_id
    )
    if label is not None:
        agents = _label(connection, label)
        joined = joined.join(recordings, recordings.c.id == of_calls.c.recording_id)
    groups = [agents.label("agents"), *(call_figures.c[name] for name in ATTRIBUTES)]
    inner = select(*groups, c.trials, c.events, c.expected, (over * over).label("square"))
    rows = inner.select_from(joined).subquery()
    names = [rows.c[name] for name in ("agents", *ATTRIBUTES)]
    return select(
        *names,
        func.count().label("calls"),
        func.sum(rows.c.trials).label("trials"),
        func.sum(rows.c.events).label("events"),
        func.sum(rows.c.expected).label("expected"),
        func.sum(rows.c.square).label("square"),
    ).group_by(*names)


def _label(connection: Connection, name: str) -> ColumnElement[Any]:
    """Its value in the metadata. A path of SQLite's cannot hold every name, so the labels
    are gone through."""
    metadata = recordings.c.metadata
    if connection.dialect.name == "postgresql":
        return func.jsonb_extract_path_text(metadata, "labels", storable(name))
    labels = func.json_each(metadata, "$.labels").table_valued("key", "value")
    value = select(labels.c.value).where(labels.c.key == storable(name))
    return value.scalar_subquery()


def _cell(row: Mapping[Any, Any]) -> Cell:
    return Cell(
        groups={name: row[name] for name in ("agents", *ATTRIBUTES)},
        calls=row["calls"],
        trials=int(row["trials"]),
        events=int(row["events"]),
        expected=float(row["expected"]),
        residuals_squared=float(row["square"]),
    )
