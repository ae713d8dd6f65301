"""`callmon resume`: workers go on after `pause`."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from callmon.commands.output import say
from callmon.jobs import orders
from callmon.settings import load_settings
from callmon.store.database import Database


def run(_arguments: argparse.Namespace) -> int:
    """Resuming what is not paused is no error."""
    with Database.open(load_settings().database_url) as database:
        was_paused = orders.resume(database, who="cli", at=datetime.now(UTC))
    say("going on" if was_paused else "it was not paused")
    return 0
