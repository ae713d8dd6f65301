"""`GET /promises`: what was promised, over all calls, and whether it was kept."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field
from sqlalchemy import Connection, select

from callmon.call import Value
from callmon.errors import NotFound
from callmon.review.access.roles import Asking, allow, found, visible
from callmon.review.paging import CursorText, Limit, Page, day_of, from_cursor, page_of
from callmon.review.problems import Problem, declared, not_found
from callmon.review.site import Site, SiteDep
from callmon.review.times import Day
from callmon.store.access import audit
from callmon.store.calls.recordings import locked
from callmon.store.reports import promises
from callmon.store.reports.promises import Promise, PromiseState
from callmon.store.tables.calls import commitments, recordings

router = APIRouter(tags=["promises"])

Text = Annotated[str | None, Query(max_length=200)]
PromiseId = Annotated[str, Path(max_length=200)]


class PromiseMark(Value):
    """What somebody says of a promise."""

    state: Literal["kept", "broken", "open"]
    """`open` takes back what was said."""
    shown_by: Annotated[str, Field(pattern="^[0-9a-f]{1,32}$")] | None = None
    """The later call that shows it, by its id."""


@router.get("/promises")
def list_promises(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin", "agent"))],
    state: Annotated[
        list[PromiseState] | None,
        Query(description="One or more; `due` is today, `open` is later or on no day."),
    ] = None,
    agent: Text = None,
    team: Text = None,
    queue: Text = None,
    customer: Text = None,
    recording_id: Annotated[str | None, Query(max_length=40)] = None,
    due_from: Annotated[Day | None, Query(description="Due on that day or later.")] = None,
    due_until: Annotated[
        Day | None, Query(description="Due on that day or before; those with a day.")
    ] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[Promise]:
    """The ledger of promises: those due first come first, those without a day last.

    With each are the calls that the same customer (`metadata.customer`) had after it. That
    an agent says in one of them that something is done is only a hint: whether the promise
    was kept is for you to say.
    """
    after = None if cursor is None else _after(cursor)
    with site.database.reading() as connection:
        rows = promises.find(
            connection,
            today=site.now().date(),
            seen=visible(asking, commitments),
            calls_seen=visible(asking, recordings),
            states=state,
            agent=agent,
            team=team,
            queue=queue,
            customer=customer,
            recording_id=recording_id,
            due_from=due_from,
            due_until=due_until,
            limit=limit + 1,
            after=after,
        )
    return page_of(
        rows,
        limit=limit,
        item=lambda row: row,
        cursor=lambda row: (row.due_on.isoformat(), row.id),
    )


def _after(cursor: str) -> tuple[date, str]:
    day, promise_id = from_cursor(cursor, str, str)
    return day_of(day), str(promise_id)


@router.get("/promises/{promise_id}", responses=declared(404))
def read_promise(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin", "agent"))],
    promise_id: PromiseId,
) -> Promise:
    """One promise."""
    with site.database.reading() as connection:
        return _find(connection, site, asking, promise_id)


@router.put("/promises/{promise_id}/state", responses=declared(404))
def mark_promise(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin"))],
    promise_id: PromiseId,
    mark: PromiseMark,
) -> Promise:
    """Says whether a promise was kept. Who said what stays in the audit log."""
    with site.database.writing() as connection:
        promise = _find(connection, site, asking, promise_id)
        locked(connection, promise.recording_id)
        if mark.shown_by is not None:
            _check_later(connection, asking, promise, mark.shown_by)
        promises.mark(
            connection,
            promise,
            None if mark.state == "open" else mark.state,
            shown_by=mark.shown_by,
            by=asking.id,
            at=site.now(),
        )
        audit.record(
            connection,
            who=asking.id,
            action="promise.marked",
            recording_id=promise.recording_id,
            detail={
                "promise": promise_id,
                "state": mark.state,
                "before": promise.state,
                "shown_by": mark.shown_by,
            },
            at=site.now(),
        )
        return _find(connection, site, asking, promise_id)


def _find(connection: Connection, site: Site, asking: Asking, promise_id: str) -> Promise:
    try:
        return promises.get(
            connection,
            promise_id,
            today=site.now().date(),
            seen=visible(asking, commitments),
            calls_seen=visible(asking, recordings),
        )
    except NotFound:
        raise not_found(f"promise {promise_id!r}") from None


def _check_later(
    connection: Connection, asking: Asking, promise: Promise, recording_id: str
) -> None:
    """Raises a Problem for a call that cannot show whether the promise was kept."""
    found(connection, asking, recording_id)
    held_at = connection.execute(
        select(recordings.c.held_at).where(recordings.c.id == recording_id)
    ).scalar_one()
    if held_at <= promise.held_at:
        raise Problem(
            422,
            "invalid-request",
            "That call was not held after the promise. A later one would work.",
            field="shown_by",
        )
