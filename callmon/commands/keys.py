"""`callmon keys`: the keys of the API, for who has the database's machine at hand."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import timedelta

from pydantic import ValidationError
from rich.table import Table
from rich.text import Text

from callmon.commands.output import console, say
from callmon.errors import BadSettings
from callmon.report.wording import harmless
from callmon.review.access.secrets import hash_key, new_id, new_key
from callmon.review.site import utc_now
from callmon.settings import load_settings
from callmon.store.access import audit, keys
from callmon.store.access.keys import StoredKey
from callmon.store.access.standing import Standing
from callmon.store.database import Database

WHO = "command line"


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when it was done."""
    settings = load_settings()
    settings.data.mkdir(parents=True, exist_ok=True)
    with Database.open(settings.database_url) as database:
        {"list": _list, "make": _make, "rotate": _rotate, "revoke": _revoke}[
            arguments.verb
        ](database, arguments)
    return 0


def standing_of(arguments: argparse.Namespace) -> Standing:
    """What the options say of the role. Raises BadSettings."""
    teams = None if arguments.teams is None else frozenset(arguments.teams)
    try:
        return Standing(role=arguments.role, teams=teams, agent=arguments.agent)
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise BadSettings(f"{message[0].upper()}{message[1:]}.") from None


def reach(standing: Standing) -> str:
    """Teams or agent, in words."""
    if standing.agent is not None:
        return standing.agent
    return "all" if standing.teams is None else ", ".join(sorted(standing.teams)) or "none"


def _list(database: Database, arguments: argparse.Namespace) -> None:
    with database.reading() as connection:
        found = keys.every(connection, limit=10_000)
    if arguments.json:
        print(json.dumps([key.model_dump(mode="json") for key in found], indent=1))  # noqa: T201
        return
    table = Table("id", "name", "role", "teams or agent", "state", "last used", box=None)
    for key in found:
        used = "" if key.used_at is None else f"{key.used_at:%Y-%m-%d %H:%M}"
        cells = (
            key.id,
            key.name,
            key.standing.role,
            reach(key.standing),
            _state(key),
            used,
        )
        table.add_row(*(Text(harmless(cell)) for cell in cells))
    console(sys.stdout).print(table)


def _state(key: StoredKey) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if not key.holds(utc_now()):
        return "expired"
    return "holds" if key.expires_at is None else f"until {key.expires_at:%Y-%m-%d}"


def _make(database: Database, arguments: argparse.Namespace) -> None:
    standing, now, key_id = standing_of(arguments), utc_now(), new_id()
    text = new_key(key_id)
    days = arguments.days
    try:
        expires_at = None if days is None else now + timedelta(days=days)
    except OverflowError:
        raise BadSettings(f"{days} days are too many; 365 would work.") from None
    with database.writing() as connection:
        keys.add(
            connection,
            id=key_id,
            name=arguments.name,
            hash=hash_key(text),
            standing=standing,
            expires_at=expires_at,
            made_by=WHO,
            at=now,
        )
        detail = {"key": key_id, "role": standing.role}
        audit.record(connection, who=WHO, action="key.made", detail=detail, at=now)
    say(f"The key {key_id}, shown this once:")
    print(text)  # noqa: T201


def _rotate(database: Database, arguments: argparse.Namespace) -> None:
    if not 0 <= arguments.hours <= 720:
        raise BadSettings(f"{arguments.hours} hours cannot be; 0 to 720 work.")
    text, now = new_key(arguments.id), utc_now()
    until = now + timedelta(hours=arguments.hours)
    with database.writing() as connection:
        keys.rotate(connection, arguments.id, hash=hash_key(text), previous_until=until)
        detail = {"key": arguments.id, "overlap_hours": arguments.hours}
        audit.record(connection, who=WHO, action="key.rotated", detail=detail, at=now)
    say(f"The new text of the key, shown this once. The old one works until {until:%c}:")
    print(text)  # noqa: T201


def _revoke(database: Database, arguments: argparse.Namespace) -> None:
    now = utc_now()
    with database.writing() as connection:
        if not keys.revoke(connection, arguments.id, at=now):
            say(f"The key {arguments.id} was revoked before.")
            return
        detail = {"key": arguments.id}
        audit.record(connection, who=WHO, action="key.revoked", detail=detail, at=now)
    say(f"The key {arguments.id} holds no more.")
