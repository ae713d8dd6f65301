"""`callmon watch` as a real program: killed, on a full disk, with several writers.

CALLMON_TEST_FILES=2000 runs the test of the three kills with so many files.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from callmon.jobs.queue import Queue
from callmon.store.calls import recordings
from callmon.store.calls.recordings import StoredRecording
from callmon.store.database import Database
from tests.disks import small_disk
from tests.integration.intake.taking import wav

pytestmark = pytest.mark.acceptance

WRITERS = 4

# Read here, since no test sees the developer's own settings.
FILES = int(os.environ.get("CALLMON_TEST_FILES", "200"))

WRITER = """
import random, sys, time
from pathlib import Path
from tests.integration.intake.taking import wav

root, writer, number = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
pause = 0.1
chance = random.Random(writer)
for call in range(number):
    name = f"{writer}-{call}.wav"
    path = root / chance.choice(["", "north", "north/late", "south"]) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = wav(name, seconds=0.1 + chance.random())
    cut = chance.randrange(1, len(data))
    way = chance.randrange(3)
    # As phone systems do: slowly under its name, under another name first, or empty first.
    target = path.with_name(name + ".part") if way == 0 else path
    with target.open("wb") as file:
        if way == 2:
            time.sleep(pause)
        file.write(data[:cut])
        file.flush()
        time.sleep(pause)
        file.write(data[cut:])
    if way == 0:
        target.rename(path)
    elif way == 1 and chance.random() < 0.2:
        path.with_suffix(".json").write_text('{"agent": "ann"}')
