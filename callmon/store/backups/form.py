"""What a backup is: a folder of files, listed with their sums in `backup.json`.

    backup.json              what it is, and the sums of the other files; written last
    settings.toml            the settings that were set, without secrets
    rubric.toml              where the settings name one
    tables/NAME.jsonl.gz     a line with the columns of a table, then a line for each row
    media.jsonl.gz           key, size and SHA-256 of the sound of each recording
    media/                   those sounds, and what is made of them to be played, where
                             they were asked for
    made.jsonl.gz            key, size and SHA-256 of the latter

The rows are in no database's own form, so a backup of SQLite goes into PostgreSQL and the
other way round, and an older callmon's is read by what its own migration made.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import zlib
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO, Final, cast

from pydantic import ValidationError

from callmon.call import Value
from callmon.errors import BadBackup

FORMAT: Final = 1
MANIFEST: Final = "backup.json"
SETTINGS: Final = "settings.toml"
RUBRIC: Final = "rubric.toml"
SOUNDS: Final = "media.jsonl.gz"
MADE: Final = "made.jsonl.gz"
MEDIA: Final = "media"

LEFT_OUT: Final = frozenset({"failures", "sessions", "workers"})
"""Tables of what is true for minutes. A session that has ended must not hold again."""

BLOCK_BYTES: Final = 1 << 20


class File(Value):
    """One file of a backup."""

    size: int
    """Bytes."""
    sha256: str


class Rows(Value):
    """What is in one table's file."""

    table: str
    rows: int


class Sound(Value):
    """A file of the media store: the sound of a recording, or what is made of it."""

    key: str
    size: int
    sha256: str


class Manifest(Value):
    """What a backup holds."""

    format: int
    callmon: str
    """Version of the program that made it."""
    revision: str
    """Of the tables."""
    database: str
    """`sqlite` or `postgresql`."""
    at: datetime
    media: bool
    """Whether the sounds are in it."""
    tables: tuple[Rows, ...]
    """In the order in which they can be filled."""
    files: Mapping[str, File]
    """By their path in the folder; those in `media/` have their sums in the two lists."""


def table_file(table: str) -> str:
    return f"tables/{table}.jsonl.gz"


def read_manifest(folder: Path) -> Manifest:
    """Raises BadBackup for a folder that is no whole backup, or one of a later form."""
    path = folder / MANIFEST
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise BadBackup(
            f"{folder} has no {MANIFEST}: it is no backup of callmon, or one that was not"
            " finished. The folder that `callmon backup` made would work."
        ) from None
    except OSError as error:
        raise BadBackup(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise BadBackup(f"{path} is damaged. Take another backup.") from None
    written = document.get("format") if isinstance(document, dict) else None
    if isinstance(written, int) and written > FORMAT:
        raise BadBackup(
            f"The backup is of form {written}, and this callmon reads up to {FORMAT}."
            " Restore it with the callmon that made it, or a newer one."
        )
    try:
        return Manifest.model_validate(document)
    except ValidationError:
        raise BadBackup(f"{path} is damaged. Take another backup.") from None


def check_files(folder: Path, manifest: Manifest) -> None:
    """Reads all files but the sounds. Raises BadBackup when one is not what was written."""
    wanted = {SOUNDS, *(table_file(each.table) for each in manifest.tables)}
    if manifest.media:
        wanted.add(MADE)
    if missing := sorted(wanted - manifest.files.keys()):
        raise BadBackup(f"{folder / MANIFEST} does not list {missing[0]}: it is damaged.")
    for name, file in manifest.files.items():
        path = folder / name
        try:
            with path.open("rb") as opened:
                sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
        except OSError as error:
            raise BadBackup(f"{path} cannot be read: {error.strerror}.") from None
        if sha256 != file.sha256:
            raise BadBackup(
                f"{path} is not as it was written: its SHA-256 is {sha256} and was"
                f" {file.sha256}. Take another backup, or another copy of this one."
            )


def sounds(folder: Path, name: str = SOUNDS) -> Iterator[Sound]:
    """Those in one of the two lists of a backup. Raises BadBackup."""
    with reading(folder / name) as lines:
        for line in lines:
            try:
                yield Sound.model_validate_json(line)
            except ValidationError:
                raise BadBackup(f"{folder / name} is damaged.") from None


@contextmanager
def reading(path: Path) -> Iterator[BinaryIO]:
    """The lines of a packed file. Raises BadBackup where it is damaged."""
    try:
        with gzip.open(path) as opened:
            yield cast(BinaryIO, opened)
    except (OSError, EOFError, zlib.error) as error:
        raise BadBackup(f"{path} cannot be read: {error}.") from None


@contextmanager
def packed(
    folder: Path, name: str, files: MutableMapping[str, File]
) -> Iterator[gzip.GzipFile]:
    """A new packed file to write to; noted in `files` when the block ends."""
    with (
        creating(folder, name, files) as target,
        # Without a time and a name, the same rows make the same file.
        gzip.GzipFile("", "wb", compresslevel=4, fileobj=target, mtime=0) as file,
    ):
        yield file


@contextmanager
def creating(
    folder: Path, name: str, files: MutableMapping[str, File]
) -> Iterator[BinaryIO]:
    """A new file for nobody else's eyes, on the disk and noted when the block ends."""
    path = folder / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as raw:
        summed = _Summed(raw)
        # A buffer, so that not every row is summed by itself.
        with io.BufferedWriter(summed, BLOCK_BYTES) as buffered:
            yield cast(BinaryIO, buffered)
            buffered.flush()
            raw.flush()
            os.fsync(raw.fileno())
    files[name] = File(size=summed.size, sha256=summed.sha256.hexdigest())


class _Summed(io.RawIOBase):
    """Hands on what is written, and keeps its sum."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.sha256 = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, block: object) -> int:
        data = bytes(cast(bytes, block))
        self.sha256.update(data)
        self.size += len(data)
        return self._target.write(data)


def as_line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def encode(value: object) -> object:
    """A column's value as JSON: bytes, moments and days as an object that names them."""
    match value:
        case bytes():
            return {"bytes": base64.b64encode(value).decode()}
        case datetime():
            # SQLite keeps no offset, and what it keeps is UTC.
            aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value
            return {"moment": aware.astimezone(UTC).isoformat()}
        case date():
            return {"day": value.isoformat()}
    return value


def decode(value: object) -> object:
    """The inverse of `encode`. Raises ValueError."""
    if not isinstance(value, dict):
        return value
    ((kind, text),) = value.items()
    match kind:
        case "bytes":
            return base64.b64decode(text)
        case "moment":
            return datetime.fromisoformat(text)
        case "day":
            return date.fromisoformat(text)
    raise ValueError(f"{kind!r} is no kind of value")
