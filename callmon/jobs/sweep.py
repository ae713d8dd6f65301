"""What every worker does from time to time, so that nothing is lost and nothing lies about.

Jobs of workers that died go to the living; runs that no job is there for are enqueued
again; media that no recording has is deleted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from callmon.errors import NotFound, StoreUnavailable
from callmon.jobs.queue import Job, Place, Queue
from callmon.store.access import audit
from callmon.store.calls import recordings
from callmon.store.database import Database, alone
from callmon.store.media import Media
from callmon.store.work import runs, workers

SILENT_SECONDS = 120.0
"""A worker that gave no sign of life for so long is taken for dead."""

ORPHAN_AGE = timedelta(hours=1)
"""Younger media may belong to a recording whose row is just being written."""

ENDED_DAYS = 7.0
"""How long jobs that have ended and workers that are gone are remembered."""

TOGETHER = 100
"""Jobs enqueued in one transaction, while others wait for its lock: a second or two."""

SWEEP = "sweep"
"""Name under which one worker at a time moves jobs."""


@dataclass
class Signs:
    """When each executor was last seen to live.

    By this process's own clock, which never jumps: the clocks of two machines differ, and
    either may be set. So an executor has to be watched for the whole time.
    """

    silent: float
    """Seconds."""
    clock: Callable[[], float] = time.monotonic
    _seen: dict[str, tuple[datetime | None, float]] = field(default_factory=dict)

    def dead(self, beats: dict[str, datetime | None]) -> list[str]:
        """Those of the executors whose last beat has not changed for too long."""
        moment = self.clock()
        for name in set(self._seen) - set(beats):
            del self._seen[name]
        for name, beat in beats.items():
            if name not in self._seen or self._seen[name][0] != beat:
                self._seen[name] = (beat, moment)
        return sorted(n for n, (_, at) in self._seen.items() if moment - at >= self.silent)

    def forget(self) -> None:
        """To be called when the database did not answer: nobody could give a sign."""
        self._seen.clear()


def take_over(
    database: Database, queue: Queue, signs: Signs, *, mine: set[str]
) -> list[Job]:
    """Puts the jobs of dead executors back into the queue; those jobs."""
    try:
        holders = set(queue.taken()) - mine
        with database.reading() as connection:
            known = {worker.name: worker.at for worker in workers.every(connection)}
    except StoreUnavailable:
        signs.forget()
        raise
    found: list[Job] = []
    for executor in signs.dead({name: known.get(name) for name in holders}):
        with database.writing() as connection:
            alone(connection, SWEEP)
            found += queue.take_over(executor)
    return found


def heal(
    database: Database,
    queue: Queue,
    *,
    at: datetime,
    settle: Callable[[], object] = lambda: None,
) -> list[Job]:
    """Enqueues every run that is to be done and has no job; those jobs.

    `settle` waits for those who are just about to enqueue one themselves, such as what
    failed, which is to wait for its next attempt.
    """
    with database.reading() as connection:
        wanted = _wanted(connection)
    lost = [recording_id for recording_id, _ in queue.lost(wanted)]
    if lost:
        settle()
    healed: list[Job] = []
    for start in range(0, len(lost), TOGETHER):
        healed += _heal_some(database, queue, lost[start : start + TOGETHER], at=at)
    return healed


def _heal_some(
    database: Database, queue: Queue, lost: list[str], *, at: datetime
) -> list[Job]:
    with database.writing() as connection:
        for recording_id, run in _wanted(connection, only=lost):
            if run == 0:
                # Its program was killed before it asked for a run.
                known = recordings.locked(connection, recording_id)
                if known.run:  # another worker was here first
                    continue
                runs.request(
                    connection,
                    recording_id,
                    priority=known.priority,
                    reason="batch",
                    at=at,
                )
    with database.writing() as connection:
        alone(connection, SWEEP)
        return queue.heal(_wanted(connection, only=lost))


def remove_orphans(database: Database, media: Media, *, at: datetime) -> int:
    """Deletes media that no recording has; how many."""
    removed = 0
    for key, modified in media.keys():  # noqa: SIM118 no mapping
        if at - modified < ORPHAN_AGE:
            continue
        # Nearly all have one, and no writer has to wait while that is asked.
        with database.reading() as connection:
            if recordings.media_is_known(connection, key):
                continue
        with database.writing() as connection:
            try:
                if recordings.media_is_known(connection, key):
                    continue
                # It may have come in again since it was listed.
                if at - media.modified(key) < ORPHAN_AGE:
                    continue
            except NotFound:
                continue
            media.delete(key)
            audit.record(
                connection, who="sweep", action="media.removed", detail={"key": key}, at=at
            )
        removed += 1
    return removed


def _wanted(
    connection: Connection, *, only: Sequence[str] | None = None
) -> dict[Job, Place]:
    return {
        (run.recording_id, run.run): Place(run.priority, run.version)
        for run in runs.unfinished(connection, only=only)
    }
