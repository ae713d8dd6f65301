"""A data folder with recordings that tell their steps what to do, and programs on it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from callmon.jobs.queue import BATCH, Queue
from callmon.metadata import Metadata
from callmon.store.calls import recordings
from callmon.store.calls.recordings import StoredRecording
from callmon.store.database import Database
from callmon.store.media import Media
from callmon.store.work import runs

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("stubbed_callmon.py")


@dataclass
class Shop:
    """A data folder, its database, and the programs that work on it."""

    folder: Path
    url: str
    database: Database
    queue: Queue
    programs: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def log(self) -> Counter[str]:
        path = self.folder / "log"
        return Counter(path.read_text().splitlines() if path.exists() else [])

    def add(
        self, number: int, *, priority: int = BATCH, lost: bool = False, **told: Any
    ) -> str:
        """A recording that tells its steps what to do; its id."""
        media = Media.open(str(self.folder / "media"))
        text = json.dumps({"number": number, **told}).encode()
        received = media.receive(io.BytesIO(text), max_bytes=10_000)
        at = datetime.now(UTC)
        with self.database.writing() as connection:
            recording, _ = recordings.add(
                connection,
                sha256=received.sha256,
                name=f"{number}.wav",
                size=received.size,
                media=received.key,
                metadata=Metadata(),
                received=at,
                priority=priority,
            )
            run = runs.request(
                connection, recording.id, priority=priority, reason="batch", at=at
            )
        if not lost:
            self.queue.enqueue(recording.id, run, priority=priority)
        return recording.id

    def start(self, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        """A program; its standard error is in `stderr-N`."""
        with (self.folder / f"stderr-{len(self.programs)}").open("w") as told:
            program = subprocess.Popen(
                [sys.executable, str(PROGRAM), *arguments],
                cwd=self.folder,
                env={
                    "PATH": os.environ["PATH"],
                    "PYTHONPATH": str(ROOT),
                    "HOME": str(self.folder),
                    "OMP_NUM_THREADS": "1",
                    "CALLMON_DATA": str(self.folder),
                    "CALLMON_DATABASE": self.url,
                    "STUB_LOG": str(self.folder / "log"),
                    **settings,
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=told,
                text=True,
            )
        self.programs.append(program)
        return program

    def run(self, *arguments: str, code: int = 0, **settings: str) -> str:
        """A program until its end; what it printed."""
        program = self.start(*arguments, **settings)
        out, _ = program.communicate(timeout=90)
        assert program.returncode == code, self.told()
        return out

    def told(self) -> str:
        """What all programs have said."""
        return "".join(
            (self.folder / f"stderr-{n}").read_text() for n in range(len(self.programs))
        )

    def wait(self, holds: Callable[[], bool], seconds: float = 60.0) -> None:
        until = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < until, self.told()
            time.sleep(0.02)

    def wait_for(self, line: str) -> None:
        self.wait(lambda: line in self.log)

    def of(self, recording_id: str) -> StoredRecording:
        with self.database.reading() as connection:
            return recordings.get(connection, recording_id)

    def counts(self) -> dict[str, int]:
        with self.database.reading() as connection:
            found = recordings.counts(connection)
        return {state: number for state, number in found.items() if number}


@contextmanager
def open_shop(folder: Path, url: str) -> Iterator[Shop]:
    """A shop whose programs are ended with the block."""
    queue_url = url.replace("callmon.db", "callmon-queue.db")
    with Database.open(url) as database, Queue.open(queue_url) as queue:
        shop = Shop(folder=folder, url=url, database=database, queue=queue)
        try:
            yield shop
        finally:
            for program in shop.programs:
                program.kill()
                program.communicate()
