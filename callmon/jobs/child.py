"""The process that holds the models and works off the queue.

It is the only kind of process in which native code runs: what crashes, or takes all the
memory, takes down this process alone, and `worker.py` starts another. It ends with the
process that started it, and when it is asked to drain after the step that is under way.
"""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing.connection import Connection as Pipe

from callmon import tracing
from callmon.errors import CallmonError, Permanent
from callmon.jobs.bench import Bench
from callmon.jobs.journal import report
from callmon.jobs.locks import hold
from callmon.jobs.queue import serving
from callmon.jobs.setup import Setup
from callmon.store.database import Database

LOCK_SECONDS = 30.0
"""How long a new process waits for the one before it to be gone."""

BROKEN = 3
"""Exit code of a child that no other start will help."""


def main(setup: Setup, executor: str, pipe: Pipe) -> None:
    """Works until something comes through the pipe, then ends after the present step.

    Ends at once when the other end of the pipe is closed. Sends `(id, run, word)`: the
    words are `begun`, the name of each step each time that it is tried, `again` before the
    end of an attempt that is not the last, and `ended`.
    """
    # Both come to the whole group at a terminal or from systemd; the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    draining = threading.Event()
    threading.Thread(target=_listen, args=(pipe, draining), daemon=True).start()
    try:
        with hold(setup.locks, executor, seconds=LOCK_SECONDS):
            tracing.configure(setup.traces, service="callmon-worker")
            engines = setup.load()
            with Database.open(setup.database) as database:
                bench = Bench(setup, engines, database, executor, pipe, draining)
                with serving(setup.queue, executor=executor, handler=bench):
                    draining.wait()
                    bench.close()
        tracing.finish()
    except CallmonError as error:
        report(str(error))
        os._exit(BROKEN if isinstance(error, Permanent) else 1)
    # Not through the interpreter's end, which waits for threads of native libraries.
    os._exit(0)


def _listen(pipe: Pipe, draining: threading.Event) -> None:
    """Ends with the parent, however it ended."""
    try:
        pipe.recv()
        draining.set()
        pipe.recv()
    except (EOFError, OSError):
        os._exit(1)
