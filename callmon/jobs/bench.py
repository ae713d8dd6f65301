"""Where one process works off its jobs, one recording at a time.

What goes wrong ends here: a permanent error ends the run, a transient one the attempt, and
an outage of a store is waited for. A job that was begun is always ended, or handed back.
The next attempt is for the queue to bring: a recording that fails keeps no other waiting.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, repeat
from multiprocessing.connection import Connection as Pipe
from typing import TypeVar

from sqlalchemy import Connection

from callmon import tracing
from callmon.errors import MissingModel, NotFound, Permanent, StoreUnavailable
from callmon.jobs.journal import now, reason, report
from callmon.jobs.products import make_products
from callmon.jobs.progress import overall
from callmon.jobs.queue import STEPS, HandBack
from callmon.jobs.setup import Setup
from callmon.jobs.shelf import StoreShelf, sound
from callmon.jobs.steps import Cancelled, Engines, Steps
from callmon.redaction.call import redact_call
from callmon.store.calls import analyses, channel_maps, recordings
from callmon.store.calls.recordings import StoredRecording
from callmon.store.database import Database
from callmon.store.media import Media
from callmon.store.reviews import controls
from callmon.store.work import rubrics, runs

OUTAGE_SECONDS = 600.0
"""How long a store or a model that is away is waited for within one attempt. An outage is
no fault of the recording; only one that lasts is counted as an attempt."""

PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds between two looks whether an outage is over; the last one again and again."""

PROGRESS_SECONDS = 1.0
"""Progress is written at most so often."""

T = TypeVar("T")


