"""The sounds of a backup: out of one media store and into another, each with its sum."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from callmon.errors import NotFound
from callmon.store.backups.form import (
    BLOCK_BYTES,
    MADE,
    MEDIA,
    File,
    Manifest,
    Sound,
    as_line,
    packed,
    sounds,
)
from callmon.store.media import MADE as ENDINGS
from callmon.store.media import Media


@dataclass
class Copied:
    """What became of the files that a backup lists."""

    copied: int = 0
    there: int = 0
    """That the target had already."""
    missing: list[str] = field(default_factory=list)
    """Keys that the source has not."""
    damaged: list[str] = field(default_factory=list)
    """Keys of which the source has something else."""

    @property
    def is_whole(self) -> bool:
        return not self.missing and not self.damaged


class _Damaged(Exception):
    """Tells the store that what is being written is not wanted."""


def add_sounds(folder: Path, manifest: Manifest, source: Media) -> tuple[Manifest, Copied]:
    """Copies into a backup what it lists, and what was made of it.

    A sound that was deleted meanwhile, or is damaged, does not stop the others. Raises
    StoreUnavailable.
    """
    target = Media.open(str(folder / MEDIA))
    files: dict[str, File] = dict(manifest.files)
    found = Copied()
    with packed(folder, MADE, files) as made:
        for sound in sounds(folder):
            _bring(source, target, sound, found)
            for ending in ENDINGS:
                try:
                    copy = _copy(source, target, sound.key + ending, sha256=None)
                except NotFound:
                    continue
                made.write(as_line(copy.model_dump()))
    return manifest.model_copy(update={"media": True, "files": files}), found


def bring_sounds(folder: Path, manifest: Manifest, target: Media) -> Copied:
    """Copies what is in a backup into a store; of a backup without sounds, only looks what
    the store has, by keys and sizes. Raises StoreUnavailable.
    """
    found = Copied()
    if not manifest.media:
        for sound in sounds(folder):
            if _has(target, sound):
                found.there += 1
            else:
                found.missing.append(sound.key)
        return found
    source = Media.open(str(folder / MEDIA))
    for sound in _all(folder):
        _bring(source, target, sound, found)
    return found


def damaged_sounds(folder: Path) -> Iterator[str]:
    """The keys of those that are in a backup and are not what was written."""
    for sound in _all(folder):
        try:
            with (folder / MEDIA / sound.key).open("rb") as file:
                same = hashlib.file_digest(file, "sha256").hexdigest() == sound.sha256
        except OSError:
            same = False
        if not same:
            yield sound.key


def _all(folder: Path) -> Iterable[Sound]:
    yield from sounds(folder)
    yield from sounds(folder, MADE)


def _bring(source: Media, target: Media, sound: Sound, found: Copied) -> None:
    if _has(target, sound):
        found.there += 1
        return
    try:
        _copy(source, target, sound.key, sha256=sound.sha256)
    except NotFound:
        found.missing.append(sound.key)
    except _Damaged:
        found.damaged.append(sound.key)
    else:
        found.copied += 1


def _copy(source: Media, target: Media, key: str, *, sha256: str | None) -> Sound:
    """Raises _Damaged, and keeps nothing, for another sum than this one."""
    digest = hashlib.sha256()
    size = 0
    with source.open_stream(key) as stream, target.making(key) as file:
        while block := stream.read(BLOCK_BYTES):
            digest.update(block)
            size += len(block)
            file.write(block)
        if sha256 is not None and digest.hexdigest() != sha256:
            raise _Damaged
    return Sound(key=key, size=size, sha256=digest.hexdigest())


def _has(media: Media, sound: Sound) -> bool:
    try:
        return media.size(sound.key) == sound.size
    except NotFound:
        return False
