"""What lies in a watched folder, and how to open it without being led elsewhere.

Only ordinary files count. Links are left alone: what one inside the folder points at is
found by itself, and one that points out of it could bring in any file of this machine.
"""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callmon.intake.sidecar import ENDING, sidecar_names

DONE: Final = "done"
FAILED: Final = "failed"
"""Folders at the root of a watched one, which hold what is dealt with."""

UNFINISHED: Final = re.compile(
    r"^[.~].*|.*(~|\.(part|partial|filepart|tmp|temp|crdownload|download|opdownload|"
    r"aria2|swp|swx|lock|lck|writing|incomplete|!ut))$",
    re.IGNORECASE,
)
"""Hidden names, and those under which browsers, editors, copiers and synchronising programs
write what is not whole yet; also folders such as `.stversions`."""

OF_SYSTEMS: Final = frozenset(
    {"thumbs.db", "desktop.ini", "lost+found", "system volume information", "$recycle.bin",
     "#recycle", "@eadir", "@recycle", "@tmp"}
)  # fmt: skip
"""What operating systems and storage boxes keep for themselves."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was when it was looked at."""

    root: Path
    """The watched folder that it lies in, at any depth."""
    path: Path
    device: int
    inode: int
    size: int
    """Bytes."""
    mtime_ns: int
    sidecar: Path | None
    sidecar_size: int
    sidecar_mtime_ns: int

    @property
    def state(self) -> tuple[int, int]:
        """Size and time of the file with its sidecar: other numbers are another state."""
        return (
            self.size + self.sidecar_size,
            max(self.mtime_ns, self.sidecar_mtime_ns),
        )

    @property
    def is_sidecar(self) -> bool:
        """Whether it is a sidecar without its recording."""
        return self.path.name.endswith(ENDING)

    @property
    def parts(self) -> tuple[str, ...]:
        """Its folders below the root, and its name."""
        return self.path.relative_to(self.root).parts


class Changed(Exception):
    """The file is not what was seen: it is being written, was replaced, or has gone."""


def look(root: Path) -> Iterator[Seen]:
    """Every file below the folder that may be a recording, and each sidecar that lies
    there without one.

    A folder below it that cannot be read is passed over; OSError is raised when the root
    itself cannot be.
    """
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                here = {each.name: each for each in entries if is_wanted(each.name)}
        except OSError:
            if folder == root:
                raise
            continue
        alone = {name for name in here if name.endswith(ENDING)}
        for name, entry in here.items():
            try:
                if entry.is_dir(follow_symlinks=False):
                    if folder != root or name not in (DONE, FAILED):
                        waiting.append(folder / name)
                elif entry.is_file(follow_symlinks=False) and not name.endswith(ENDING):
                    if alone:
                        alone.difference_update(sidecar_names(name))
                    yield _seen(root, folder / name, entry, here)
            except OSError:  # it has just gone
                continue
        for name in sorted(alone):
            try:
                if here[name].is_file(follow_symlinks=False):
                    yield _seen(root, folder / name, here[name], {})
            except OSError:  # it has just gone
                continue


def _seen(
    root: Path, path: Path, entry: os.DirEntry[str], here: Mapping[str, os.DirEntry[str]]
) -> Seen:
    state = entry.stat(follow_symlinks=False)
    sidecar = None
    size = mtime_ns = 0
    for name in sidecar_names(path.name):
        if name in here and here[name].is_file(follow_symlinks=False):
            beside = here[name].stat(follow_symlinks=False)
            sidecar, size, mtime_ns = (
                path.with_name(name),
                beside.st_size,
                beside.st_mtime_ns,
            )
            break
    return Seen(
        root=root,
        path=path,
        device=state.st_dev,
        inode=state.st_ino,
        size=state.st_size,
        mtime_ns=state.st_mtime_ns,
        sidecar=sidecar,
        sidecar_size=size,
        sidecar_mtime_ns=mtime_ns,
    )


def is_wanted(name: str) -> bool:
    """Whether a name is neither hidden, nor partial, nor of an operating system."""
    return not UNFINISHED.fullmatch(name) and name.lower() not in OF_SYSTEMS


def is_same(state: os.stat_result, seen: Seen) -> bool:
    """Whether this is the file that was seen, and nobody has written to it since."""
    return (
        stat.S_ISREG(state.st_mode)
        and (state.st_dev, state.st_ino) == (seen.device, seen.inode)
        and (state.st_size, state.st_mtime_ns) == (seen.size, seen.mtime_ns)
    )


class Steady(io.FileIO):
    """A file that must stay as it was seen until it is read to its end, else Changed."""

    def __init__(self, seen: Seen) -> None:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            descriptor = os.open(seen.path, flags)
        except FileNotFoundError:
            raise Changed from None
        super().__init__(descriptor, "rb", closefd=True)
        self._seen = seen
        try:
            self._check()
        except BaseException:
            self.close()
            raise

    def read(self, size: int | None = -1, /) -> bytes:
        block = super().read(-1 if size is None else size) or b""
        if not block and size != 0:
            self._check()
            if self.tell() != self._seen.size:
                raise Changed
        return block

    def _check(self) -> None:
        if not is_same(os.fstat(self.fileno()), self._seen):
            raise Changed
