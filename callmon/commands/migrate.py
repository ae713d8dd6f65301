"""`callmon migrate`."""

from __future__ import annotations

import argparse

from callmon.commands.output import say
from callmon.jobs.products import redact_missing
from callmon.settings import load_settings
from callmon.store.database import Database, migrate


def run(arguments: argparse.Namespace) -> int:  # noqa: ARG001
    url = load_settings().database_url
    before, after = migrate(url)
    if before == after:
        say(f"The database is of revision {after} already.")
    elif before is None:
        say(f"The database was empty and is of revision {after} now.")
    else:
        say(f"The database was of revision {before} and is of {after} now.")
    with Database.open(url) as database:
        redacted = 0
        while number := redact_missing(database):
            redacted += number
            say(
                f"{redacted} analyses redacted anew; what is left when this is ended,"
                " workers do"
            )
    return 0
