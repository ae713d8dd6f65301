"""What an uploader sees of a recording that somebody else had sent before.

That this very file is there, which who has it may know, and what they said of it
themselves: nothing of whose call it is, who sent it when, or what was found in it.
"""

from __future__ import annotations

from datetime import UTC

from sqlalchemy import Connection, select

from callmon.review.access.principal import Asking
from callmon.review.recordings.views import RecordingView
from callmon.store.calls import uploads
from callmon.store.tables.calls import recordings


def receipt(
    connection: Connection, asking: Asking, recording_id: str
) -> RecordingView | None:
    """For who sent it after somebody else; None for everybody else.

    For them nothing is left to be done, so it is done, however far its analysis is.
    """
    if asking.role != "uploader":
        return None
    upload = uploads.of(connection, recording_id, asking.id)
    if upload is None or upload.own:
        return None
    query = select(recordings.c.sha256, recordings.c.size)
    content = connection.execute(query.where(recordings.c.id == recording_id)).one()
    told = upload.told
    held_at = told.metadata.started or upload.at
    return RecordingView(
        id=recording_id,
        name=told.name or "recording",
        sha256=content.sha256,
        size=content.size,
        duration=None,
        channels=None,
        received=upload.at,
        held_at=held_at.replace(tzinfo=UTC) if held_at.tzinfo is None else held_at,
        state="done",
        stage=None,
        progress=1.0,
        seconds_left=None,
        error=None,
        attempts=0,
        run=0,
        queued_at=None,
        started_at=None,
        finished_at=None,
        source=None,
        metadata=told.metadata,
        warnings=told.warnings,
        analysis=None,
        score=None,
        findings=None,
    )
