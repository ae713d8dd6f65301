"""Puts files that were dealt with out of the way: into `done/` and `failed/`.

A file is moved or deleted only after it is safe in the store, and only when it is still
the very file that was read: another one may have come under its name meanwhile.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

from callmon.intake.folder import DONE, FAILED, Changed, Seen, is_same
from callmon.intake.sidecar import sidecar_names

REASON: Final = ".reason.txt"
LONGEST_NAME: Final = 255
"""Bytes of a file's name on the usual file systems."""


def move_done(seen: Seen) -> None:
    """Moves the file, and the sidecar with it, to the same place below `done/`.

    Raises Changed when it is another file by now, OSError when it cannot be moved.
    """
    target = _move(seen, DONE)
    if seen.sidecar is not None:
        # Without its recording it tells nothing; so it never fails for it.
        with suppress(OSError):
            _put(seen.sidecar, target.with_name(seen.sidecar.name))


def move_failed(seen: Seen, reason: str) -> None:
    """Moves the file to the same place below `failed/`, and says why in a text beside it.

    Raises as `move_done`.
    """
    target = _move(seen, FAILED)
    note = _reserve(_with_ending(target, REASON))
    note.write_text(reason + "\n", encoding="utf-8", errors="replace")
    if seen.sidecar is not None:
        with suppress(OSError):
            _put(seen.sidecar, target.with_name(seen.sidecar.name))


def is_late(seen: Seen) -> bool:
    """Whether the recording that this sidecar tells of has gone to `done/` without it."""
    folder = seen.root.joinpath(DONE, *seen.parts[:-1])
    try:
        with os.scandir(folder) as there:
            return any(seen.path.name in sidecar_names(each.name) for each in there)
    except OSError:  # nothing has gone there
        return False


def delete(seen: Seen) -> None:
    """Deletes the file and its sidecar. Raises as `move_done`."""
    _check(seen)
    seen.path.unlink()
    if seen.sidecar is not None:
        with suppress(OSError):
            seen.sidecar.unlink()


def _move(seen: Seen, where: str) -> Path:
    _check(seen)
    folder = seen.root.joinpath(where, *seen.parts[:-1])
    folder.mkdir(parents=True, exist_ok=True)
    if not folder.resolve().is_relative_to(seen.root.resolve()):
        # Somebody has put a link there, and nothing of ours is written through it.
        raise OSError(f"{where}/ leads out of the watched folder")
    try:
        return _put(seen.path, folder / seen.path.name)
    except FileNotFoundError:  # another watcher was faster
        raise Changed from None


def _check(seen: Seen) -> None:
    try:
        state = seen.path.lstat()
    except FileNotFoundError:
        raise Changed from None
    if not is_same(state, seen):
        raise Changed


def _put(source: Path, wanted: Path) -> Path:
    """Moves a file to a path that is its own; gives that."""
    target = _reserve(wanted)
    try:
        return source.rename(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _reserve(wanted: Path) -> Path:
    """An empty file at the path, with a number before its endings where there is one.

    A look whether the name is free would be out of date at once: another program may put
    its file there before ours is moved over it.
    """
    for path in _numbered(wanted):
        with suppress(FileExistsError):
            path.touch(exist_ok=False)
            return path
    raise AssertionError  # the numbers do not end


def _numbered(wanted: Path) -> Iterator[Path]:
    yield wanted
    endings = "".join(wanted.suffixes[-2:])
    stem = wanted.name[: len(wanted.name) - len(endings)]
    for number in count(2):
        yield _with_ending(wanted.with_name(stem or "_"), f" ({number}){endings}")


def _with_ending(path: Path, ending: str) -> Path:
    """The path with more at its end, and its name cut where the whole would be too long."""
    name = os.fsencode(path.name)
    room = LONGEST_NAME - len(os.fsencode(ending))
    if len(name) > room:
        # What is cut off may be all that tells two names apart.
        digest = hashlib.sha256(name).hexdigest()[:8].encode()
        name = name[: max(0, room - 9)] + b"-" + digest
    return path.with_name(os.fsdecode(name[:room]) + ending)
