"""The media store in a local folder."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callmon.errors import BadSettings, NotFound, StoreUnavailable, TooLarge
from callmon.store.media import BLOCK_BYTES, INCOMING, Media

MANY = 10**9

DIE = """
import os, signal, sys
from callmon.store.media import Media
class Dying:
    left = 3
    def read(self, size):
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return b"x" * size
Media.open(sys.argv[1]).receive(Dying(), max_bytes=10**9)
"""


class Breaking(io.BytesIO):
    """A client that goes away after the first block."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise ConnectionResetError("the client went away")
        return super().read(size)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "media"


@pytest.fixture
def media(folder: Path) -> Media:
    return Media.open(str(folder))


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_received_is_found_by_the_hash_of_its_content(media: Media) -> None:
    content = os.urandom(2 * BLOCK_BYTES + 17)
    received = media.receive(io.BytesIO(content), max_bytes=MANY)
    sha256 = hashlib.sha256(content).hexdigest()
    assert (received.sha256, received.size) == (sha256, len(content))
    assert received.key == f"{sha256[:2]}/{sha256}"
    assert media.size(received.key) == len(content)
    with media.local(received.key) as path, media.open_stream(received.key) as stream:
        assert path.read_bytes() == content
        stream.seek(5)
        assert stream.read(10) == content[5:15]


def test_bytes_that_were_read_already_come_first(media: Media) -> None:
    received = media.receive(io.BytesIO(b"tail"), max_bytes=MANY, first=b"head ")
    with media.open_stream(received.key) as stream:
        assert stream.read() == b"head tail"


def test_an_empty_stream_is_kept_as_such(media: Media) -> None:
    assert media.size(media.receive(io.BytesIO(), max_bytes=MANY).key) == 0


def test_the_same_content_is_kept_once_and_counts_as_new(media: Media) -> None:
    first = media.receive(io.BytesIO(b"same"), max_bytes=MANY)
    with media.local(first.key) as path:
        os.utime(path, (0, 0))
    second = media.receive(io.BytesIO(b"same"), max_bytes=MANY)
    assert first == second
    assert [key for key, _ in list(media.keys())] == [first.key]
    assert datetime.now(UTC) - media.modified(first.key) < timedelta(minutes=5)


@pytest.mark.parametrize("size", [11, 3 * BLOCK_BYTES])
def test_what_is_too_large_leaves_nothing(media: Media, folder: Path, size: int) -> None:
    with pytest.raises(TooLarge, match="10 bytes"):
        media.receive(io.BytesIO(b"x" * size), max_bytes=10)
    assert files(folder) == []


def test_what_is_just_small_enough_is_kept(media: Media) -> None:
    assert media.receive(io.BytesIO(b"x" * 10), max_bytes=10).size == 10


def test_a_client_that_goes_away_leaves_nothing(media: Media, folder: Path) -> None:
    with pytest.raises(ConnectionResetError):
        media.receive(Breaking(b"x" * 3 * BLOCK_BYTES), max_bytes=MANY)
    assert files(folder) == []


def test_a_killed_upload_leaves_a_temporary_key_that_is_listed(
    media: Media, folder: Path
) -> None:
    done = subprocess.run([sys.executable, "-c", DIE, str(folder)], check=False)
    assert done.returncode == -signal.SIGKILL
    ((key, modified),) = media.keys()
    assert key.startswith(f"{INCOMING}/")
    assert datetime.now(UTC) - modified < timedelta(minutes=5)
    media.delete(key)
    assert files(folder) == []


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_is_told_and_leaves_nothing(
    media: Media, folder: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/secret/place")

    if step == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StoreUnavailable, match="No space left") as raised:
        media.receive(io.BytesIO(b"x"), max_bytes=MANY)
    assert "secret" not in str(raised.value)
    assert files(folder) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    media = Media.open(str(tmp_path / "file" / "media"))
    with pytest.raises(StoreUnavailable):
        media.receive(io.BytesIO(b"x"), max_bytes=MANY)


@pytest.mark.parametrize(
    "key",
    [
        "../secret",
        "/etc/passwd",
        "ab/../../x",
        "",
        "ab",
        "AB/" + 64 * "A",
        "ab/\n" + 63 * "a",
    ],
)
def test_a_name_never_becomes_a_path(media: Media, key: str) -> None:
    for ask in (media.size, media.modified, media.delete, media.open_stream):
        with pytest.raises(NotFound, match="no key"):
            ask(key)
    with pytest.raises(NotFound, match="no key"), media.local(key):
        pass


def test_what_is_not_there_is_told_and_deleted_already(media: Media) -> None:
    key = "ab/" + 64 * "a"
    for ask in (media.size, media.modified, media.open_stream):
        with pytest.raises(NotFound, match="has no ab/aaa"):
            ask(key)
    with pytest.raises(NotFound), media.local(key):
        pass
    media.delete(key)


def test_other_files_in_the_folder_are_not_listed(media: Media, folder: Path) -> None:
    received = media.receive(io.BytesIO(b"x"), max_bytes=MANY)
    (folder / "notes.txt").write_text("mine")
    (folder / "ab").mkdir(exist_ok=True)
    (folder / "ab" / "short").write_text("mine")
    (folder / "ab" / f"ab{'0' * 62}").mkdir()
    (folder / "cd").write_text("mine")
    (folder / "more" / "ab").mkdir(parents=True)
    (folder / "more" / "ab" / f"ab{'0' * 62}").write_text("mine")
    assert [key for key, _ in list(media.keys())] == [received.key]


def test_a_folder_that_is_not_there_yet_is_empty(media: Media) -> None:
    assert list(media.keys()) == []


def test_a_local_disk_tells_what_is_free(media: Media) -> None:
    free = media.free_bytes()
    assert free is not None
    assert free > 0


def test_a_url_that_is_none_is_told() -> None:
    with pytest.raises(BadSettings, match="would work"):
        Media.open("nosuch://bucket/x")
