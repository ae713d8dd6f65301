"""The ledger of promises, over all calls.

Whether a promise was kept is said by people. That a later call of the same customer tells
of something done is a hint for them and decides nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final, Literal, get_args

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    case,
    delete,
    exists,
    or_,
    select,
    true,
    update,
)

from callmon.call import CommitmentLevel, Promiser, Value
from callmon.errors import NotFound
from callmon.store.database import put
from callmon.store.pages import page
from callmon.store.tables.calls import commitments, recordings
from callmon.store.tables.operations import call_figures, promise_marks

PromiseState = Literal["open", "due", "overdue", "kept", "broken"]
STATES: tuple[PromiseState, ...] = get_args(PromiseState)
Mark = Literal["kept", "broken"]

MOST_LATER: Final = 5
"""Later calls that are shown with a promise."""


MOST_CALLS: Final = 1000
"""Of a customer, the newest, whose promises are looked for."""


class LaterCall(Value):
    """A call of the same customer after the promise."""

    recording_id: str
    held_at: datetime
    resolved: bool
    """Whether the agent says in it that something is done. A hint: of what, it does not
    tell."""


class Promise(Value):
    """A promise, with the call that it was made in."""

    id: str
    recording_id: str
    turn: int
    action: str
    deadline: str | None
    """As said: "by Friday"."""
    due: str | None
    """As an ISO date, or date and time; null where the words name no day."""
    level: CommitmentLevel
    who: Promiser
    quote: str
    start: float | None
    """Seconds."""
    end: float | None
    agent: str | None
    team: str | None
    queue: str | None
    held_at: datetime
    """When the call was."""
    state: PromiseState
    """`due` is due today, by the calendar of UTC; `open` is due later, or on no day."""
    kept_in_call: bool
    """Whether it was kept before the call ended."""
    marked_by: str | None
    """Who said that it was kept or broken."""
    marked_at: datetime | None
    shown_by: str | None
    """The later call that shows it."""
    later: tuple[LaterCall, ...] = ()
    """Calls of the same customer after this one, the first ones."""

    @property
    def due_on(self) -> date:
        return day_of(self.due)


def day_of(due: str | None) -> date:
    """Of an ISO date, with or without a time; the calendar's last day for none, so that it
    comes last."""
    return date.max if due is None else datetime.fromisoformat(due).date()


def find(
    connection: Connection,
    *,
    today: date,
    seen: ColumnElement[bool],
    calls_seen: ColumnElement[bool],
    states: Collection[PromiseState] | None = None,
    agent: str | None = None,
    team: str | None = None,
    queue: str | None = None,
    customer: str | None = None,
    recording_id: str | None = None,
    due_from: date | None = None,
    due_until: date | None = None,
    limit: int,
    after: tuple[date, str] | None = None,
) -> list[Promise]:
    """Promises that count: those due first come first, those without a day last.

    `seen` and `calls_seen` say which commitments and calls may be shown. `after` is the day
    and the id of the last one of the page before.
    """
    c = commitments.c
    query = (
        select(*_columns(today, calls_seen))
        .outerjoin(promise_marks, promise_marks.c.promise == c.id)
        .where(seen)
    )
    if customer is None and recording_id is None:
        query = query.where(c.current == true())
    else:
        # So that SQLite begins with the few calls, and not with the index of the ledger.
        query = query.where(case((c.current, 1), else_=0) == 1)
    for column, wanted in (
        (c.agent, agent),
        (c.team, team),
        (c.queue, queue),
        (c.recording_id, recording_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if customer is not None:
        # Read first: who has called seldom is found at once, whatever the ledger holds.
        of_customer = connection.execute(
            select(call_figures.c.recording_id)
            .where(call_figures.c.customer == customer)
            .order_by(call_figures.c.held_at.desc())
            .limit(MOST_CALLS)
        ).scalars()
        query = query.where(c.recording_id.in_(list(of_customer)))
    if states is not None:
        query = query.where(or_(*(_is(state, today) for state in sorted(states))))
    if due_from is not None:
        query = query.where(c.due_on >= due_from)
    if due_until is not None:
        query = query.where(c.due_on <= due_until)
    query = page(query, (c.due_on, c.id), order="rising", after=after, limit=limit)
    return [
        _promise(row, _later(connection, row, calls_seen))
        for row in connection.execute(query).all()
    ]


def get(
    connection: Connection,
    promise_id: str,
    *,
    today: date,
    seen: ColumnElement[bool],
    calls_seen: ColumnElement[bool],
) -> Promise:
    """Raises NotFound, also for a promise of an analysis that was superseded."""
    c = commitments.c
    row = connection.execute(
        select(*_columns(today, calls_seen))
        .outerjoin(promise_marks, promise_marks.c.promise == c.id)
        .where(c.id == promise_id, c.current == true(), seen)
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no promise {promise_id!r}.")
    return _promise(row, _later(connection, row, calls_seen))


def mark(
    connection: Connection,
    promise: Promise,
    state: Mark | None,
    *,
    shown_by: str | None,
    by: str,
    at: datetime,
) -> None:
    """Somebody says whether it was kept; None takes back what was said."""
    if state is None:
        connection.execute(
            delete(promise_marks).where(promise_marks.c.promise == promise.id)
        )
        return
    row = {
        "promise": promise.id,
        "recording_id": promise.recording_id,
        "state": state,
        "shown_by": shown_by,
        "by": by,
        "at": at,
    }
    put(connection, promise_marks, row)


def carry_over(connection: Connection, recording_id: str, analysis_id: str) -> None:
    """Gives what was said of the promises of an earlier analysis to those of this one.

    The same promise has the same action, or else was made in the same seconds; of one that
    is not found again the mark stays where it was.
    """
    c = commitments.c
    marked = connection.execute(
        select(c.id, c.action, c.start, c.end)
        .join(promise_marks, promise_marks.c.promise == c.id)
        .where(c.recording_id == recording_id, c.analysis_id != analysis_id)
    ).all()
    if not marked:
        return
    found = connection.execute(
        select(c.id, c.action, c.start, c.end)
        .where(c.analysis_id == analysis_id)
        .order_by(c.turn, c.id)
    )
    new = list(found)
    for old in marked:
        same = [each for each in new if each.action.casefold() == old.action.casefold()]
        then = [each for each in new if _overlap(each, old)]
        for each in [*same, *then][:1]:
            new.remove(each)
            connection.execute(
                update(promise_marks)
                .where(promise_marks.c.promise == old.id)
                .values(promise=each.id)
            )


def _overlap(one: Any, other: Any) -> bool:
    if None in (one.start, one.end, other.start, other.end):
        return False
    return bool(min(one.end, other.end) > max(one.start, other.start))


def _columns(today: date, calls_seen: ColumnElement[bool]) -> Sequence[ColumnElement[Any]]:
    c = commitments.c
    # Who marked it may have named a call that others do not see.
    seen = exists().where(recordings.c.id == promise_marks.c.shown_by, calls_seen)
    state = case(
        (promise_marks.c.state.is_not(None), promise_marks.c.state),
        *((_is(name, today), name) for name in ("kept", "overdue", "due")),
        else_="open",
    )
    of_promise = (
        name for name in Promise.model_fields if name in c and name not in ("open",)
    )
    return (
        *(c[name] for name in of_promise),
        state.label("state"),
        (~c.open & promise_marks.c.state.is_(None)).label("kept_in_call"),
        promise_marks.c.by.label("marked_by"),
        promise_marks.c.at.label("marked_at"),
        case((seen, promise_marks.c.shown_by)).label("shown_by"),
    )


def _is(state: PromiseState, today: date) -> ColumnElement[bool]:
    c, said = commitments.c, promise_marks.c.state
    unsaid = and_(said.is_(None), c.open == true())
    match state:
        case "kept":
            return or_(said == "kept", and_(said.is_(None), c.open != true()))
        case "broken":
            return said == "broken"
        case "overdue":
            return and_(unsaid, c.due_on < today)
        case "due":
            return and_(unsaid, c.due_on == today)
        case "open":
            return and_(unsaid, c.due_on > today)


def _later(
    connection: Connection, promise: Row[Any], calls_seen: ColumnElement[bool]
) -> tuple[LaterCall, ...]:
    c = call_figures.c
    customer = (
        select(c.customer).where(c.recording_id == promise.recording_id).scalar_subquery()
    )
    rows = connection.execute(
        select(c.recording_id, c.held_at, c.resolved)
        .join(recordings, recordings.c.id == c.recording_id)
        .where(c.customer == customer, c.held_at > promise.held_at, calls_seen)
        .order_by(c.held_at, c.recording_id)
        .limit(MOST_LATER)
    )
    return tuple(LaterCall.model_validate(dict(row._mapping)) for row in rows)


def _promise(row: Row[Any], later: tuple[LaterCall, ...]) -> Promise:
    return Promise(**row._mapping, later=later)
