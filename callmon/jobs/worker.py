"""`callmon work`: starts the processes that analyse, and looks after them.

It gives the signs of life, starts a process again that crashed, ends one whose recording
was cancelled or that takes too much memory, sweeps, pauses and drains. It holds no model
and runs no native code of one.
"""

from __future__ import annotations

import os
import platform
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.connection import wait

from sqlalchemy import Connection

from callmon.errors import CallmonError, NotFound, StoreUnavailable, Transient
from callmon.jobs import sweep
from callmon.jobs.journal import now, reason, report
from callmon.jobs.locks import hold
from callmon.jobs.products import index_missing
from callmon.jobs.queue import Job, Queue
from callmon.jobs.retention import retain
from callmon.jobs.setup import Setup
from callmon.jobs.slots import Slot
from callmon.store import switches
from callmon.store.calls import recordings
from callmon.store.database import Database
from callmon.store.media import Media
from callmon.store.reports import call_figures
from callmon.store.reviews import controls
from callmon.store.work import runs, workers

TICK_SECONDS = 0.5
"""A signal is answered, and a process that ended is seen, after that at the latest."""

BEAT_SECONDS = 5.0
"""Between two signs of life, and two looks for what others have asked for."""

SWEEP_SECONDS = 30.0
"""Between two looks for lost jobs; each reads the ids of all that waits."""

CLEAN_SECONDS = 3600.0
"""Between two looks for what is to be deleted; each lists the whole media store."""

CANCEL_SECONDS = 5.0
"""A process that does not see by itself that its run was cancelled is ended after that."""

CANCELLED = "Its recording was cancelled."


