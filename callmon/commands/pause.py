"""`callmon pause`: workers finish their present step and begin nothing until `resume`."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from callmon.commands.output import say
from callmon.jobs import orders
from callmon.settings import load_settings
from callmon.store.database import Database


def run(_arguments: argparse.Namespace) -> int:
    """Pausing twice is no error."""
    with Database.open(load_settings().database_url) as database:
        new = orders.pause(database, who="cli", at=datetime.now(UTC))
    say("paused; `callmon resume` goes on" if new else "it is paused already")
    return 0
