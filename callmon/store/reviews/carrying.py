"""What becomes of reviews when a call is analysed again.

The finding of the new analysis that is of the same kind at the same moment takes over what
is open of the old one: its dispute, and who is to review it. What was said stays with what
it was said of, and is found from either: verdicts keep what the reviewer saw.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import Connection, insert, select, true, update

from callmon.store.database import put
from callmon.store.tables.calls import findings
from callmon.store.tables.reviews import assignments, controls, disputes, found_again

GONE: Final = "not_found_again"
"""Why an assignment ended that nobody ended."""
BY: Final = "analysis"
"""Who ended it."""


class Placed(Protocol):
    """A finding, as far as it says which moment it is about."""

    @property
    def kind(self) -> str: ...
    @property
    def turn(self) -> int: ...
    @property
    def start(self) -> float | None: ...
    @property
    def end(self) -> float | None: ...


def is_same(one: Placed, other: Placed) -> bool:
    """Whether two findings of different analyses are of one kind and overlap in time;
    without times, whether they are at the same turn."""
    return one.kind == other.kind and _meet(one, other)


def kin(connection: Connection, subject_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The findings of other analyses that are the same, by subject, oldest first; without
    those that have none."""
    own, others = found_again.alias(), found_again.alias()
    query = (
        select(own.c.subject, others.c.subject.label("other"))
        .join(others, others.c.moment == own.c.moment)
        .where(own.c.subject.in_(subject_ids), others.c.subject != own.c.subject)
    )
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.subject].append(row.other)
    return {id_: tuple(sorted(same, key=_run_of)) for id_, same in found.items()}


def carry_over(
    connection: Connection, recording_id: str, analysis_id: str, *, at: datetime
) -> None:
    """Gives what is open of earlier findings to those of this analysis.

    Each finding is matched once with each earlier analysis, the newest first. A dispute
    about what was not found again stays where it is; an assignment to it ends.
    """
    c = findings.c
    rows = connection.execute(
        select(c.id, c.analysis_id, c.kind, c.turn, c.start, c.end, c.state)
        .where(c.recording_id == recording_id)
        .order_by(c.turn, c.id)
    ).all()
    new = [row for row in rows if row.analysis_id == analysis_id]
    old = [row for row in rows if row.analysis_id != analysis_id]
    if not old:
        return
    moments = _moments(connection, [row.id for row in old])
    for each in _by_analysis(_last_of_each(old, moments)):
        left = list(new)
        for before in each:
            after = next((row for row in left if is_same(before, row)), None)
            if after is not None:
                left.remove(after)
                _link(connection, moments, before, after)
                _move_dispute(connection, before.id, after.id)
            if before.state == "open":
                _move_assignment(connection, before.id, after and after.id, at=at)


def carry_controls_over(
    connection: Connection, recording_id: str, analysis_id: str, *, at: datetime
) -> None:
    """Gives the open assignments of earlier controls to those that were drawn now at the
    same moment, so that a control fares like a finding."""
    c = controls.c
    rows = connection.execute(
        select(c.id, c.analysis_id, c.turn, c.start, c.end, c.state)
        .where(c.recording_id == recording_id)
        .order_by(c.turn, c.id)
    ).all()
    left = [row for row in rows if row.analysis_id == analysis_id]
    for before in rows:
        if before.analysis_id == analysis_id or before.state != "open":
            continue
        after = next((row for row in left if _meet(before, row)), None)
        if after is not None:
            left.remove(after)
        _move_assignment(connection, before.id, after and after.id, at=at)


def _meet(one: Any, other: Any) -> bool:
    if None in (one.start, one.end, other.start, other.end):
        return bool(one.turn == other.turn)
    return bool(min(one.end, other.end) > max(one.start, other.start))


def _run_of(subject_id: str) -> int:
    """Of the analysis, from the id `RECORDING-RUN-FINDING`."""
    return int(subject_id.split("-")[1])


def _moments(connection: Connection, subject_ids: Collection[str]) -> dict[str, str]:
    """The moment that each is known to be of: the id of the first finding of it."""
    query = select(found_again.c.subject, found_again.c.moment).where(
        found_again.c.subject.in_(subject_ids)
    )
    known = {row.subject: row.moment for row in connection.execute(query)}
    return {id_: known.get(id_, id_) for id_ in subject_ids}


def _last_of_each(old: Iterable[Any], moments: dict[str, str]) -> list[Any]:
    """Of each moment the finding of the newest analysis that has it."""
    last: dict[str, Any] = {}
    for row in old:
        known = last.get(moments[row.id])
        if known is None or _run_of(known.id) < _run_of(row.id):
            last[moments[row.id]] = row
    return list(last.values())


def _by_analysis(rows: Iterable[Any]) -> list[Sequence[Any]]:
    """The newest analysis first, each in the order of the call."""
    groups: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        groups[_run_of(row.id)].append(row)
    return [
        sorted(groups[run], key=lambda row: (row.turn, row.id))
        for run in sorted(groups, reverse=True)
    ]


def _link(connection: Connection, moments: dict[str, str], before: Any, after: Any) -> None:
    moment = moments[before.id]
    known = moments.setdefault(after.id, moment)
    for row in (before, after):
        put(
            connection,
            found_again,
            {"subject": row.id, "moment": known, "analysis_id": row.analysis_id},
        )
    if known != moment:
        # Two that earlier analyses took for different ones are the same after all.
        connection.execute(
            update(found_again).where(found_again.c.moment == moment).values(moment=known)
        )


def _move_dispute(connection: Connection, before: str, after: str) -> None:
    def is_open(subject_id: str) -> Any:
        return (disputes.c.subject == subject_id) & disputes.c.resolved_at.is_(None)

    if connection.execute(select(disputes.c.id).where(is_open(after))).first() is None:
        connection.execute(update(disputes).where(is_open(before)).values(subject=after))


def _move_assignment(
    connection: Connection, before: str, after: str | None, *, at: datetime
) -> None:
    c = assignments.c

    def given(subject_id: str) -> Any:
        return (c.subject == subject_id) & (c.current == true()) & c.assignee.is_not(None)

    query = select(c.id, c.recording_id).where(given(before))
    assignment = connection.execute(query).first()
    if assignment is None:
        return
    this = update(assignments).where(c.id == assignment.id)
    if after and connection.execute(select(c.id).where(given(after))).first() is None:
        connection.execute(this.values(subject=after))
        return
    connection.execute(this.values(current=False))
    connection.execute(
        insert(assignments).values(
            subject=before,
            recording_id=assignment.recording_id,
            assignee=None,
            by=BY,
            at=at,
            current=True,
            reason=GONE,
        )
    )
