"""`callmon retry`: analyses again what failed or was cancelled."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from callmon.commands.output import say
from callmon.errors import NotFound
from callmon.jobs import orders
from callmon.jobs.queue import UPLOAD, Queue
from callmon.settings import load_settings
from callmon.store.calls import recordings
from callmon.store.database import Database
from callmon.store.work import runs


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when every recording that was named is queued."""
    if bool(arguments.ids) == arguments.failed:
        arguments.parser.error("name recordings by their ids, or --failed for all of them")
    settings = load_settings()
    with (
        Database.open(settings.database_url) as database,
        Queue.open(settings.queue_url) as queue,
    ):
        refused = 0
        wanted = []
        with database.reading() as connection:
            named = arguments.ids or runs.failed(connection)
        for recording_id in named:
            try:
                with database.reading() as connection:
                    known = recordings.get(connection, recording_id)
            except NotFound as error:
                say(f"callmon: {error}")
                refused += 1
                continue
            # `done` with an error: the last analysis failed, and an earlier one counts.
            again = known.state == "done" and known.error is not None
            if again or known.state in ("failed", "cancelled"):
                wanted.append(recording_id)
            else:
                say(f"callmon: {recording_id} is {known.state}; there is nothing to retry.")
                refused += 1
        jobs = orders.request(
            database,
            queue,
            wanted,
            reason="retry",
            priority=UPLOAD,
            who="cli",
            at=datetime.now(UTC),
        )
    say(f"{len(jobs)} queued")
    return 1 if refused else 0
