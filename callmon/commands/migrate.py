"""`callmon migrate`."""

from __future__ import annotations

import argparse

from callmon.commands.output import say
from callmon.settings import load_settings
from callmon.store.database import migrate


def run(arguments: argparse.Namespace) -> int:  # noqa: ARG001
    before, after = migrate(load_settings().database_url)
    if before == after:
        say(f"The database is of revision {after} already.")
    elif before is None:
        say(f"The database was empty and is of revision {after} now.")
    else:
        say(f"The database was of revision {before} and is of {after} now.")
    return 0
