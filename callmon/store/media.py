"""Recordings' bytes: a local folder, or any store that fsspec reaches, such as S3.

A key comes from the content's hash, never from a name, so nothing that a user writes
becomes a path. What is being received lies under `incoming/` and is moved to its key when
it is whole: a key either holds the whole recording or does not exist. A program that is
killed while it receives leaves at most a temporary key, which `keys` lists too. (On S3 it
leaves an unfinished multipart upload instead, which no listing shows: have the bucket's
life cycle rules abort those after a day.)

Media is kept for as long as its recording's row; only the sweep and retention delete it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Self, cast

from callmon.errors import BadSettings, NotFound, StoreUnavailable, TooLarge

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

BLOCK_BYTES: Final = 1 << 20
INCOMING: Final = "incoming"
CHANGED: Final = ("mtime", "LastModified", "last_modified", "updated", "created")
"""Where a backend tells when a file was written: local, S3, Azure, Google."""

S3_CLIENT: Final = {
    "connect_timeout": 10,
    "read_timeout": 60,
    "retries": {"total_max_attempts": 2},
}
"""Seconds and attempts. By default a host that swallows packets holds an upload for half an
hour: 60 s, five attempts of the client, five of s3fs."""

MADE: Final = (".mp3", ".peaks")
"""Endings of what is made of a recording; it lies beside it, under its key and one of them,
and is deleted with it."""
FOLDER: Final = re.compile(rf"/([0-9a-f]{{2}}|{INCOMING})/?$")
KEY: Final = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}(\.mp3|\.peaks)?|incoming/[0-9a-f]{32}")

UNKNOWN: Final = (
    "NoCredentialsError",
    "PartialCredentialsError",
    "CredentialRetrievalError",
    "NoAuthTokenError",
    "ProfileNotFound",
)
"""What the client of S3 raises when it finds nothing to sign with."""

REMOTE_BLOCK_BYTES: Final = 8 << 20
"""What one upload holds in memory where the store is not a local folder; by default s3fs
takes 50 MB. S3 takes at least 5 MiB and 10,000 pieces, so up to 80 GB."""


@dataclass(frozen=True)
class Received:
    """What was received."""

    key: str
    sha256: str
    size: int
    """Bytes."""


class Media:
    """A store of recordings. Safe to share between threads."""

    def __init__(self, system: AbstractFileSystem, root: str) -> None:
        self._system = system
        self._root = root.rstrip("/")
        self._local = "file" in _protocols(system)

    @classmethod
    def open(cls, url: str) -> Self:
        """Opens the store at a folder's path or a URL; nothing is asked of it yet.

        Credentials come from the environment, as fsspec and the store's client read them.
        Raises BadSettings for a URL that is none.
        """
        from fsspec.core import url_to_fs

        try:
            # Listings are never cached: other processes add and delete.
            options: dict[str, Any] = {"use_listings_cache": False}
            if url.startswith(("s3:", "s3a:")):
                options["config_kwargs"] = S3_CLIENT
            system, root = url_to_fs(url, **options)
        except (ValueError, ImportError) as error:
            raise BadSettings(
                f"The media store cannot be used: {error}. A folder's path or a URL such"
                " as s3://BUCKET/calls would work."
            ) from None
        return cls(system, root)

    def receive(self, stream: BinaryIO, *, max_bytes: int, first: bytes = b"") -> Received:
        """Keeps what the stream holds, after the bytes in `first`, which were read already.

        When this returns, a local folder has it on the disk. What the stream raises passes
        through; then and after every other error nothing is left. Raises TooLarge above
        `max_bytes`, StoreUnavailable when the store cannot be written.
        """
        with self.receiving(max_bytes=max_bytes) as receiver:
            block = first or stream.read(BLOCK_BYTES)
            while block:
                receiver.write(block)
                block = stream.read(BLOCK_BYTES)
            return receiver.keep()

    @contextmanager
    def receiving(self, *, max_bytes: int) -> Iterator[Receiver]:
        """Like `receive`, for bytes that come bit by bit: `write` them, then `keep`.

        Nothing is left of what was not kept when the block ends.
        """
        receiver = Receiver(self, max_bytes=max_bytes)
        try:
            yield receiver
        finally:
            receiver.close()

    @contextmanager
    def making(self, key: str) -> Iterator[BinaryIO]:
        """A file to write what is made of a recording into, such as `ab/ab….mp3`.

        It is there, whole, when the block ends well, in place of one that was there before;
        else nothing is. Raises StoreUnavailable.
        """
        temporary = _new_key()
        try:
            with self._writing(temporary) as target:
                yield target
            self._move(temporary, key)
        except BaseException:
            self._discard(temporary)
            raise

    def has(self, key: str) -> bool:
        """Whether it is there. Raises StoreUnavailable."""
        try:
            self.size(key)
        except NotFound:
            return False
        return True

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """The recording as a file: itself in a local folder, else a copy for this block.

        Never write to it. Raises NotFound, StoreUnavailable.
        """
        if self._local:
            path = Path(self._place(key))
            if not path.is_file():
                raise _missing(key)
            yield path
            return
        with tempfile.NamedTemporaryFile(prefix="callmon-") as copy:
            with self.open_stream(key) as source, _translated():
                shutil.copyfileobj(source, copy, BLOCK_BYTES)
                copy.flush()
            yield Path(copy.name)

    def open_stream(self, key: str) -> BinaryIO:
        """The recording's bytes, to read and seek in. Raises NotFound, StoreUnavailable."""
        with _translated(key):
            return cast(BinaryIO, self._system.open(self._place(key), "rb"))

    def size(self, key: str) -> int:
        """Bytes. Raises NotFound, StoreUnavailable."""
        with _translated(key):
            return int(self._system.size(self._place(key)))

    def modified(self, key: str) -> datetime:
        """When it was last received, by the store's clock; receiving it again counts.

        Raises NotFound, StoreUnavailable.
        """
        with _translated(key):
            return _moment(self._system.info(self._place(key)))

    def delete(self, key: str) -> None:
        """Deletes it, and what was made of it; one that is not there is deleted already.

        Raises StoreUnavailable.
        """
        made = () if "." in key or key.startswith(INCOMING) else MADE
        for each in (*(key + ending for ending in made), key):
            with _translated(), suppress(FileNotFoundError):
                self._system.rm_file(self._place(each))

    def keys(self) -> Iterator[tuple[str, datetime]]:
        """Every key and when it was last received, temporary ones too; for the sweep.

        What else lies in the folder is passed over. Raises StoreUnavailable.
        """
        # Folder by folder, so that a million of them need not fit in memory.
        for folder in self._list(self._root):
            for info in self._list(folder["name"]) if FOLDER.search(folder["name"]) else ():
                key = "/".join(info["name"].rsplit("/", 2)[-2:])
                if info["type"] == "file" and KEY.fullmatch(key):
                    yield key, _moment(info)

    def free_bytes(self) -> int | None:
        """What the disk still takes; None where the store has no such number."""
        if not self._local:
            return None
        with _translated():
            folder = Path(self._root)
            folder.mkdir(parents=True, exist_ok=True)
            return shutil.disk_usage(folder).free

    def _list(self, place: str) -> list[dict[str, Any]]:
        """What lies in a folder; nothing when it is not there, or is none."""
        with _translated(), suppress(FileNotFoundError, NotADirectoryError):
            return list(self._system.ls(place, detail=True))
        return []

    def _place(self, key: str) -> str:
        if not KEY.fullmatch(key):
            raise NotFound(f"{key!r} is no key of a recording.")
        return f"{self._root}/{key}"

    @contextmanager
    def _writing(self, key: str) -> Iterator[BinaryIO]:
        """A file at the key: whole, and on a local disk, when the block ends well."""
        place = self._place(key)
        with _translated():
            if self._local:
                Path(place).parent.mkdir(parents=True, exist_ok=True)
            size = {} if self._local else {"block_size": REMOTE_BLOCK_BYTES}
            target = self._system.open(place, "wb", **size)
        try:
            yield target
        except BaseException:
            _abandon(target)
            raise
        with _translated():
            if self._local:
                target.flush()
                os.fsync(target.fileno())
            target.close()

    def _move(self, source: str, target: str) -> None:
        """Also over one that is there: a new time keeps it out of a sweep."""
        here, there = self._place(source), self._place(target)
        with _translated():
            if not self._local:
                self._system.copy(here, there)
                self._system.rm_file(here)
                return
            folder = Path(there).parent
            folder.mkdir(parents=True, exist_ok=True)
            Path(here).replace(there)
            for changed in (folder, folder.parent):
                _sync_folder(changed)

    def _discard(self, key: str) -> None:
        """Deletes what an error left; the error itself is told, and the sweep comes by."""
        try:
            self.delete(key)
        except StoreUnavailable:
            return


