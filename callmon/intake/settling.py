"""Waits until files have stayed as they are: a recording is not taken while it is written.

Times are by a clock that only goes forward, in seconds; the times that files carry are
compared with each other and never with the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from callmon.intake.folder import Seen

RETRY_SECONDS: Final = (1.0, 4.0, 10.0)
"""Pauses before a file that cannot be read, or seems unfinished, is tried again: a lock or
a share that stumbles is over in a quarter of a minute."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    seen: Seen
    not_before: float
    tries: int = 0


class Settling:
    """The files that were seen and are not dealt with."""

    def __init__(self, *, stable_seconds: float, sidecar_seconds: float) -> None:
        self._with_sidecar = stable_seconds
        self._alone = max(stable_seconds, sidecar_seconds)
        self._waiting: dict[Path, _Waiting] = {}

    def __contains__(self, path: object) -> bool:
        return path in self._waiting

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Path]:
        return iter(self._waiting)

    def look(self, found: Iterable[Seen], *, now: float) -> list[Seen]:
        """Those of the files found now that can be taken, the oldest first.

        A file that is not found any more is forgotten; one that has changed, or whose
        sidecar has, begins to wait anew.
        """
        before, self._waiting = self._waiting, {}
        ready = []
        for seen in found:
            waiting = before.get(seen.path)
            if waiting is None or waiting.seen != seen:
                patience = self._alone if seen.sidecar is None else self._with_sidecar
                waiting = _Waiting(seen=seen, not_before=now + patience)
            self._waiting[seen.path] = waiting
            if now >= waiting.not_before:
                ready.append(seen)
        return sorted(ready, key=lambda seen: (seen.mtime_ns, seen.path))

    def forget(self, seen: Seen) -> None:
        """It is dealt with, or not what it was."""
        self._waiting.pop(seen.path, None)

    def postpone(self, seen: Seen, *, now: float) -> bool:
        """Has a file tried again after a pause; false when that was done often enough."""
        waiting = self._waiting[seen.path]
        if waiting.tries == len(RETRY_SECONDS):
            return False
        pause = RETRY_SECONDS[waiting.tries]
        self._waiting[seen.path] = replace(
            waiting, not_before=now + pause, tries=waiting.tries + 1
        )
        return True
