"""Brings a backup into an empty database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Engine,
    Text,
    bindparam,
    cast,
    column,
    delete,
    exists,
    func,
    insert,
    inspect,
    select,
    table,
)

from callmon.errors import BadBackup
from callmon.store.access import audit
from callmon.store.backups.form import Manifest, decode, reading, table_file
from callmon.store.database import Database, alone
from callmon.store.engine import WRITE, make_engine
from callmon.store.faults import StatementRefused, translate
from callmon.store.revisions import is_known, revision_of, upgrade
from callmon.store.tables.calls import recordings
from callmon.store.work import runs

AT_ONCE = 500
"""Rows that are written together."""

SEEDED = "seals"
"""The one table that a migration puts something into."""


def check_place(url: str, manifest: Manifest) -> None:
    """Raises BadBackup for a backup of a newer callmon and for a database with something in
    it, StoreUnavailable."""
    if not is_known(manifest.revision):
        raise BadBackup(
            f"The backup was made by callmon {manifest.callmon}, whose database is of"
            f" revision {manifest.revision}, which this one does not know. Restore it with"
            " that version or a newer one."
        )
    engine = make_engine(url)
    try:
        with translate(), engine.connect() as connection:
            found = revision_of(connection)
            if found is None:
                return
            if found != manifest.revision:
                raise _not_empty(f"it has the tables of revision {found}")
            _check_empty(connection, manifest)
    finally:
        engine.dispose()


def restore(url: str, folder: Path, manifest: Manifest, *, at: datetime) -> int:
    """Fills an empty database, and brings it to this callmon's revision.

    What was in work waits again; the number of those recordings. Check the files first.
    Raises as `check_place`, and BadBackup for one that is damaged. After an error the
    database is empty still.
    """
    check_place(url, manifest)
    engine = make_engine(url)
    try:
        upgrade(engine, manifest.revision)
        _fill(engine, folder, manifest)
        upgrade(engine)
    finally:
        engine.dispose()
    with Database.open(url) as database:
        return _begin_again(database, manifest, at=at)


def _fill(engine: Engine, folder: Path, manifest: Manifest) -> None:
    """All rows in one transaction: all are there, or none."""
    with (
        translate(),
        engine.connect().execution_options(callmon_begin=WRITE) as connection,
        connection.begin(),
    ):
        alone(connection, "restore")
        _check_empty(connection, manifest)
        if any(each.table == SEEDED for each in manifest.tables):
            connection.execute(delete(table(SEEDED)))
        for each in manifest.tables:
            path = folder / table_file(each.table)
            try:
                with translate():
                    rows = _fill_table(connection, each.table, path)
            except (ValueError, KeyError, TypeError, StatementRefused) as error:
                raise BadBackup(
                    f"{path} is damaged ({type(error).__name__}). Take another backup."
                ) from None
            if rows != each.rows:
                raise BadBackup(
                    f"{path} has {rows} rows and should have {each.rows}: it is damaged."
                )


def _check_empty(connection: Connection, manifest: Manifest) -> None:
    known = set(inspect(connection).get_table_names())
    for name in (each.table for each in manifest.tables):
        if name not in known:
            raise BadBackup(f"The backup has a table {name!r}, which is none of callmon's.")
        any_row = select(exists().select_from(table(name)))
        if name != SEEDED and connection.execute(any_row).scalar():
            raise _not_empty(f"there are rows in its table {name}")


def _fill_table(connection: Connection, name: str, path: Path) -> int:
    kinds = {each["name"]: each["type"] for each in inspect(connection).get_columns(name)}
    on_sqlite = connection.dialect.name == "sqlite"
    rows = 0
    with reading(path) as lines:
        names = json.loads(next(iter(lines), b"[]"))
        # Parameters have names of their own: `end` is a word of SQL.
        given = [f"v{number}" for number in range(len(names))]
        values = {
            each: _taken(parameter, kinds[each], on_sqlite=on_sqlite)
            for each, parameter in zip(names, given, strict=True)
        }
        statement = insert(table(name, *map(column, names))).values(values)
        found = (dict(zip(given, row, strict=True)) for row in _read(lines))
        while some := list(islice(found, AT_ONCE)):
            connection.execute(statement, some)
            rows += len(some)
    _set_sequence(connection, name)
    return rows


def _read(lines: Any) -> Iterator[list[object]]:
    for line in lines:
        yield [decode(value) for value in json.loads(line)]


def _taken(parameter: str, kind: Any, *, on_sqlite: bool) -> Any:
    """A parameter for a column of that type. JSON comes as text, as SQLite keeps it."""
    if not isinstance(kind, JSON):
        return bindparam(parameter, type_=kind)
    text = bindparam(parameter, type_=Text())
    return text if on_sqlite else cast(text, kind)


def _set_sequence(connection: Connection, name: str) -> None:
    """PostgreSQL counts on from the last row that it numbered itself."""
    if connection.dialect.name != "postgresql":
        return
    for key in inspect(connection).get_pk_constraint(name)["constrained_columns"]:
        sequence = connection.execute(
            select(func.pg_get_serial_sequence(name, key))
        ).scalar()
        last = select(func.max(column(key))).select_from(table(name)).scalar_subquery()
        if sequence is not None and connection.execute(select(last)).scalar() is not None:
            connection.execute(select(func.setval(sequence, last)))


def _begin_again(database: Database, manifest: Manifest, *, at: datetime) -> int:
    """Puts back into the queue what a worker had in hand, and writes down the restoring."""
    with database.writing() as connection:
        query = select(recordings.c.id, recordings.c.run)
        in_work = connection.execute(query.where(recordings.c.state == "analysing")).all()
        for recording_id, run in in_work:
            runs.hand_back(connection, recording_id, run)
        audit.record(
            connection,
            who="cli",
            action="backup.restored",
            detail={"made_at": manifest.at.isoformat(), "callmon": manifest.callmon},
            at=at,
        )
    return len(in_work)


def _not_empty(why: str) -> BadBackup:
    return BadBackup(
        f"The database is not empty: {why}. A backup is restored into an empty one: name"
        " another in CALLMON_DATABASE or CALLMON_DATA, or move this one away."
    )