class Receiver:
    """A recording that is being received; see `Media.receiving`.

    Threads may take turns with it.
    """

    def __init__(self, media: Media, *, max_bytes: int) -> None:
        self._media = media
        self._max_bytes = max_bytes
        self._temporary = _new_key()
        self._digest = hashlib.sha256()
        self._size = 0
        self._stack = ExitStack()
        self._target = self._stack.enter_context(media._writing(self._temporary))
        self._open = True

    def write(self, block: bytes) -> None:
        """Raises TooLarge, StoreUnavailable."""
        self._size += len(block)
        if self._size > self._max_bytes:
            raise TooLarge(
                f"The recording is larger than {self._max_bytes:,} bytes, the most"
                " that is taken in. The setting max_upload_bytes changes that."
            )
        self._digest.update(block)
        with _translated():
            self._target.write(block)

    def keep(self) -> Received:
        """Puts the recording in its place. Raises StoreUnavailable."""
        self._stack.close()
        sha256 = self._digest.hexdigest()
        key = f"{sha256[:2]}/{sha256}"
        self._media._move(self._temporary, key)
        self._open = False
        return Received(key=key, sha256=sha256, size=self._size)

    def close(self) -> None:
        """Leaves nothing of what was not kept."""
        if self._open:
            self._open = False
            self._stack.__exit__(_NotKept, _NotKept(), None)
            self._media._discard(self._temporary)


