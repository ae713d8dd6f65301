"""`/recordings/{id}/moments`: what a reviewer saw and the machine did not."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import Response

from callmon.call import Analysis, FindingKind, Interval, Rung, Turn, Value
from callmon.review.access.roles import Asking, allow, found
from callmon.review.idempotency import (
    Answer,
    IdempotencyKey,
    answer_once,
    fingerprint_of,
)
from callmon.review.paging import Page
from callmon.review.problems import Problem, declared
from callmon.review.recordings.asked import not_analysed
from callmon.review.recordings.blindness import judges_blind
from callmon.review.site import Site, SiteDep
from callmon.store.access import audit
from callmon.store.calls import analyses
from callmon.store.reviews import moments
from callmon.store.reviews.moments import AddedMoment

router = APIRouter(tags=["findings"])

RecordingId = Annotated[str, Path(max_length=40)]


Second = Annotated[float, Field(ge=0, le=10**6, allow_inf_nan=False)]


class AddingMoment(Value):
    """A customer's moment that should have been raised. Say its turn, its second, or from
    when to when it is."""

    kind: FindingKind
    """What is to be raised there."""
    turn: int | None = Field(None, ge=0)
    """The customer's turn, by its index."""
    at: Second | None = None
    """Or a second of the call in which the customer speaks."""
    start: Second | None = None
    """Or its first second, with `end`; the customer speaks between them."""
    end: Second | None = None
    rung: Rung | None = None
    """The step of the response ladder that was reached."""
    note: str | None = Field(None, max_length=4000)


@router.post(
    "/recordings/{recording_id}/moments",
    status_code=201,
    response_model=AddedMoment,
    responses=declared(404, 409),
)
def add_moment(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin"))],
    recording_id: RecordingId,
    adding: AddingMoment,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Adds a moment that the machine missed. It counts as a miss that is known."""
    with site.database.writing() as connection:
        return answer_once(
            connection,
            asking=asking,
            key=idempotency_key,
            fingerprint=fingerprint_of(
                "moment", recording_id, adding.model_dump(mode="json")
            ),
            at=site.now(),
            act=lambda: _add(connection, site, asking, recording_id, adding),
        )


@router.get("/recordings/{recording_id}/moments", responses=declared(404))
def list_moments(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin"))],
    recording_id: RecordingId,
) -> Page[AddedMoment]:
    """The moments that reviewers added, oldest first, all on one page; yours alone, while
    you have to judge moments of the call without the machine's label."""
    with site.database.reading() as connection:
        recording = found(connection, asking, recording_id)
        added = moments.of_recording(connection, recording.id)
        if judges_blind(connection, site, asking, recording.id):
            added = [each for each in added if each.reviewer == asking.id]
        return Page(items=added, next=None)


def _add(
    connection: Connection,
    site: Site,
    asking: Asking,
    recording_id: str,
    adding: AddingMoment,
) -> Answer:
    recording = found(connection, asking, recording_id)
    if recording.analysis is None:
        raise not_analysed(connection, recording)
    stretch = _stretch(adding)
    turn = _turn(analyses.load(connection, recording.analysis), adding, stretch)
    added = moments.add(
        connection,
        recording_id=recording.id,
        analysis_id=recording.analysis,
        reviewer=asking.id,
        at=site.now(),
        turn=turn.index,
        start=turn.start if stretch is None else stretch.start,
        end=turn.end if stretch is None else stretch.end,
        kind=adding.kind,
        rung=adding.rung,
        note=adding.note,
    )
    audit.record(
        connection,
        who=asking.id,
        action="moment.added",
        recording_id=recording.id,
        detail={"moment": added.id, "kind": adding.kind, "turn": turn.index},
        at=site.now(),
    )
    return Answer(201, added, recording_id=recording.id)


def _stretch(adding: AddingMoment) -> Interval | None:
    """From when to when it is, where that is said. Raises a Problem, 422."""
    if adding.start is None and adding.end is None:
        return None
    if adding.start is None or adding.end is None or not adding.start < adding.end:
        raise _cannot("Give `start` and a later `end`.", field="end")
    return Interval(start=adding.start, end=adding.end)


def _turn(analysis: Analysis, adding: AddingMoment, stretch: Interval | None) -> Turn:
    """The customer's turn that is meant; of several in a stretch, the one that is heard
    longest in it. Raises a Problem, 422."""
    if sum(each is not None for each in (adding.turn, adding.at, stretch)) != 1:
        raise _cannot("Give one of `turn`, `at`, or `start` and `end`.", field="turn")
    theirs = [turn for turn in analysis.turns if turn.party == "customer"]
    if stretch is not None:
        heard = [(_heard(turn, stretch), -turn.index, turn) for turn in theirs]
        longest, _, turn = max(heard, default=(0.0, 0, None), key=lambda each: each[:2])
        meant = [turn] if turn is not None and longest > 0 else []
        field = "start"
        said = f"The customer does not speak from {stretch.start:g} to {stretch.end:g} s"
    elif adding.turn is not None:
        meant = [turn for turn in theirs if turn.index == adding.turn]
        field, said = "turn", f"Turn {adding.turn} is none of the customer's"
    else:
        second = adding.at or 0.0
        meant = [
            turn
            for turn in theirs
            if turn.start is not None
            and turn.end is not None
            and turn.start <= second < turn.end
        ]
        field, said = "at", f"The customer does not speak at {second:g} s"
    if not meant:
        numbers = ", ".join(str(turn.index) for turn in theirs[:20])
        raise _cannot(f"{said}; turns of theirs are {numbers or 'not there'}.", field=field)
    return meant[0]


def _heard(turn: Turn, stretch: Interval) -> float:
    """Seconds of the turn that lie in the stretch."""
    if turn.start is None or turn.end is None:
        return 0.0
    return min(turn.end, stretch.end) - max(turn.start, stretch.start)


def _cannot(detail: str, *, field: str) -> Problem:
    return Problem(422, "invalid-request", detail, field=field)
