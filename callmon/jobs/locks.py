"""Locks on this machine: no two live processes of one name.

Two would do each other's steps again. The system drops a lock with the process that has it,
however that ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from filelock import FileLock, Timeout

from callmon.errors import BadSettings, Transient


@contextmanager
def hold(folder: Path, name: str, *, seconds: float) -> Iterator[None]:
    """Holds the lock of this name during the block.

    Raises Transient when another process still has it after so many seconds, BadSettings
    when there can be no such lock.
    """
    lock = FileLock(folder / f"{quote(name, safe='')}.lock", timeout=seconds)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise Transient(
            f"A worker called {name!r} runs already. Stop it, or give this one another name"
            " with --name."
        ) from None
    except OSError as error:
        raise BadSettings(
            f"The worker {name[:40]!r} cannot have its lock in {folder}: {error.strerror}."
            " A data folder that can be written to, and a short name (--name), would work."
        ) from None
    try:
        yield
    finally:
        lock.release()
