"""`callmon work`: starts the processes that analyse, and looks after them.

It gives the signs of life, starts a process again that crashed, ends one whose recording
was cancelled or that takes too much memory, pauses and drains; its `Sweeper` looks after
what others left. It holds no model and runs no native code of one.
"""

from __future__ import annotations

import os
import platform
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from math import inf
from multiprocessing.connection import wait

from sqlalchemy import Connection

from callmon.errors import (
    NotFound,
    StoreOutdated,
    StoreUnavailable,
    Transient,
)
from callmon.jobs.journal import now, report
from callmon.jobs.locks import hold
from callmon.jobs.queue import Job, Queue
from callmon.jobs.setup import Setup
from callmon.jobs.slots import BACK_OFF, Slot
from callmon.jobs.sweeper import Sweeper
from callmon.store import switches
from callmon.store.calls import recordings
from callmon.store.database import Database
from callmon.store.work import runs, workers

TICK_SECONDS = 0.5
"""A signal is answered, and a process that ended is seen, after that at the latest."""

BEAT_SECONDS = 5.0
"""Between two signs of life, and two looks for what others have asked for."""

CANCEL_SECONDS = 5.0
"""A process that does not see by itself that its run was cancelled is ended after that."""

CANCELLED = "Its recording was cancelled."

LEAST_SECONDS = 1800.0
"""That a step may take however short the call: a model may have to be downloaded first."""


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
        self._asked = 0
        self._draining = threading.Event()
        self._paused = False
        # Since when each of the jobs that run has not been wanted.
        self._unwanted: dict[Job, float] = {}
        # What is to be tried again, and when: after a pause that no process waits for.
        self._again: dict[Job, float] = {}
        self._outdated: StoreOutdated | None = None

    def drain(self) -> None:
        """Ends after the steps that are under way; asked again, at once.

        For signal handlers: takes no lock, which the interrupted code might hold.
        """
        self._asked += 1

    def run(self) -> None:
        """Works until drained.

        Raises Transient when the name is taken, StoreOutdated when the database was made
        by another callmon, or was migrated meanwhile.
        """
        with (
            hold(self.setup.locks, self.name, seconds=3.0),
            Database.open(self.setup.database) as database,
            Queue.open(self.setup.queue) as queue,
        ):
            sweeper = Sweeper(
                self.setup,
                database,
                queue,
                mine={slot.executor for slot in self._slots},
                retention_days=self.retention_days,
                ending=self._draining,
            )
            self._refuse_a_twin(database)
            self._beat(database, "working")
            for slot in self._slots:
                # Left by the last process of this name, perhaps of an older callmon.
                queue.take_over(slot.executor)
            sweeper.start()
            try:
                self._loop(database, queue)
            finally:
                self._draining.set()
                for slot in self._slots:
                    slot.end()
                sweeper.join(timeout=10)
                with suppress(StoreUnavailable):
                    for slot in self._slots:
                        self._release(slot.executor, database, queue, why=None)
                    self._beat(database, "stopped")
        if self._outdated is not None:
            raise self._outdated

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
            self._enqueue_again(database, queue)
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

    def _enqueue_again(self, database: Database, queue: Queue) -> None:
        """Puts what failed back into the queue, to be taken by anybody after a pause.

        What is lost of this by a crash or an outage is found by the sweep.
        """
        for slot in self._slots:
            while slot.again:
                self._again[slot.again.pop()] = time.monotonic()
        for job, since in list(self._again.items()):
            with suppress(StoreUnavailable, NotFound):
                with database.reading() as reading:
                    known = recordings.get(reading, job[0])
                waited = time.monotonic() - since
                pause = BACK_OFF[min(max(known.attempts, 1), len(BACK_OFF)) - 1]
                if known.run == job[1] and known.state == "queued":
                    delay = max(0.1, pause - waited)
                    if not queue.again(job, priority=known.priority, delay=delay):
                        continue
            del self._again[job]

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
                    runs.hand_back(writing, *job, worker=executor)
                else:
                    runs.fail(
                        writing,
                        *job,
                        error=why,
                        kind="transient",
                        max_attempts=self.setup.max_attempts,
                        worker=executor,
                        at=now(),
                    )
        queue.take_over(executor)

    def _look(self, database: Database, queue: Queue) -> None:
        """Gives a sign of life and looks for what others have asked for."""
        self._beat(database, "draining" if self._draining.is_set() else "working")
        try:
            database.check()
        except StoreOutdated as error:
            if self._outdated is None:
                report(f"{error} This worker ends after the present step.")
            self._outdated = error
            self._draining.set()
        with database.reading() as reading:
            self._paused = switches.on_since(reading, switches.PAUSED) is not None
            unwanted = [
                slot.job
                for slot in self._slots
                if slot.job is not None
                and not runs.is_live(reading, *slot.job, worker=slot.executor)
            ]
            limits = {slot.executor: self._limit(reading, slot) for slot in self._slots}
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
            elif slot.step and moment - slot.step_since > limits[slot.executor]:
                slot.end(
                    f"The step {slot.step!r} was not done after"
                    f" {moment - slot.step_since:,.0f} seconds and was ended. If it needs"
                    " longer here, a higher step_limit among the settings would work."
                )
        if self.until_idle and not self._again and queue.is_empty():
            with database.reading() as reading:
                if runs.all_ended(reading):
                    self._draining.set()

    def _limit(self, reading: Connection, slot: Slot) -> float:
        """Seconds that the present step of a slot may take."""
        if slot.job is None or not self.setup.step_limit:
            return inf
        try:
            duration = recordings.get(reading, slot.job[0]).duration
        except NotFound:
            duration = None
        return max(LEAST_SECONDS, self.setup.step_limit * (duration or 0.0))

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
