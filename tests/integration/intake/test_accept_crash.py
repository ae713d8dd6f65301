"""A program that is killed while it takes a recording in, at each step."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callmon.intake.accept import Intake, accept
from callmon.jobs.queue import BATCH, Queue
from callmon.jobs.queue import Place as InQueue
from callmon.metadata import Metadata
from callmon.store.calls import recordings
from callmon.store.database import Database
from callmon.store.media import Media
from callmon.store.work import runs
from tests.integration.intake.taking import wav

PROGRAM = """
import os, signal, sys
from callmon.commands import add
from callmon.intake import accept
from callmon.jobs.queue import Queue
from callmon.store.work import runs
from callmon.store.media import Media
from callmon.cli import main

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def after(owner, name):
    real = getattr(owner, name)
    def run(*arguments, **options):
        real(*arguments, **options)
        die()
    setattr(owner, name, run)

def while_reading():
    real = add.accept
    def run(stream, *arguments, **options):
        class Dying:
            def read(self, size):
                return stream.read(size) if stream.tell() < 2**20 else die()
        return real(Dying(), *arguments, **options)
    add.accept = run

{
    "sniffed": lambda: after(accept, "sniff"),
    "half received": while_reading,
    "received, not in its place": lambda: setattr(Media, "_move", die),
    "in its place, no row": lambda: after(Media, "receive"),
    "row and run, not committed": lambda: after(runs, "request"),
    "committed, not queued": lambda: setattr(Queue, "enqueue", die),
    "queued": lambda: after(Queue, "enqueue"),
}[sys.argv[1]]()
sys.exit(main(["add", sys.argv[2]]))
"""

STEPS = {
    "sniffed": False,
    "half received": False,
    "received, not in its place": False,
    "in its place, no row": False,
    "row and run, not committed": False,
    "committed, not queued": True,
    "queued": True,
}
"""Whether the recording is there after a kill behind each step."""


@dataclass(frozen=True)
class Place:
    """One store for all steps; each brings another call."""

    folder: Path
    intake: Intake


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("crash")
    with (
        Database.open(f"sqlite:///{folder / 'callmon.db'}") as database,
        Queue.open(f"sqlite:///{folder / 'callmon-queue.db'}") as queue,
    ):
        media = Media.open(str(folder / "media"))
        yield Place(folder, Intake(database, media, queue, 2**30, 0))


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_leaves_nothing_or_a_recording_that_will_be_analysed(
    step: str, place: Place
) -> None:
    data = wav(step, seconds=150)
    call = place.folder / "call.wav"
    call.write_bytes(data)
    database, media, queue = place.intake.database, place.intake.media, place.intake.queue
    sha256 = hashlib.sha256(data).hexdigest()

    killed = subprocess.run(
        [sys.executable, "-c", PROGRAM, step, str(call)],
        cwd=place.folder,
        env={
            "PATH": os.environ["PATH"],
            "CALLMON_DATA": str(place.folder),
            "CALLMON_MIN_FREE_BYTES": "0",
        },
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    with database.reading() as connection:
        found = recordings.by_sha256(connection, sha256)
        waiting = runs.unfinished(connection)
    assert (found is not None) == STEPS[step]
    # What a worker does when it starts.
    queue.heal({(each.recording_id, each.run): InQueue(each.priority) for each in waiting})
    if found is not None:
        assert (found.state, found.run) == ("queued", 1)
        assert media.size(found.media) == len(data)
        assert (found.id, 1) in queue.live()

    again = accept(
        io.BytesIO(data),
        place.intake,
        name="call.wav",
        metadata=Metadata(),
        priority=BATCH,
        at=datetime.now(UTC),
    )
    assert again.known == STEPS[step]
    assert again.recording.run == 1
    assert media.size(again.recording.media) == len(data)
    assert [job for job in queue.live() if job[0] == again.recording.id] == [
        (again.recording.id, 1)
    ]
