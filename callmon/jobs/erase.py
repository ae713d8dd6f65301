"""Deletes a recording for good. Loads no engine, so that the API can do it too."""

from __future__ import annotations

from datetime import datetime

from callmon.jobs.queue import Queue
from callmon.store.calls import recordings
from callmon.store.database import Database
from callmon.store.media import Media


def erase(
    database: Database,
    media: Media,
    queue: Queue,
    recording_id: str,
    *,
    who: str,
    at: datetime,
) -> None:
    """Deletes a recording with all that was found in it, and its media. Raises NotFound."""
    with database.writing() as connection:
        last = recordings.get(connection, recording_id).run
        key = recordings.delete_recording(connection, recording_id, who=who, at=at)
    # After the commit; what a crash leaves is an orphan, or a job that finds nothing.
    with database.writing() as connection:
        # The same content may have come in again meanwhile.
        if not recordings.media_is_known(connection, key):
            media.delete(key)
    queue.delete([(recording_id, run) for run in range(1, last + 1)])
