"""The thread of a worker that looks after what others left: jobs of workers that are gone,
lost jobs, what is to be made up for, and what is to be deleted."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from math import inf

from callmon.errors import CallmonError
from callmon.jobs import sweep
from callmon.jobs.journal import now, reason, report
from callmon.jobs.products import index_missing, redact_missing
from callmon.jobs.queue import Queue
from callmon.jobs.retention import retain
from callmon.jobs.setup import Setup
from callmon.store.database import Database
from callmon.store.media import Media
from callmon.store.reports import call_figures
from callmon.store.reviews import controls
from callmon.store.work import versions, workers

SWEEP_SECONDS = 30.0
"""Between two looks for lost jobs; each reads the ids of all that waits."""

SETTLE_SECONDS = 5.0
"""For which a job must have been lost to be queued again."""

CLEAN_SECONDS = 3600.0
"""Between two looks for what is to be deleted; each lists the whole media store."""


class Sweeper(threading.Thread):
    """Makes its rounds until `ending` is set. A thread of its own, for deleting takes its
    time; `mine` are the executors of its worker, who look after themselves."""

    def __init__(
        self,
        setup: Setup,
        database: Database,
        queue: Queue,
        *,
        mine: set[str],
        retention_days: int | None,
        ending: threading.Event,
    ) -> None:
        super().__init__(daemon=True)
        self._setup = setup
        self._database = database
        self._queue = queue
        self._mine = mine
        self._retention_days = retention_days
        self._ending = ending
        self._signs = sweep.Signs(silent=sweep.SILENT_SECONDS)
        self._healed_at = self._cleaned_at = -inf
        self._redacting = True

    def run(self) -> None:
        media = Media.open(self._setup.media)
        while not self._ending.is_set():
            try:
                self._round(media)
            except CallmonError as error:
                report(str(error))
            except Exception as error:  # noqa: BLE001 the edge of the thread
                report(reason(error))
            self._ending.wait(SWEEP_SECONDS)

    def _round(self, media: Media) -> None:
        moment = time.monotonic()
        for job in sweep.take_over(
            self._database, self._queue, self._signs, mine=self._mine
        ):
            report(f"{job[0]}: taken over from a worker that is gone")
        # Each looks the more seldom the more there are: together as often as one.
        peers = _count_living(self._database)
        if moment - self._healed_at >= SWEEP_SECONDS * peers:
            self._healed_at = moment
            for job in sweep.heal(
                self._database,
                self._queue,
                at=now(),
                settle=lambda: self._ending.wait(SETTLE_SECONDS),
            ):
                report(f"{job[0]}: queued again, its job was lost")
        self._tell_of_versions()
        # All are redacted by these rules from then on.
        self._redacting = self._redacting and redact_missing(self._database) > 0
        index_missing(self._database)
        with self._database.writing() as writing:
            controls.catch_up(writing, share=self._setup.control_share, at=now())
        if moment - self._cleaned_at >= CLEAN_SECONDS * peers:
            self._cleaned_at = moment
            self._clean(media)

    def _tell_of_versions(self) -> None:
        """Takes jobs of older callmons, and tells of those for newer ones only."""
        adopted = self._queue.adopt()
        if adopted:
            report(f"{adopted} jobs of an older callmon are for this one now")
        for stamp, number in self._queue.waiting().items():
            if versions.is_newer(stamp, versions.STAMP):
                report(
                    f"{number} jobs wait for callmon {versions.release(stamp)}; this worker"
                    f" is of {versions.release(versions.STAMP)} and leaves them"
                )

    def _clean(self, media: Media) -> None:
        counted = 1
        while counted:
            with self._database.writing() as writing:
                counted = call_figures.catch_up(writing)
        deleted = retain(
            self._database, media, self._queue, days=self._retention_days, at=now()
        )
        for kind, number in deleted.items():
            report(f"{number} deleted by the rule of retention for: {kind}")
        removed = sweep.remove_orphans(self._database, media, at=now())
        if removed:
            report(f"{removed} files removed from the media store that no recording has")
        self._queue.forget(days=sweep.ENDED_DAYS)
        with self._database.writing() as writing:
            workers.forget(writing, before=now() - timedelta(days=sweep.ENDED_DAYS))


def _count_living(database: Database) -> int:
    """Of the worker programs; one at least."""
    since = now() - timedelta(seconds=sweep.SILENT_SECONDS)
    with database.reading() as reading:
        known = workers.every(reading)
    living = {(w.host, w.pid) for w in known if w.state != "stopped" and w.at >= since}
    return max(1, len(living))
