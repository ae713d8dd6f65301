"""A worker's name is its own, on all machines that share a database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callmon.errors import Transient
from callmon.jobs import worker
from callmon.jobs.queue import Job, Queue
from callmon.jobs.setup import Setup
from callmon.jobs.slots import Slot
from callmon.jobs.worker import Worker
from callmon.store.database import Database
from callmon.store.work import runs, workers
from tests.integration.store.made import NOON, add


def never(*_: object) -> Any:
    raise AssertionError("nothing is analysed here")


def beats(database: Database, *, state: workers.WorkerState = "working") -> None:
    with database.writing() as connection:
        workers.beat(
            connection,
            "w/1",
            host="another machine",
            pid=7,
            state=state,
            at=datetime.now(UTC),
        )


@pytest.fixture
def setup(database_url: str, queue_url: str, tmp_path: Path) -> Setup:
    return Setup(
        database=database_url,
        queue=queue_url,
        media=str(tmp_path / "media"),
        locks=tmp_path / "locks",
        load=never,
        plan=never,
        read_rubric=never,
        max_attempts=3,
    )


@pytest.fixture
def run(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Runs a worker called `w` that has nothing to do and ends."""
    monkeypatch.setattr(worker, "BEAT_SECONDS", 0.1)

    def run() -> None:
        one = Worker(setup, name="w", concurrency=1)
        one.drain()
        one.run()

    return run


def test_a_worker_that_lives_on_another_machine_keeps_its_name(
    database: Database, run: Callable[[], None]
) -> None:
    over = threading.Event()

    def live() -> None:
        while not over.wait(0.02):
            beats(database)

    beats(database)
    other = threading.Thread(target=live)
    other.start()
    try:
        with pytest.raises(Transient, match="'w' runs on another machine"):
            run()
    finally:
        over.set()
        other.join()


def test_the_name_of_one_that_died_or_stopped_on_another_machine_is_free(
    database: Database, run: Callable[[], None]
) -> None:
    beats(database)
    run()
    beats(database, state="stopped")
    run()

    with database.reading() as connection:
        (known,) = workers.every(connection)
    assert (known.state, known.host != "another machine") == ("stopped", True)


def test_a_process_is_ended_for_a_cancelled_job_and_not_for_two_that_are_done(
    setup: Setup, database: Database, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[Slot] = []
    monkeypatch.setattr(Slot, "end", lambda slot, _reason: ended.append(slot))
    monkeypatch.setattr(worker, "CANCEL_SECONDS", 0.05)
    one = Worker(setup, name="w", concurrency=1)
    (slot,) = one._slots
    jobs = []
    with database.writing() as connection:
        for content in ("done", "done too", "cancelled"):
            call = add(connection, content).id
            run = runs.request(connection, call, priority=1, reason="upload", at=NOON)
            jobs.append((call, run))
        runs.finish(connection, *jobs[0], at=NOON)
        runs.finish(connection, *jobs[1], at=NOON)
        runs.cancel(connection, jobs[2][0], at=NOON)

    def look_at(job: Job) -> None:
        slot.job = job
        one._look(database, queue)
        time.sleep(0.1)

    # Each is looked at between the commit of its end and the word that it has ended.
    look_at(jobs[0])
    look_at(jobs[1])
    assert ended == []

    look_at(jobs[2])
    look_at(jobs[2])
    assert ended == [slot]
