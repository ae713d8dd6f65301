"""`/recordings/{id}`: where a recording stands, analysing it again, deleting it."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from sqlalchemy import Connection

from callmon.jobs.erase import erase
from callmon.jobs.queue import REANALYSIS
from callmon.metadata import Metadata
from callmon.review.access.roles import Asking, allow, found
from callmon.review.problems import Problem, declared
from callmon.review.recordings.asked import RecordingId
from callmon.review.recordings.receipt import receipt
from callmon.review.recordings.views import UNDER_WAY, RecordingView, views
from callmon.review.site import Site, SiteDep
from callmon.store.access import audit
from callmon.store.calls import recording_list
from callmon.store.work import runs

router = APIRouter(tags=["recordings"])


@router.get("/recordings/{recording_id}", responses=declared(404))
def get_recording(
    site: SiteDep,
    asking: Annotated[
        Asking, Depends(allow("uploader", "reviewer", "supervisor", "admin", "agent"))
    ],
    recording_id: RecordingId,
    response: Response,
) -> RecordingView:
    """A recording: what is known of it, and how far its analysis is.

    What somebody else had sent before you shows what you said of it, and is `done`. The
    header `ETag` is of its metadata; give it as `If-Match` where you change them.
    """
    with site.database.reading() as connection:
        view = receipt(connection, asking, recording_id)
        if view is None:
            recording = found(connection, asking, recording_id)
            view = view_of(connection, site, asking, recording.id)
        response.headers["ETag"] = tag_of(view.metadata)
        return view


@router.post(
    "/recordings/{recording_id}/reanalyze", status_code=202, responses=declared(404, 409)
)
def reanalyze_recording(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("supervisor", "admin"))],
    recording_id: RecordingId,
    response: Response,
) -> RecordingView:
    """Has it analysed again, by the rubric and the models of today.

    What would come out the same is not done again. The analysis of now counts until then.
    """
    with site.database.writing() as connection:
        recording = found(connection, asking, recording_id)
        if recording.state in UNDER_WAY:
            raise Problem(
                409, "conflict", f"The recording is {recording.state}; wait for its end."
            )
        run = request_run(connection, site, asking, recording_id, priority=REANALYSIS)
        view = view_of(connection, site, asking, recording_id)
    site.queue.enqueue(recording_id, run, priority=REANALYSIS)
    response.headers["Location"] = f"/v1/recordings/{recording_id}"
    return view


@router.delete("/recordings/{recording_id}", status_code=204, responses=declared(404, 409))
def delete_recording(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("supervisor", "admin"))],
    recording_id: RecordingId,
) -> None:
    """Deletes it for good: sound, words, findings, verdicts. The audit log keeps its id,
    and who deleted it when."""
    with site.database.reading() as connection:
        found(connection, asking, recording_id)
    erase(
        site.database,
        site.media,
        site.queue,
        recording_id,
        who=asking.id,
        at=site.now(),
    )


def view_of(
    connection: Connection, site: Site, asking: Asking, recording_id: str
) -> RecordingView:
    """A recording that is there."""
    listed = recording_list.one(connection, recording_id)
    assert listed is not None
    (view,) = views(connection, site, asking, [listed])
    return view


def request_run(
    connection: Connection,
    site: Site,
    asking: Asking,
    recording_id: str,
    *,
    priority: int,
) -> int:
    """Asks for another analysis, audited; enqueue the run after the commit."""
    at = site.now()
    run = runs.request(
        connection, recording_id, priority=priority, reason="reanalysis", at=at
    )
    audit.record(
        connection,
        who=asking.id,
        action="run.reanalysis",
        recording_id=recording_id,
        detail={"run": run},
        at=at,
    )
    return run


def tag_of(metadata: Metadata) -> str:
    """The entity tag of what people can change of a recording."""
    digest = hashlib.sha256(metadata.model_dump_json().encode()).hexdigest()
    return f'"{digest[:32]}"'
