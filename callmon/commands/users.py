"""`callmon users`: user accounts, for who has the database's machine at hand."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from rich.table import Table
from rich.text import Text
from sqlalchemy import Connection

from callmon.commands.keys import WHO, reach, standing_of
from callmon.commands.output import console, say
from callmon.errors import BadSettings, NotFound
from callmon.report.wording import harmless
from callmon.review.access.forms import Name, Password
from callmon.review.access.secrets import hash_password, new_id
from callmon.review.site import utc_now
from callmon.settings import load_settings
from callmon.store.access import audit, sessions, users
from callmon.store.access.users import StoredUser
from callmon.store.database import Database


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when it was done."""
    settings = load_settings()
    settings.data.mkdir(parents=True, exist_ok=True)
    with Database.open(settings.database_url) as database:
        {
            "list": _list,
            "add": _add,
            "password": _password,
            "disable": _disable,
            "enable": _enable,
        }[arguments.verb](database, arguments)
    return 0


def _list(database: Database, arguments: argparse.Namespace) -> None:
    with database.reading() as connection:
        found = users.every(connection, limit=10_000)
    if arguments.json:
        print(json.dumps([user.model_dump(mode="json") for user in found], indent=1))  # noqa: T201
        return
    table = Table("login", "name", "role", "teams or agent", "state", box=None)
    for user in found:
        state = "active" if user.disabled_at is None else "disabled"
        cells = (user.login, user.name, user.standing.role, reach(user.standing), state)
        table.add_row(*(Text(harmless(cell)) for cell in cells))
    console(sys.stdout).print(table)


def _add(database: Database, arguments: argparse.Namespace) -> None:
    standing, login = standing_of(arguments), _checked(arguments.login, "login")
    name = _checked(arguments.name or login, "name")
    hashed = hash_password(_asked(arguments.password_file))
    now, user_id = utc_now(), new_id()
    with database.writing() as connection:
        user = users.add(
            connection,
            id=user_id,
            login=login,
            name=name,
            standing=standing,
            hash=hashed,
            made_by=WHO,
            at=now,
        )
        if user is None:
            raise BadSettings(f"There is a user {login!r} already.")
        detail = {"user": user_id, "role": standing.role}
        audit.record(connection, who=WHO, action="user.added", detail=detail, at=now)
    say(f"{user.login} can sign in.")


def _password(database: Database, arguments: argparse.Namespace) -> None:
    with database.reading() as connection:
        user = _user(connection, arguments.login)
    hashed = hash_password(_asked(arguments.password_file))
    with database.writing() as connection:
        users.set_password(connection, user.id, hash=hashed)
        sessions.close_all(connection, user.id)
        detail = {"user": user.id}
        audit.record(
            connection, who=WHO, action="password.set", detail=detail, at=utc_now()
        )
    say(f"{user.login} has a new password.")


def _disable(database: Database, arguments: argparse.Namespace) -> None:
    _change(database, arguments.login, disabled=True)
    say(f"{arguments.login} is kept out.")


def _enable(database: Database, arguments: argparse.Namespace) -> None:
    _change(database, arguments.login, disabled=False)
    say(f"{arguments.login} can sign in again.")


def _change(database: Database, login: str, *, disabled: bool) -> None:
    now = utc_now()
    with database.writing() as connection:
        user = _user(connection, login)
        users.change(
            connection,
            user.id,
            name=user.name,
            standing=user.standing,
            disabled_at=now if disabled else None,
        )
        if disabled:
            sessions.close_all(connection, user.id)
        detail = {"user": user.id, "role": user.standing.role, "disabled": disabled}
        audit.record(connection, who=WHO, action="user.changed", detail=detail, at=now)


def _user(connection: Connection, login: str) -> StoredUser:
    found = users.by_login(connection, login)
    if found is None:
        raise NotFound(f"There is no user {login!r}; `callmon users list` shows them.")
    return found[0]


def _asked(file: Path | None) -> str:
    """A password, from a file's first line or from the keyboard. Raises BadSettings."""
    if file is not None:
        source = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
        password = (source.splitlines() or [""])[0]
    elif sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if getpass.getpass("Once more: ") != password:
            raise BadSettings("The two passwords are not the same.")
    else:
        raise BadSettings("There is no keyboard to ask at; --password-file - would work.")
    try:
        return TypeAdapter[str](Password).validate_python(password)
    except ValidationError:
        raise BadSettings(
            f"The password has {len(password)} characters; 12 to 1000 are wanted."
        ) from None


def _checked(text: str, what: str) -> str:
    try:
        return TypeAdapter[str](Name).validate_python(text)
    except ValidationError:
        raise BadSettings(
            f"The {what} is {text[:100]!r}; 1 to 200 characters on one line would work."
        ) from None
