"""`callmon retry`: analyses again what failed or was cancelled."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime

from callmon.commands.output import say
from callmon.errors import NotFound
from callmon.jobs import orders
from callmon.jobs.queue import UPLOAD, Queue
from callmon.settings import load_settings
from callmon.store.calls import recordings
from callmon.store.database import Database


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
        for recording_id in arguments.ids or list(failed(database)):
            try:
                with database.reading() as connection:
                    state = recordings.get(connection, recording_id).state
            except NotFound as error:
                say(f"callmon: {error}")
                refused += 1
                continue
            if state in ("failed", "cancelled"):
                wanted.append(recording_id)
            else:
                say(f"callmon: {recording_id} is {state}; there is nothing to retry.")
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


def failed(database: Database) -> Iterator[str]:
    """The ids of all recordings that failed."""
    after = None
    while True:
        with database.reading() as connection:
            page = recordings.find(connection, states={"failed"}, after=after)
        if not page:
            return
        yield from (each.id for each in page)
        after = page[-1].id
