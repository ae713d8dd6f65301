"""`GET /recordings`: finding recordings by what is known, said and found in them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from callmon.review.access.roles import Asking, allow, visible
from callmon.review.paging import (
    CursorText,
    Limit,
    Page,
    from_cursor,
    to_cursor,
)
from callmon.review.problems import Problem
from callmon.review.recordings.blindness import in_rounds
from callmon.review.recordings.views import RecordingView, views
from callmon.review.saying import LabelText, SaidText, labelled, said
from callmon.review.site import SiteDep
from callmon.review.times import Time
from callmon.store.calls import recording_list
from callmon.store.calls.recording_list import Listed, Sort, Wanted
from callmon.store.calls.recordings import RecordingState
from callmon.store.tables.calls import recordings

router = APIRouter(tags=["recordings"])

Text = Annotated[str | None, Query(max_length=200)]
Share = Annotated[float | None, Query(ge=0, le=1)]


@router.get("/recordings")
def list_recordings(
    site: SiteDep,
    asking: Annotated[
        Asking, Depends(allow("uploader", "reviewer", "supervisor", "admin", "agent"))
    ],
    state: Annotated[
        list[RecordingState] | None, Query(description="One or more; without it all.")
    ] = None,
    agent: Text = None,
    team: Text = None,
    queue: Text = None,
    since: Annotated[
        Time | None, Query(description="The call was held then or later.")
    ] = None,
    until: Annotated[Time | None, Query(description="The call was held before.")] = None,
    has_findings: bool | None = None,
    min_score: Share = None,
    max_score: Share = None,
    text: SaidText = None,
    label: LabelText = None,
    sort: Annotated[
        Sort,
        Query(
            description="A minus is falling. `held_at` is when the call was. By `score`"
            " only calls are listed that have one."
        ),
    ] = "-held_at",
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[RecordingView]:
    """Recordings that you may see, the newest calls first.

    By has_findings, min_score, max_score and the order by score none is found of which you
    have still to judge moments in a round.
    """
    by_judgement = "score" in sort or any(
        each is not None for each in (has_findings, min_score, max_score)
    )
    if by_judgement and site.options.blind_first and asking.role == "reviewer":
        raise Problem(
            422,
            "invalid-request",
            "Reviewers judge first here and see the machine's judgement after; leave out"
            " has_findings, min_score, max_score and the order by score.",
            field="sort" if "score" in sort else "has_findings",
        )
    wanted = Wanted(
        states=None if state is None else tuple(state),
        agent=agent,
        team=team,
        queue=queue,
        since=since,
        until=until,
        findings=has_findings,
        least_score=min_score,
        most_score=max_score,
        said=said(text),
        label=labelled(label),
    )
    after = None if cursor is None else _after(cursor, sort)
    seen = visible(asking)
    if by_judgement:
        seen &= recordings.c.id.not_in(in_rounds(asking))
    with site.database.reading() as connection:
        found = recording_list.find(
            connection,
            wanted,
            seen=seen,
            sort=sort,
            limit=limit + 1,
            after=after,
        )
        shown = found[:limit]
        items = views(connection, site, asking, shown)
    more = len(found) > limit
    return Page(items=items, next=_cursor(shown[-1], sort) if more else None)


def _cursor(last: Listed, sort: Sort) -> str:
    if "score" in sort:
        return to_cursor(sort, last.score, last.recording.id)
    by = last.held_at if "held_at" in sort else last.recording.received
    return to_cursor(sort, by.isoformat(), last.recording.id)


def _after(cursor: str, sort: Sort) -> tuple[datetime | float, str]:
    """Raises a Problem, 422, for what is no cursor of this list in this order."""
    kind = float if "score" in sort else str
    order, value, recording_id = from_cursor(cursor, str, kind, str)
    assert isinstance(recording_id, str)
    if order == sort:
        if isinstance(value, float):
            return value, recording_id
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            moment = None
        if moment is not None and moment.tzinfo is not None:
            return moment, recording_id
    raise Problem(
        422,
        "invalid-request",
        "The cursor is of a list in another order. Leave it out for the first page.",
        field="cursor",
    )
