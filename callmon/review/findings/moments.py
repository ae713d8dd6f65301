"""`/recordings/{id}/moments`: what a reviewer saw and the machine did not."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import Response

from callmon.call import Analysis, FindingKind, Rung, Turn, Value
from callmon.review.access.roles import Asking, allow, found
from callmon.review.idempotency import (
    Answer,
    IdempotencyKey,
    answer_once,
    fingerprint_of,
)
from callmon.review.paging import Page
from callmon.review.problems import Problem, declared
from callmon.review.site import Site, SiteDep
from callmon.store.access import audit
from callmon.store.calls import analyses
from callmon.store.reviews import moments
from callmon.store.reviews.moments import AddedMoment

router = APIRouter(tags=["findings"])

RecordingId = Annotated[str, Path(max_length=40)]


class AddingMoment(Value):
    """A customer's moment that should have been raised. Say its turn or its second."""

    kind: FindingKind
    """What is to be raised there."""
    turn: int | None = Field(None, ge=0)
    """The customer's turn, by its index."""
    at: float | None = Field(None, ge=0, le=10**6, allow_inf_nan=False)
    """Or a second of the call in which the customer speaks."""
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
    """The moments that reviewers added, oldest first, all on one page."""
    with site.database.reading() as connection:
        recording = found(connection, asking, recording_id)
        return Page(items=moments.of_recording(connection, recording.id), next=None)


def _add(
    connection: Connection,
    site: Site,
    asking: Asking,
    recording_id: str,
    adding: AddingMoment,
) -> Answer:
    recording = found(connection, asking, recording_id)
    if recording.analysis is None:
        raise Problem(
            409, "conflict", "The recording is not analysed yet, so nothing was missed."
        )
    turn = _turn(analyses.load(connection, recording.analysis), adding)
    added = moments.add(
        connection,
        recording_id=recording.id,
        analysis_id=recording.analysis,
        reviewer=asking.id,
        at=site.now(),
        turn=turn.index,
        start=turn.start,
        end=turn.end,
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


def _turn(analysis: Analysis, adding: AddingMoment) -> Turn:
    """The customer's turn that is meant. Raises a Problem, 422."""
    if (adding.turn is None) == (adding.at is None):
        raise _cannot("Give either `turn` or `at`.", field="turn")
    theirs = [turn for turn in analysis.turns if turn.party == "customer"]
    if adding.turn is not None:
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


def _cannot(detail: str, *, field: str) -> Problem:
    return Problem(422, "invalid-request", detail, field=field)
