"""What people ask of the jobs: analyse again, cancel, pause, resume.

Each is written to the store, with a line in the audit log, before the queue hears of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from callmon.jobs.queue import Job, Queue
from callmon.store import switches
from callmon.store.access import audit
from callmon.store.calls import recordings
from callmon.store.database import Database
from callmon.store.work import runs

WAITING = ("received", "queued", "analysing")


def request(
    database: Database,
    queue: Queue,
    recording_ids: Iterable[str],
    *,
    reason: runs.Reason,
    priority: int,
    rubric: str | None = None,
    who: str,
    at: datetime,
) -> list[Job]:
    """Queues a new run of each recording, by the rubric of this hash where one is named.

    A retry is by the rubric of the run before it. A run that is under way is superseded,
    and its priority kept where that is the better one. Raises NotFound.
    """
    jobs = []
    for recording_id in recording_ids:
        with database.writing() as connection:
            if reason == "retry":
                rubric = _last_rubric(connection, recording_id)
            known = recordings.get(connection, recording_id)
            place = min(priority, known.priority) if known.state in WAITING else priority
            run = runs.request(
                connection,
                recording_id,
                priority=place,
                reason=reason,
                rubric=rubric,
                at=at,
            )
            audit.record(
                connection,
                who=who,
                action=f"run.{reason}",
                recording_id=recording_id,
                detail={"run": run, "rubric": rubric},
                at=at,
            )
        queue.enqueue(recording_id, run, priority=place)
        jobs.append((recording_id, run))
    return jobs


def cancel(
    database: Database, queue: Queue, recording_id: str, *, who: str, at: datetime
) -> bool:
    """Whether there was something to cancel. Raises NotFound."""
    with database.writing() as connection:
        run = runs.cancel(connection, recording_id, at=at)
        if run is None:
            return False
        audit.record(
            connection,
            who=who,
            action="run.cancelled",
            recording_id=recording_id,
            detail={"run": run},
            at=at,
        )
    queue.cancel(recording_id, run)
    return True


def pause(database: Database, *, who: str, at: datetime) -> bool:
    """Lets all workers finish their present step and begin nothing; whether that is new."""
    with database.writing() as connection:
        if not switches.turn_on(connection, switches.PAUSED, at=at):
            return False
        audit.record(connection, who=who, action="jobs.paused", detail={}, at=at)
    return True


def resume(database: Database, *, who: str, at: datetime) -> bool:
    """Lets the workers go on; whether they were paused."""
    with database.writing() as connection:
        if not switches.turn_off(connection, switches.PAUSED):
            return False
        audit.record(connection, who=who, action="jobs.resumed", detail={}, at=at)
    return True


def _last_rubric(connection: Connection, recording_id: str) -> str | None:
    last = recordings.locked(connection, recording_id).run
    return runs.rubric_of(connection, recording_id, last) if last else None