class _NotKept(Exception):
    """Tells the file that what was written is not wanted."""


def _new_key() -> str:
    return f"{INCOMING}/{uuid.uuid4().hex}"


def _protocols(system: AbstractFileSystem) -> tuple[str, ...]:
    protocol = system.protocol
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)


def _moment(info: dict[str, Any]) -> datetime:
    """The time of a change in what the backends tell of a file."""
    told = next((info[name] for name in CHANGED if info.get(name)), None)
    if isinstance(told, str):
        told = datetime.fromisoformat(told)
    if isinstance(told, datetime):
        return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
    if isinstance(told, int | float):
        return datetime.fromtimestamp(told, UTC)
    raise StoreUnavailable("The media store does not tell when a recording came.")


def _abandon(target: Any) -> None:
    """Closes a file that will not be whole, without completing an upload."""
    try:
        discard = getattr(target, "discard", None)
        if discard is not None:
            discard()
            target.closed = True
        else:
            target.close()
    except Exception:  # noqa: BLE001  the first error is the one to tell
        return


def _sync_folder(folder: Path) -> None:
    """A new name is on the disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _missing(key: str) -> NotFound:
    return NotFound(f"The media store has no {key}.")


@contextmanager
def _translated(key: str | None = None) -> Iterator[None]:
    """Raises NotFound, where a key is given, or StoreUnavailable for the store's errors."""
    try:
        yield
    except (NotFound, StoreUnavailable):
        raise
    except Exception as error:
        # Each of fsspec's backends has errors of its own, not all of them OSError, and
        # their messages hold URLs and accounts.
        if key is not None and isinstance(error, FileNotFoundError):
            raise _missing(key) from None
        raise StoreUnavailable(_reason(error)) from error


def _reason(error: Exception) -> str:
    """For people, without an address or an account."""
    if type(error).__name__ in UNKNOWN:
        return (
            "The media store wants to know who asks, and there are no credentials for it."
            " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, AWS_PROFILE"
            " with ~/.aws/credentials, or a role of the machine would work."
        )
    reason = error.strerror if isinstance(error, OSError) else None
    if isinstance(error, PermissionError):
        return (
            f"The media store refuses us: {reason or 'no permission'}. Whoever callmon runs"
            " as, or whoever the credentials stand for, has to be allowed to read, write,"
            " list and delete there."
        )
    return (
        f"The media store does not work: {reason or type(error).__name__}. It can be tried"
        " again when the store is back or has room."
    )
