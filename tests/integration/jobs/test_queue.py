"""The queue on both databases, as those have it who only enqueue."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from callmon.errors import StoreUnavailable
from callmon.jobs import queue as module
from callmon.jobs.queue import BATCH, STEPS, UPLOAD, Place, Queue
from callmon.store.work import versions

NEWER = "9.0.0+1"
ROOT = Path(__file__).resolve().parents[3]

WORKER = """
import os, sys, threading, time
from callmon.jobs.queue import HandBack, serving

url, executor, told = sys.argv[1:]
over = threading.Event()

class Handler:
    def begin(self, recording_id, run):
        print(recording_id, run, flush=True)
        return True
    def perform(self, step, recording_id, run):
        if over.is_set():
            raise HandBack
        print(step, flush=True)
        if told == f"die in {step}":
            os._exit(9)
        if told == f"leave after {step}" or step == "judgement":
            over.set()
        return True

with serving(url, executor=executor, handler=Handler()):
    over.wait(30)
    time.sleep(0.5)  # for the end of the job to be written down
os._exit(0)
"""
"""A worker for one job, which does nothing in its steps but what it is told."""


def work(url: str, told: str = "", *, executor: str = "w/1", code: int = 0) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", WORKER, url, executor, told],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout.split()


def test_a_job_is_in_the_queue_once(queue: Queue) -> None:
    for _ in range(3):
        queue.enqueue("abc", 1, priority=BATCH)
    queue.enqueue("abc", 2, priority=UPLOAD)

    assert queue.live() == {("abc", 1), ("abc", 2)}
    assert queue.depth() == 2


def test_a_cancelled_job_is_gone(queue: Queue) -> None:
    queue.enqueue("abc", 1, priority=BATCH)
    queue.cancel("abc", 1)

    assert queue.live() == set()


def test_to_cancel_what_is_not_there_is_no_error(queue: Queue) -> None:
    queue.cancel("abc", 7)


def test_what_is_wanted_and_not_live_is_enqueued(queue: Queue) -> None:
    queue.enqueue("abc", 1, priority=BATCH)
    queue.enqueue("def", 1, priority=BATCH)
    queue.cancel("def", 1)  # as the engine leaves one that it has given up

    healed = queue.heal({("abc", 1): Place(1), ("def", 1): Place(1), ("ghi", 4): Place(2)})

    assert healed == [("def", 1), ("ghi", 4)]
    assert queue.live() == {("abc", 1), ("def", 1), ("ghi", 4)}


def test_a_queue_can_be_opened_by_many(queue: Queue, queue_url: str) -> None:
    queue.enqueue("abc", 1, priority=BATCH)
    with Queue.open(queue_url) as other:
        assert other.live() == {("abc", 1)}


def test_a_job_goes_through_all_steps_and_is_remembered_for_a_while(
    queue: Queue, queue_url: str
) -> None:
    queue.enqueue("abc", 3, priority=BATCH)
    assert work(queue_url) == ["abc", "3", *STEPS]

    assert queue.live() == set()
    queue.enqueue("abc", 3, priority=BATCH)
    assert queue.live() == set()  # the id of a job that ended is no new job
    assert queue.forget(days=1.0) == 0
    assert queue.forget(days=0.0) == 1
    queue.enqueue("abc", 3, priority=BATCH)
    assert queue.live() == {("abc", 3)}


def test_a_worker_that_starts_again_goes_on_after_the_last_full_step(
    queue: Queue, queue_url: str
) -> None:
    queue.enqueue("abc", 1, priority=BATCH)
    assert work(queue_url, "die in speakers", code=9)[-1] == "speakers"

    assert queue.taken() == {"w/1": [("abc", 1)]}
    assert work(queue_url) == ["abc", "1", "speakers", "tones", "judgement"]


def test_the_job_of_a_dead_worker_goes_to_another(queue: Queue, queue_url: str) -> None:
    queue.enqueue("abc", 1, priority=BATCH)
    work(queue_url, "die in transcript", code=9)

    assert queue.take_over("w/1") == [("abc", 1)]
    assert queue.take_over("w/1") == []
    assert work(queue_url, executor="v/1")[2:] == list(STEPS[1:])


def test_a_job_that_is_left_can_be_handed_back(queue: Queue, queue_url: str) -> None:
    queue.enqueue("abc", 1, priority=BATCH)
    assert work(queue_url, "leave after transcript")[-1] == "transcript"

    assert queue.take_over("w/1") == [("abc", 1)]
    assert work(queue_url, executor="v/1")[-3:] == list(STEPS[2:])


def test_a_database_that_is_away_is_told_without_its_address(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for url in (
        "postgresql+psycopg://me:secret@127.0.0.1:9/x",
        f"sqlite:///{tmp_path}/file/secret/queue.db",
    ):
        with pytest.raises(StoreUnavailable) as told:
            Queue.open(url)
        assert "secret" not in str(told.value)


def test_a_worker_leaves_the_jobs_of_a_newer_callmon_to_newer_workers(
    queue: Queue, queue_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as newer:
        newer.setattr(versions, "STAMP", NEWER)
        queue.enqueue("new", 1, priority=UPLOAD)
    queue.enqueue("old", 1, priority=BATCH)

    assert queue.waiting() == {NEWER: 1, versions.STAMP: 1}
    assert work(queue_url)[0] == "old"
    assert queue.adopt() == 0
    assert queue.waiting() == {NEWER: 1}


def test_a_newer_worker_takes_what_waits_for_older_ones(
    queue: Queue, queue_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = versions.STAMP
    for number, priority in enumerate((BATCH, UPLOAD, BATCH)):
        queue.enqueue(f"r{number}", 1, priority=priority)
    monkeypatch.setattr(versions, "STAMP", NEWER)
    monkeypatch.setattr(module, "AT_ONCE", 2)

    assert queue.adopt() == 2
    assert queue.adopt() == 0  # there is enough to do
    assert queue.waiting() == {NEWER: 2, older: 1}
    monkeypatch.setattr(versions, "STAMP", older)
    assert work(queue_url)[0] == "r2"


def test_a_lost_job_of_a_newer_callmon_is_enqueued_for_newer_workers(queue: Queue) -> None:
    queue.heal({("new", 1): Place(BATCH, NEWER), ("old", 1): Place(BATCH, "1")})
    assert queue.waiting() == {NEWER: 1, versions.STAMP: 1}


def test_a_job_that_has_ended_is_enqueued_again_for_later(
    queue: Queue, queue_url: str
) -> None:
    queue.enqueue("abc", 1, priority=BATCH)
    work(queue_url, "die in audio", code=9)
    assert not queue.again(("abc", 1), priority=BATCH, delay=1.5)  # it runs
    queue.take_over("w/1")
    work(queue_url)
    assert queue.is_empty()

    assert queue.again(("abc", 1), priority=BATCH, delay=1.5)
    assert queue.again(("abc", 1), priority=BATCH, delay=0.0)  # it waits already
    assert not queue.is_empty()
    assert queue.depth() == 1
    began = time.monotonic()
    assert work(queue_url)[0] == "abc"
    assert time.monotonic() - began > 1.0