class Bench:
    """What the queue hands jobs to; a `queue.Handler`."""

    def __init__(
        self,
        setup: Setup,
        engines: Engines,
        database: Database,
        executor: str,
        pipe: Pipe,
        draining: threading.Event,
    ) -> None:
        self._setup = setup
        self._engines = engines
        self._database = database
        self._media = Media.open(setup.media)
        self._executor = executor
        self._pipe = pipe
        self._draining = draining
        self._busy = threading.Lock()
        self._steps: Steps | None = None

    def close(self) -> None:
        """Waits for the step that is under way."""
        with self._busy:
            self._clear()

    def begin(self, recording_id: str, run: int) -> bool:
        with self._busy:
            try:
                return self._surely(lambda: self._begin(recording_id, run))
            except Permanent as error:
                self._fail(recording_id, run, str(error), kind="permanent")
            except Exception as error:  # noqa: BLE001 the outermost edge of a job
                self._fail(recording_id, run, reason(error), kind="transient")
            self._clear()
            return False

    def perform(self, step: str, recording_id: str, run: int) -> bool:
        with self._busy:
            try:
                goes_on = self._perform(step, recording_id, run)
            except NotFound:  # the recording was deleted
                goes_on = False
            if not goes_on:
                self._clear()
                self._tell(recording_id, run, "ended")
            return goes_on

    def _perform(self, step: str, recording_id: str, run: int) -> bool:
        """Tries until the step is done or the attempt has ended."""
        waited = 0.0
        pauses = chain(PAUSES, repeat(PAUSES[-1]))
        while True:
            try:
                with tracing.of_step(step, recording_id, run):
                    self._try(step, recording_id, run)
                return step != STEPS[-1]
            except Cancelled:
                return False
            except Permanent as error:
                self._fail(recording_id, run, str(error), kind="permanent")
                return False
            except Exception as error:  # noqa: BLE001 the outermost edge of a job
                outage = isinstance(error, (StoreUnavailable, MissingModel))
                if outage and waited < OUTAGE_SECONDS:
                    pause = next(pauses)
                    report(f"{recording_id}: {error} Trying again in {pause:.0f} s.")
                    self._wait(pause)
                    waited += pause
                else:
                    self._fail(recording_id, run, reason(error), kind="transient")
                    return False

    def _try(self, step: str, recording_id: str, run: int) -> None:
        if self._draining.is_set():
            raise HandBack
        steps = self._steps
        if steps is None:  # the run was given up in an earlier step
            raise Cancelled
        self._tell(recording_id, run, step)
        steps.take(step)
        with self._database.reading() as connection:
            if not runs.is_live(connection, recording_id, run, worker=self._executor):
                raise Cancelled
        if step == STEPS[0]:
            with self._database.writing() as connection, _gone_is_cancelled():
                recordings.describe(
                    connection,
                    recording_id,
                    duration=round(steps.heard.duration, 3),
                    channels=steps.heard.channels,
                )
        elif step == STEPS[-1]:
            self._save(steps, run)

    def _save(self, steps: Steps, run: int) -> None:
        """Keeps the judgement, and with it what lets people listen and search."""
        recording, analysis = steps.recording, steps.analysis
        try:
            make_products(self._database, self._media, recording.media, lambda: steps.audio)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 the judgement itself is there
            report(f"{recording.id}: cannot be listened to. {reason(error)}")
        redacted = redact_call(analysis)
        with self._database.writing() as connection, _gone_is_cancelled():
            if runs.finish(connection, recording.id, run, worker=self._executor, at=now()):
                saved = analyses.save(
                    connection,
                    recording.id,
                    run,
                    analysis,
                    redacted=redacted,
                    at=now(),
                )
                controls.draw(
                    connection,
                    saved,
                    analysis,
                    share=self._setup.control_share,
                    at=now(),
                )

    def _begin(self, recording_id: str, run: int) -> bool:
        """Whether there is something to do; then its steps are laid out."""
        self._clear()
        limit = self._setup.max_attempts
        try:
            with self._database.writing() as connection:
                if not runs.begin(
                    connection, recording_id, run, worker=self._executor, at=now()
                ):
                    return False
                recording = recordings.get(connection, recording_id)
                if recording.attempts > limit:
                    last = recording.error or "The worker was ended each time."
                    runs.fail(
                        connection,
                        recording_id,
                        run,
                        error=f"Given up after {limit} attempts. {last}",
                        kind="permanent",
                        at=now(),
                    )
                    return False
                recording = _with_channel(connection, recording)
                name = runs.rubric_of(connection, recording_id, run)
                document = None if name is None else rubrics.load(connection, name)
        except NotFound:  # the recording was deleted
            return False
        self._steps = Steps(
            recording,
            sound=lambda: sound(self._setup.media, recording.media, name=recording.name),
            engines=self._engines,
            plan=self._setup.plan(recording),
            rubric=None if document is None else self._setup.read_rubric(document),
            shelf=StoreShelf(self._database, recording_id, run=run, worker=self._executor),
            progress=Reporter(self._database, recording_id, run, worker=self._executor),
        )
        self._tell(recording_id, run, "begun")
        if recording.queued_at is not None:
            tracing.of_waiting(recording_id, run, since=recording.queued_at, until=now())
        return True

    def _fail(
        self, recording_id: str, run: int, error: str, *, kind: runs.FailureKind
    ) -> None:
        def write() -> recordings.RecordingState:
            with self._database.writing() as connection:
                return runs.fail(
                    connection,
                    recording_id,
                    run,
                    error=error,
                    kind=kind,
                    max_attempts=self._setup.max_attempts,
                    worker=self._executor,
                    at=now(),
                )

        if self._surely(write) == "queued":
            self._tell(recording_id, run, "again")

    def _surely(self, ask: Callable[[], T]) -> T:
        """What the store answers, however long it is away."""
        pauses = chain(PAUSES, repeat(PAUSES[-1]))
        while True:
            if self._draining.is_set():
                raise HandBack
            try:
                return ask()
            except StoreUnavailable:
                self._wait(next(pauses))

    def _wait(self, seconds: float) -> None:
        if self._draining.wait(seconds):
            raise HandBack

    def _tell(self, recording_id: str, run: int, word: str) -> None:
        with suppress(OSError):
            self._pipe.send((recording_id, run, word))

    def _clear(self) -> None:
        if self._steps is not None:
            self._steps.close()
            self._steps = None


class Reporter:
    """Writes progress to the store, and raises Cancelled when the run is not wanted."""

    def __init__(
        self, database: Database, recording_id: str, run: int, *, worker: str
    ) -> None:
        self._database = database
        self._recording_id = recording_id
        self._run = run
        self._worker = worker
        self._step = ""
        self._next = 0.0

    def __call__(self, step: str, share: float) -> None:
        moment = time.monotonic()
        if step == self._step and moment < self._next:
            return
        self._step, self._next = step, moment + PROGRESS_SECONDS
        try:
            with self._database.writing() as connection:
                wanted = runs.stage(
                    connection,
                    self._recording_id,
                    self._run,
                    stage=step,
                    progress=overall(step, share),
                    worker=self._worker,
                    at=now(),
                )
        except StoreUnavailable:
            return  # the work itself can go on
        if not wanted:
            raise Cancelled


def _with_channel(connection: Connection, recording: StoredRecording) -> StoredRecording:
    """With the agent's channel that people have told of its source, if it has none."""
    if recording.metadata.agent_channel is not None:
        return recording
    channel = channel_maps.recall(connection, recording.source)
    metadata = recording.metadata.model_copy(update={"agent_channel": channel})
    return recording.model_copy(update={"metadata": metadata})


@contextmanager
def _gone_is_cancelled() -> Iterator[None]:
    try:
        yield
    except NotFound:
        raise Cancelled from None
