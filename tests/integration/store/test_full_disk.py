"""A disk that is really full: a small one in memory, where the tests may mount one."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from callmon.errors import StoreUnavailable
from callmon.store.calls import recordings
from callmon.store.database import Database
from callmon.store.media import Media
from callmon.store.work import steps
from tests.integration.store.made import NOON, add

DISK_BYTES = 8 * 2**20
ROOM_BYTES = 2 * 2**20
"""Freed when room is made; enough for a few small rows and recordings."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with a file `ballast` on it, which makes room when it is deleted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    if os.getuid() != 0 or subprocess.run(mount, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    (folder / "ballast").write_bytes(bytes(ROOM_BYTES))
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def keep_one(database: Database, recording_id: str, number: int) -> None:
    with database.writing() as connection:
        add(connection, f"secret {number}")
        document = os.urandom(200_000)
        steps.keep(connection, recording_id, "audio", str(number), document, at=NOON)


def fill(database: Database, recording_id: str) -> tuple[int, str]:
    """Writes until it fails; how often it worked, and what was told."""
    for number in range(DISK_BYTES):
        try:
            keep_one(database, recording_id, number)
        except StoreUnavailable as error:
            return number, str(error)
    raise AssertionError("the disk never got full")


def test_a_full_database_says_so_and_goes_on_when_there_is_room(disk: Path) -> None:
    with Database.open(f"sqlite:///{disk / 'callmon.db'}") as database:
        with database.writing() as connection:
            recording = add(connection)
        worked, told = fill(database, recording.id)
        assert worked > 0
        assert "disk" in told
        assert "secret" not in told
        with database.reading() as connection:
            # Each transaction is there as a whole or not at all.
            assert len(recordings.find(connection)) == 1 + worked
        (disk / "ballast").unlink()
        keep_one(database, recording.id, 1000)
        with database.reading() as connection:
            assert len(recordings.find(connection)) == 2 + worked


def test_a_full_media_store_says_so_and_leaves_nothing(disk: Path) -> None:
    media = Media.open(str(disk / "media"))
    kept = media.receive(io.BytesIO(b"small"), max_bytes=10**9)
    with pytest.raises(StoreUnavailable, match="No space left"):
        media.receive(io.BytesIO(bytes(DISK_BYTES)), max_bytes=10**9)
    assert [key for key, _ in list(media.keys())] == [kept.key]
    room = media.free_bytes()
    assert room is not None
    assert media.receive(io.BytesIO(bytes(room // 2)), max_bytes=10**9).size == room // 2
