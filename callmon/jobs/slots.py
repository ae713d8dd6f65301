"""A place for one recording at a time, and the process in it."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from multiprocessing.context import SpawnProcess
from signal import SIGKILL, Signals

from callmon.errors import Permanent
from callmon.jobs.child import BROKEN, main
from callmon.jobs.journal import report
from callmon.jobs.queue import Job
from callmon.jobs.setup import Setup

BACK_OFF = (5.0, 30.0, 120.0)
"""Seconds before the second attempt, the third, and each later one; of a recording, and of
a process that crashes."""


@dataclass
class Slot:
    """A process that is started, listened to and ended; its name is the executor's."""

    executor: str
    process: SpawnProcess | None = None
    pipe: Pipe | None = None
    job: Job | None = None
    """What it works on, as far as it has told."""
    since: float = 0.0
    step: str | None = None
    step_since: float = 0.0
    """When it began the step, or has tried it again after an outage."""
    again: list[Job] = field(default_factory=list)
    """Attempts that have failed and are to be repeated, for the worker to take."""
    start_at: float = 0.0
    """Not before; a process that crashes again and again is started ever later."""
    failures: int = 0
    asked: bool = False
    """Whether it was asked to drain."""
    reason: str | None = None
    """Why we have ended it."""

    def start(self, setup: Setup) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(
            target=main, args=(setup, self.executor, theirs), name=self.executor
        )
        self.process.start()
        theirs.close()
        self.reason, self.asked = None, False

    def hear(self) -> None:
        """Takes in what the process has said."""
        with suppress(EOFError, OSError):
            while self.pipe is not None and self.pipe.poll():
                recording_id, run, word = self.pipe.recv()
                moment = time.monotonic()
                if word == "begun":
                    self.job, self.since = (recording_id, run), moment
                    report(f"{recording_id}: begun by {self.executor}")
                elif word == "again":
                    self.again.append((recording_id, run))
                elif word == "ended":
                    seconds = moment - self.since
                    report(f"{recording_id}: ended after {seconds:.1f} s")
                    self.job, self.step, self.failures = None, None, 0
                else:
                    self.step, self.step_since = word, moment

    def ask_to_drain(self) -> None:
        """Lets it end after its present step."""
        if self.pipe is not None and not self.asked:
            self.asked = True
            with suppress(OSError):
                self.pipe.send("drain")

    def end(self, reason: str | None = None) -> None:
        """Ends it at once."""
        if self.process is not None:
            self.reason = reason
            self.process.kill()
            self.process.join()

    def memory(self) -> int:
        """Bytes that the process takes."""
        import psutil  # type: ignore[import-untyped,unused-ignore]

        if self.process is None or self.process.pid is None:
            return 0
        try:
            return int(psutil.Process(self.process.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def reap(self) -> str | None:
        """To be called when the process has ended: why, or None when it has drained.

        Raises Permanent when another one would end in the same way.
        """
        self.hear()
        assert self.process is not None
        assert self.pipe is not None
        code = self.process.exitcode or 0
        self.process.close()
        self.pipe.close()
        self.process = self.pipe = self.job = self.step = None
        if code == 0:
            return None
        if code == BROKEN:
            raise Permanent("The worker cannot analyse anything; the line above says why.")
        if self.reason is not None:
            return self.reason
        self.failures += 1
        pause = BACK_OFF[min(self.failures, len(BACK_OFF)) - 1]
        self.start_at = time.monotonic() + pause
        return _ending(code)


def _ending(code: int) -> str:
    if code == -SIGKILL:
        return "The process was ended by SIGKILL, as the system does when memory runs out."
    if code < 0:
        return f"The process crashed ({Signals(-code).name})."
    return f"The process ended by itself with code {code}."