@dataclass
class Worker:
    """A worker of some name with so many slots; `run` blocks."""

    setup: Setup
    name: str
    concurrency: int
    retention_days: int | None = None
    max_bytes: int | None = None
    """Memory that one process may take."""
    until_idle: bool = False

    def __post_init__(self) -> None:
        self._slots = [Slot(f"{self.name}/{n + 1}") for n in range(self.concurrency)]
        self._signs = sweep.Signs(silent=sweep.SILENT_SECONDS)
        self._asked = 0
        self._draining = threading.Event()
        self._paused = False
        # Since when each of the jobs that run has not been wanted.
        self._unwanted: dict[Job, float] = {}

    def drain(self) -> None:
        """Ends after the steps that are under way; asked again, at once.

        For signal handlers: takes no lock, which the interrupted code might hold.
        """
        self._asked += 1

    def run(self) -> None:
        """Works until drained. Raises Transient when the name is taken."""
        with (
            hold(self.setup.locks, self.name, seconds=3.0),
            Database.open(self.setup.database) as database,
            Queue.open(self.setup.queue) as queue,
        ):
            sweeping = threading.Thread(
                target=self._sweep, args=(database, queue), daemon=True
            )
            self._refuse_a_twin(database)
            self._beat(database, "working")
            sweeping.start()
            try:
                self._loop(database, queue)
            finally:
                self._draining.set()
                for slot in self._slots:
                    slot.end()
                sweeping.join(timeout=10)
                with suppress(StoreUnavailable):
                    for slot in self._slots:
                        self._release(slot.executor, database, queue, why=None)
                    self._beat(database, "stopped")

    def _loop(self, database: Database, queue: Queue) -> None:
        beat_at = 0.0
        while self._asked < 2:
            if self._asked:
                self._draining.set()
            moment = time.monotonic()
            for slot in self._slots:
                if slot.process is not None:
                    slot.hear()
            if moment >= beat_at:
                beat_at = moment + BEAT_SECONDS
                try:
                    self._look(database, queue)
                except StoreUnavailable as error:
                    report(str(error))
            for slot in self._slots:
                if slot.process is not None and not slot.process.is_alive():
                    self._reap(slot, database, queue)
            if self._draining.is_set() or self._paused:
                for slot in self._slots:
                    slot.ask_to_drain()
                if self._draining.is_set() and not any(s.process for s in self._slots):
                    return
            else:
                for slot in self._slots:
                    if slot.process is None and moment >= slot.start_at:
                        slot.start(self.setup)
            pipes = [slot.pipe for slot in self._slots if slot.pipe is not None]
            sentinels = [slot.process.sentinel for slot in self._slots if slot.process]
            if pipes or sentinels:
                wait([*pipes, *sentinels], timeout=TICK_SECONDS)
            else:
                time.sleep(TICK_SECONDS)

    def _reap(self, slot: Slot, database: Database, queue: Queue) -> None:
        """What is to be done after a process has ended."""
        why = slot.reap()
        if why is not None:
            report(f"{slot.executor}: {why}")
        try:
            # The next job may have been begun already, and is not to blame.
            blamed = None if why == CANCELLED else why
            self._release(slot.executor, database, queue, why=blamed)
        except StoreUnavailable as error:
            # The next process of this executor, or another worker, takes the job up.
            report(str(error))

    def _release(
        self, executor: str, database: Database, queue: Queue, *, why: str | None
    ) -> None:
        """Gives the jobs of an executor that has ended back to the queue.

        Where it crashed that was an attempt, and `why` its error.
        """
        for job in queue.taken().get(executor, []):
            with database.writing() as writing, suppress(NotFound):
                if why is None:
                    runs.hand_back(writing, *job)
                else:
                    runs.fail(
                        writing,
                        *job,
                        error=why,
                        kind="transient",
                        max_attempts=self.setup.max_attempts,
                        at=now(),
                    )
        queue.take_over(executor)

    def _look(self, database: Database, queue: Queue) -> None:
        """Gives a sign of life and looks for what others have asked for."""
        self._beat(database, "draining" if self._draining.is_set() else "working")
        with database.reading() as reading:
            self._paused = switches.on_since(reading, switches.PAUSED) is not None
            jobs = [slot.job for slot in self._slots if slot.job is not None]
            unwanted = [job for job in jobs if not _is_wanted(reading, job)]
        moment = time.monotonic()
        # By job: one that has just been finished is not wanted either, and the next time
        # another one may be at that point.
        self._unwanted = {job: self._unwanted.get(job, moment) for job in unwanted}
        for slot in self._slots:
            since = self._unwanted.get(slot.job, moment) if slot.job else moment
            if moment - since >= CANCEL_SECONDS:
                slot.end(CANCELLED)
            elif self.max_bytes is not None and slot.memory() > self.max_bytes:
                slot.end(f"It took more memory than {self.max_bytes:,} bytes.")
        if self.until_idle and not queue.live():
            with database.reading() as reading:
                if not runs.unfinished(reading):
                    self._draining.set()

    def _beat(self, database: Database, state: workers.WorkerState) -> None:
        with database.writing() as writing:
            for slot in self._slots:
                workers.beat(
                    writing,
                    slot.executor,
                    host=platform.node(),
                    pid=os.getpid(),
                    state=state,
                    at=now(),
                )

    def _refuse_a_twin(self, database: Database) -> None:
        """Raises Transient when a worker on another machine has this name and lives.

        The lock is of this machine alone. Only what changes under our eyes lives: the
        clocks of two machines need not agree.
        """
        before = self._beats(database)
        if not before:
            return
        report("a worker of this name ran on another machine; waiting for its sign of life")
        time.sleep(2.5 * BEAT_SECONDS)
        if self._beats(database) != before:
            raise Transient(
                f"A worker called {self.name!r} runs on another machine. Give this one"
                " another name with --name."
            )

    def _beats(self, database: Database) -> dict[str, datetime]:
        mine = {slot.executor for slot in self._slots}
        with database.reading() as reading:
            return {
                worker.name: worker.at
                for worker in workers.every(reading)
                if worker.name in mine
                and worker.host != platform.node()
                and worker.state != "stopped"
            }

    def _sweep(self, database: Database, queue: Queue) -> None:
        """The rounds of `sweep`, in a thread of their own, for deleting takes its time."""
        media = Media.open(self.setup.media)
        mine = {slot.executor for slot in self._slots}
        clean_at = 0.0
        while not self._draining.is_set():
            moment = time.monotonic()
            try:
                for job in sweep.take_over(database, queue, self._signs, mine=mine):
                    report(f"{job[0]}: taken over from a worker that is gone")
                for job in sweep.heal(database, queue, at=now()):
                    report(f"{job[0]}: queued again, its job was lost")
                index_missing(database)
                with database.writing() as writing:
                    controls.catch_up(writing, share=self.setup.control_share, at=now())
                if moment >= clean_at:
                    clean_at = moment + CLEAN_SECONDS
                    self._clean(database, media, queue)
            except CallmonError as error:
                report(str(error))
            except Exception as error:  # noqa: BLE001 the edge of the thread
                report(reason(error))
            self._draining.wait(SWEEP_SECONDS)

    def _clean(self, database: Database, media: Media, queue: Queue) -> None:
        counted = 1
        while counted:
            with database.writing() as writing:
                counted = call_figures.catch_up(writing)
        deleted = retain(database, media, queue, days=self.retention_days, at=now())
        for kind, number in deleted.items():
            report(f"{number} deleted by the rule of retention for: {kind}")
        removed = sweep.remove_orphans(database, media, at=now())
        if removed:
            report(f"{removed} files removed from the media store that no recording has")
        queue.forget(days=sweep.ENDED_DAYS)
        with database.writing() as writing:
            workers.forget(writing, before=now() - timedelta(days=sweep.ENDED_DAYS))


def _is_wanted(reading: Connection, job: Job) -> bool:
    recording_id, run = job
    try:
        known = recordings.get(reading, recording_id)
    except NotFound:
        return False
    return known.run == run and known.state in ("queued", "analysing")
