"""A worker's name is its own, on all machines that share a database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callmon.errors import Transient
from callmon.jobs import worker
from callmon.jobs.queue import Queue
from callmon.jobs.setup import Setup
from callmon.jobs.slots import Slot
from callmon.jobs.worker import Worker
from callmon.store import workers
from callmon.store.database import Database


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
def run(
    database_url: str, queue_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], None]:
    """Runs a worker called `w` that has nothing to do and ends."""
    monkeypatch.setattr(worker, "BEAT_SECONDS", 0.1)
    setup = Setup(
        database=database_url,
        queue=queue_url,
        media=str(tmp_path / "media"),
        locks=tmp_path / "locks",
        load=never,
        plan=never,
        read_rubric=never,
        max_attempts=3,
    )

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
