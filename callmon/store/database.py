"""Opens the database, an SQLite file or PostgreSQL, and gives out transactions.

Everything else in this package takes a `Connection` and never commits. One `with
database.writing()` is one transaction: all of it is kept, durably, or nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, Table, text
from sqlalchemy.dialects import postgresql, sqlite

from callmon.store.engine import WRITE, make_engine
from callmon.store.faults import translate
from callmon.store.revisions import is_known, refuse, revision_of, upgrade
from callmon.store.tables.base import REVISION


class Database:
    """The database, open until `close`. Threads may share it, forked processes not."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> Self:
        """Opens it; a database that is empty gets its tables.

        Raises BadSettings for a URL that is none, StoreOutdated when the database was made
        by another version, StoreUnavailable when it does not answer.
        """
        engine = make_engine(url)
        try:
            with translate(), engine.connect() as connection:
                found = revision_of(connection)
            if found is None:
                upgrade(engine)
            elif found != REVISION:
                refuse(found)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A snapshot that no writer disturbs, and that cannot be written to.

        Raises StoreUnavailable.
        """
        options: dict[str, Any] = {}
        if self._engine.dialect.name == "postgresql":
            options = {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
        with self._transaction(options) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: committed at the end of the block, rolled back on an error.

        On SQLite there is one writer at a time; the others wait at the door. When this
        block has ended, what was written survives a power cut. Raises StoreUnavailable.
        """
        with self._transaction({"callmon_begin": WRITE}) as connection:
            yield connection

    @contextmanager
    def _transaction(self, options: dict[str, Any]) -> Iterator[Connection]:
        with (
            translate(),
            self._engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection

    def check(self) -> None:
        """Raises StoreOutdated when another callmon has migrated it since it was opened."""
        with self.reading() as connection:
            found = revision_of(connection)
        if found is not None and found != REVISION:
            refuse(found)

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def migrate(url: str) -> tuple[str | None, str]:
    """Brings the database to this version: its revision before (None: empty) and after.

    Raises StoreOutdated when a newer callmon made it, else as `Database.open`.
    """
    engine = make_engine(url)
    try:
        with translate(), engine.connect() as connection:
            found = revision_of(connection)
        if found is not None and not is_known(found):
            refuse(found)
        if found != REVISION:
            upgrade(engine)
        return found, REVISION
    finally:
        engine.dispose()


def insert_once(connection: Connection, into: Table, values: Mapping[str, Any]) -> bool:
    """Inserts a row, or does nothing when its key is there; whether it was inserted."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(into).values(**values).on_conflict_do_nothing()
    # Without the option PostgreSQL's driver is not asked for it, and the count is -1.
    counted = {"preserve_rowcount": True}
    return connection.execute(statement, execution_options=counted).rowcount == 1


def put(connection: Connection, into: Table, values: Mapping[str, Any]) -> None:
    """Inserts a row, or replaces what the row with this primary key holds."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    key = [column.name for column in into.primary_key]
    rest = {name: value for name, value in values.items() if name not in key}
    statement = dialect.insert(into).values(**values)
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=rest))


def alone(connection: Connection, name: str) -> None:
    """Waits until no other transaction holds this name; then this one does, to its end.

    On SQLite whoever writes is alone anyway.
    """
    if connection.dialect.name == "postgresql":
        lock = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