"""


@contextmanager
def watching(root: Path, *options: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "callmon", "watch", str(root), *options],
        env=environment(root, **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def environment(root: Path, **settings: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(root.parent),
        "CALLMON_DATA": str(root.parent / "data"),
        "CALLMON_STABLE_SECONDS": "2",
        "CALLMON_SIDECAR_SECONDS": "2",
        "CALLMON_MIN_FREE_BYTES": "0",
        **settings,
    }


def stored(root: Path) -> list[StoredRecording]:
    url = f"sqlite:///{root.parent / 'data' / 'callmon.db'}"
    with Database.open(url) as database, database.reading() as connection:
        return recordings.find(connection, limit=10_000)


def eventually(holds: Callable[[], object], *, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.2)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "calls"
    folder.mkdir()
    return folder


@pytest.mark.timeout(1200)
def test_no_file_is_lost_or_doubled_when_the_watcher_is_killed_three_times(
    root: Path,
) -> None:
    number, each = FILES, FILES // WRITERS
    with watching(root, "--after", "move"):
        eventually(lambda: (root.parent / "data" / "callmon.db").exists())
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, str(root), f"w{writer}", str(each)]
            )
            for writer in range(WRITERS)
        ]
        eventually(lambda: len(stored(root)) > number * 0.1, seconds=600)
    for share in (0.3, 0.6):  # the first has just been killed
        with watching(root, "--after", "move"):
            eventually(lambda share=share: len(stored(root)) > number * share, seconds=600)
    with watching(root, "--after", "move") as last:
        for process in writers:
            assert process.wait(timeout=600) == 0
        eventually(
            lambda: len(list((root / "done").rglob("*.wav"))) == each * WRITERS,
            seconds=600,
        )
        last.send_signal(signal.SIGTERM)
        assert last.wait(timeout=30) == 0

    done = {hashlib.sha256(p.read_bytes()).hexdigest(): p.name
            for p in (root / "done").rglob("*.wav")}  # fmt: skip
    found = {recording.sha256: recording for recording in stored(root)}
    assert len(done) == each * WRITERS
    # Neither a file that is missing nor one that was taken when it was half written.
    assert {sha256: each.name for sha256, each in found.items()} == done
    assert {(each.run, each.state) for each in found.values()} == {(1, "queued")}
    with Queue.open(f"sqlite:///{root.parent / 'data' / 'callmon-queue.db'}") as queue:
        jobs = queue.live()
    # Also of a file whose watcher was killed between the row and the job: it was still
    # there, and was brought again.
    assert jobs == {(each.id, 1) for each in found.values()}
    assert not list(root.rglob("failed/*"))


def test_files_that_lie_there_are_taken_once_and_kept(root: Path) -> None:
    for name in ("a.wav", "b.wav"):
        (root / name).write_bytes(wav(name))
    (root / "a.json").write_text('{"agent": "ann", "include": "../../etc/passwd"}')
    for taken in ("2 taken in, 0 not", "0 taken in, 0 not"):
        with watching(root, "--once", CALLMON_STABLE_SECONDS="0.2") as process:
            told = process.communicate(timeout=60)[0]
        assert process.returncode == 0, told
        assert told.splitlines()[-1] == taken
        assert "ann" not in told
        assert "a.wav" not in told
    assert sorted(path.name for path in root.iterdir()) == ["a.json", "a.wav", "b.wav"]
    by_name = {each.name: each for each in stored(root)}
    assert by_name["a.wav"].metadata.agent == "ann"
    assert by_name["a.wav"].metadata.labels == {"include": "../../etc/passwd"}


def test_what_cannot_be_taken_is_told_and_makes_the_exit_code(root: Path) -> None:
    (root / "page.wav").write_bytes(b"<html>")
    with watching(root, "--once", CALLMON_STABLE_SECONDS="0.2") as process:
        told = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert "page.wav was not taken in" in told
    assert "Traceback" not in told


def test_on_a_full_disk_files_wait_until_there_is_room(root: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path, megabytes=4) as disk:
        filler = disk / "filler"
        filler.write_bytes(bytes(3_500_000))
        (root / "call.wav").write_bytes(wav("large", seconds=60))
        settings = {"CALLMON_MEDIA": str(disk / "media"), "CALLMON_STABLE_SECONDS": "0.2",
                    "CALLMON_SIDECAR_SECONDS": "0"}  # fmt: skip
        with watching(root, "--after", "move", **settings) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if "folders wait until then" in line:
                    break
            assert "No space left" in line
            assert (root / "call.wav").exists()
            assert stored(root) == []
            assert [p for p in (disk / "media").rglob("*") if p.is_file()] == []
            filler.unlink()
            eventually((root / "done" / "call.wav").exists)
        (recording,) = stored(root)
        assert (disk / "media" / recording.media).stat().st_size == recording.size


def test_what_the_disk_refuses_is_taken_when_it_no_longer_does(root: Path) -> None:
    """Without the right to mount a disk: a limit to the size of files does as well."""
    (root / "call.wav").write_bytes(wav("large", seconds=150))
    small = f"ulimit -f 1024; exec {sys.executable} -m callmon watch --once {root}"
    settings = {"CALLMON_STABLE_SECONDS": "0", "CALLMON_SIDECAR_SECONDS": "0"}
    done = subprocess.run(
        ["bash", "-c", small],
        env=environment(root, **settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert stored(root) == []
    media = root.parent / "data" / "media"
    assert [path for path in media.rglob("*") if path.is_file()] == []
    with watching(root, "--once", **settings) as process:
        assert process.wait(timeout=60) == 0
    (recording,) = stored(root)
    assert (media / recording.media).stat().st_size == recording.size


def test_too_little_room_is_told_before_the_disk_is_full(root: Path) -> None:
    (root / "call.wav").write_bytes(wav("hello"))
    with watching(
        root, "--once", CALLMON_STABLE_SECONDS="0", CALLMON_MIN_FREE_BYTES=str(2**60)
    ) as process:
        told = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert "must stay free" in told
    assert (root / "call.wav").exists()


@pytest.mark.parametrize("inside", ["data", "calls/data"])
def test_it_refuses_to_watch_its_own_files(root: Path, inside: str) -> None:
    own = root.parent / inside
    own.mkdir(parents=True, exist_ok=True)
    folder = own if inside == "data" else root
    with watching(folder, "--once", CALLMON_DATA=str(own)) as process:
        told = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert "keeps its own files" in told


def test_a_folder_that_is_not_there_is_told(root: Path) -> None:
    with watching(root / "none") as process:
        told = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert "no such folder" in told
