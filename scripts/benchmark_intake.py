"""How fast recordings come in, and that memory stays flat over many.

    python scripts/benchmark.py intake [--uploads N] [--files N] [--database URL]

Uploads go through `accept` one after the other, with a real store and queue, each on the
disk before the next begins. Files lie in a folder and are taken in by the watcher.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import random
import resource
import struct
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from callmon.intake.accept import Intake, accept
from callmon.intake.watcher import Options, Watcher
from callmon.jobs.queue import UPLOAD, Queue
from callmon.metadata import Metadata
from callmon.store.database import Database
from callmon.store.media import Media

FROM_BYTES = 2**20 if sys.platform == "darwin" else 2**10
"""ru_maxrss is in bytes on macOS, in KiB elsewhere."""

SMALL_BYTES = 2_000
"""Of a file in the folder, where what is measured is the way and not the disk."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--uploads", type=int, default=500, help="(default: 500)")
    parser.add_argument(
        "--bytes",
        type=int,
        default=1_000_000,
        help="of an upload (default: 1000000, a minute of telephone sound)",
    )
    parser.add_argument(
        "--files", type=int, default=10_000, help="in the folder (default: 10000)"
    )
    parser.add_argument(
        "--database", help="URL of an empty PostgreSQL database (default: an SQLite file)"
    )


def run(options: argparse.Namespace) -> None:
    for part in (measure_uploads, measure_folder):
        # A process of its own, so that the peaks are of this part alone.
        process = multiprocessing.get_context("spawn").Process(target=part, args=(options,))
        process.start()
        process.join()


def measure_uploads(options: argparse.Namespace) -> None:
    print(f"uploads of {options.bytes:,} bytes")
    print("  number   per second   peak MB", flush=True)
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), options) as intake:
        step = max(1, options.uploads // 5)
        for begin in range(0, options.uploads, step):
            began = perf_counter()
            for number in range(begin, begin + step):
                accept(
                    io.BytesIO(recording(number, options.bytes)),
                    intake,
                    name=f"{number}.wav",
                    metadata=Metadata(agent=f"agent {number % 50}"),
                    priority=UPLOAD,
                    at=datetime.now(UTC),
                )
            _print(begin + step, step, began)


def measure_folder(options: argparse.Namespace) -> None:
    print(f"files of {SMALL_BYTES:,} bytes in a folder")
    print("  number   per second   peak MB", flush=True)
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), options) as intake:
        calls = Path(folder) / "calls"
        for number in range(options.files):
            path = calls / f"{number % 100:02d}" / f"{number}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(recording(-1 - number, SMALL_BYTES))
        step = max(1, options.files // 10)
        taken, began = 0, perf_counter()

        def count(_: str) -> None:
            nonlocal taken, began
            taken += 1
            if taken % step == 0:
                _print(taken, step, began)
                began = perf_counter()

        watcher = Watcher(
            [calls],
            intake=intake,
            options=Options(
                after="keep",
                stable_seconds=0.0,
                sidecar_seconds=0.0,
                rescan_seconds=3600.0,
                poll="never",
                max_queued=10**9,
            ),
            stop=threading.Event(),
            tell=count,
        )
        watcher.once()
        began = perf_counter()
        watcher.round()
        print(f"  a look at {watcher.taken} files that need nothing:"
              f" {perf_counter() - began:.2f} s")  # fmt: skip


@contextmanager
def opened(folder: Path, options: argparse.Namespace) -> Iterator[Intake]:
    database = options.database or f"sqlite:///{folder / 'callmon.db'}"
    queue = options.database or f"sqlite:///{folder / 'queue.db'}"
    with Database.open(database) as store, Queue.open(queue) as jobs:
        yield Intake(
            database=store,
            media=Media.open(str(folder / "media")),
            queue=jobs,
            max_bytes=2**31,
            min_free_bytes=0,
        )


def recording(number: int, size: int) -> bytes:
    """A WAV file of its own for each number."""
    sound = random.Random(number).randbytes(size - 44)
    return (
        struct.pack("<4sI4s4sIHHIIHH", b"RIFF", size - 8, b"WAVE", b"fmt ",
                    16, 1, 1, 8000, 16000, 2, 16)
        + struct.pack("<4sI", b"data", len(sound))
        + sound
    )  # fmt: skip


def _print(number: int, step: int, began: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * FROM_BYTES / 1e6
    rate = step / (perf_counter() - began)
    print(f"{number:8} {rate:12.0f} {peak:9.0f}", flush=True)
