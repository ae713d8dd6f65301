"""The worker that `callmon serve` runs beside itself, so that one command is enough."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from callmon.review import logs

FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 60.0
SETTLED_SECONDS: Final = 300.0
"""A worker that has lived for so long is well; the next wait begins anew."""

COMMAND: Final = (sys.executable, "-m", "callmon", "work")


class WorkerProcess:
    """A child process, started again when it dies, until it is told to end.

    Each time that it dies soon, the wait before the next start doubles, up to a minute.
    """

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        *,
        first_wait: float = FIRST_WAIT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._command = tuple(command)
        self._first_wait = first_wait
        self._clock = clock
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    @property
    def is_ending(self) -> bool:
        return self._ending.is_set()

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Hands SIGTERM on: the worker ends after its step, when told again at once."""
        with self._lock:
            self._ending.set()
            if self._child is not None:
                with contextlib.suppress(ProcessLookupError):
                    self._child.terminate()

    def wait(self) -> None:
        """Until it has ended, which takes as long as a step of an analysis."""
        # In pieces: a signal is only handled between them.
        while self._thread.is_alive():
            self._thread.join(0.2)

    def _run(self) -> None:
        wait = self._first_wait
        while True:
            began = self._clock()
            with self._lock:
                if self._ending.is_set():
                    return
                # In a session of its own: Ctrl-C reaches it through us alone, once.
                self._child = subprocess.Popen(  # noqa: S603
                    self._command, stdin=subprocess.DEVNULL, start_new_session=True
                )
            code = self._child.wait()
            if self._ending.is_set():
                return
            if self._clock() - began >= SETTLED_SECONDS:
                wait = self._first_wait
            logs.event("worker ended", code=code, again_in=wait)
            self._ending.wait(wait)
            wait = min(LONGEST_WAIT, 2 * wait)
