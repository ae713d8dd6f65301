"""`callmon cancel`: takes recordings out of the queue, and ends the analysis of others."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from callmon.commands.output import say
from callmon.errors import NotFound
from callmon.jobs import orders
from callmon.jobs.queue import Queue
from callmon.settings import load_settings
from callmon.store.database import Database


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when every recording that was named is cancelled."""
    settings = load_settings()
    cancelled = left = 0
    with (
        Database.open(settings.database_url) as database,
        Queue.open(settings.queue_url) as queue,
    ):
        for recording_id in arguments.ids:
            try:
                done = orders.cancel(
                    database, queue, recording_id, who="cli", at=datetime.now(UTC)
                )
            except NotFound as error:
                say(f"callmon: {error}")
                left += 1
                continue
            if not done:
                say(f"callmon: {recording_id} neither waits nor is analysed.")
                left += 1
                continue
            cancelled += 1
    say(f"{cancelled} cancelled")
    return 1 if left else 0
