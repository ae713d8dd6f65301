"""How the database is reached: an SQLite file or PostgreSQL, by its URL."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from callmon.errors import BadSettings, StoreUnavailable

BUSY_SECONDS = 30.0
"""How long a writer waits for the others; a transaction of ours takes milliseconds."""

KEEPALIVES = {
    "keepalives": "1",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
"""A server that vanished, or a firewall that forgot the connection, is noticed in a minute;
by default Linux waits for two hours, and a statement for fifteen minutes. PostgreSQL
manual, 34.1.2; seconds, but the last one is milliseconds."""

IDLE_SECONDS = 120
"""A transaction of ours that stands still for so long is ended by PostgreSQL: its process
is frozen, and others wait for its locks."""

READ = ("PRAGMA query_only = ON", "BEGIN")
WRITE = ("PRAGMA query_only = OFF", "BEGIN IMMEDIATE")
"""How transactions begin on SQLite. One that begins by reading and then writes is refused
at once, without any waiting, when another process has written in between."""


def make_engine(url: str) -> Engine:
    """Nothing is asked of the database yet. Raises BadSettings, StoreUnavailable."""
    parsed = _parse(url)
    if parsed.drivername == "sqlite":
        _make_folder(Path(str(parsed.database)).parent)
        engine = create_engine(
            parsed, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS}
        )
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
        return engine
    # Before each use a connection is tried: a server that was started again is no fault.
    engine = create_engine(
        kept_alive(parsed),
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 10},
    )
    event.listen(engine, "connect", _on_connect_to_server)
    return engine


def kept_alive(url: URL) -> URL:
    """Of PostgreSQL, with `KEEPALIVES` where it does not say something else itself."""
    if url.get_backend_name() != "postgresql":
        return url
    missing = {name: value for name, value in KEEPALIVES.items() if name not in url.query}
    return url.update_query_dict(missing)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(
            f"The folder of the database, {folder}, cannot be made: {error.strerror}."
        ) from None


def _parse(url: str) -> URL:
    would = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME would work"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise BadSettings(f"The URL of the database is none; {would}.") from None
    if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "sqlite":
        raise BadSettings(
            f"The database is of the kind {parsed.drivername!r}, which callmon cannot use;"
            f" {would}."
        )
    if parsed.database in (None, "", ":memory:") or parsed.query:
        raise BadSettings(f"The database has to be a file and nothing more; {would}.")
    return parsed


def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
    # The driver would begin a transaction by itself, too late and without IMMEDIATE.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    # The default under WAL loses the last commits in a power cut; the watcher deletes
    # files on the strength of a commit.
    connection.execute("PRAGMA synchronous = FULL")


def _on_connect_to_server(connection: Any, _record: object) -> None:
    # Not among the options of the connection, which poolers in between refuse.
    connection.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
    connection.commit()


def _on_begin(connection: Connection) -> None:
    for statement in connection.get_execution_options().get("callmon_begin", READ):
        connection.exec_driver_sql(statement)
