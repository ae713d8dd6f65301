"""`callmon work`: analyses what is in the queue, until it is told to end."""

from __future__ import annotations

import argparse
import signal

from callmon.commands.jobs import set_up
from callmon.commands.output import say
from callmon.jobs.worker import Worker
from callmon.settings import load_settings

GIB = 1024**3


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when the worker has drained."""
    settings = load_settings(
        worker_name=arguments.name,
        concurrency=arguments.concurrency,
        worker_memory=arguments.memory,
    )
    memory = settings.worker_memory
    worker = Worker(
        set_up(settings),
        name=settings.worker_name,
        concurrency=settings.concurrency,
        retention_days=settings.retention_days,
        max_bytes=None if memory is None else int(memory * GIB),
        until_idle=arguments.until_idle,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.drain())
    say(
        f"callmon: worker {settings.worker_name}, {settings.concurrency} at a time."
        " Ctrl-C or SIGTERM ends it after the present step, a second one at once."
    )
    worker.run()
    return 0
