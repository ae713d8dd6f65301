"""Wakes the watcher when something changes in its folders, where the system tells."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from callmon.intake.mounts import is_silent

POLL_SECONDS: Final = 2.0
"""Between two looks through folders of which the system tells nothing."""

Wait = Callable[[float], object]
"""Returns when something has changed, at the end, and at the latest after the seconds."""


@contextmanager
def listening(
    folders: Sequence[Path],
    *,
    poll: Literal["auto", "always", "never"],
    stop: threading.Event,
    tell: Callable[[str], None],
) -> Iterator[Wait]:
    """Gives the way to wait for the next look through the folders.

    A system that cannot tell, for example since it watches too many folders already, is no
    error: the folders are looked through again and again instead.
    """
    silent = [each for each in folders if poll == "auto" and is_silent(each)]
    for each in silent:
        tell(f"{each} is on a share; it is looked through every {POLL_SECONDS:.0f} s.")
    if silent or poll == "always":
        yield lambda seconds: stop.wait(min(seconds, POLL_SECONDS))
        return

    ended, changed, deaf = threading.Event(), threading.Event(), threading.Event()

    def listen() -> None:
        from watchfiles import watch

        try:
            for _ in watch(
                *folders,
                watch_filter=None,
                step=20,
                rust_timeout=1000,
                stop_event=_Either(stop, ended),
                raise_interrupt=False,
                force_polling=False,
                ignore_permission_denied=True,
            ):
                changed.set()
        except (OSError, RuntimeError) as error:
            deaf.set()
            tell(
                f"The system does not tell of changes ({error}). The folders are looked"
                f" through every {POLL_SECONDS:.0f} s instead."
            )
        finally:
            changed.set()

    def wait(seconds: float) -> None:
        if deaf.is_set():
            stop.wait(min(seconds, POLL_SECONDS))
        else:
            changed.wait(seconds)
            changed.clear()

    thread = threading.Thread(target=listen, name="listening", daemon=True)
    thread.start()
    try:
        yield wait
    finally:
        ended.set()
        thread.join()


class _Either:
    """Set when one of two events is."""

    def __init__(self, *events: threading.Event) -> None:
        self._events = events

    def is_set(self) -> bool:
        return any(event.is_set() for event in self._events)
