"""Writes a backup, while everything runs."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Text,
    and_,
    cast,
    column,
    inspect,
    select,
    table,
)

from callmon import __version__
from callmon.errors import BadBackup
from callmon.store.backups.form import (
    FORMAT,
    LEFT_OUT,
    MANIFEST,
    RUBRIC,
    SETTINGS,
    SOUNDS,
    File,
    Manifest,
    Rows,
    as_line,
    creating,
    encode,
    packed,
    table_file,
)
from callmon.store.database import Database
from callmon.store.tables.base import REVISION, metadata_tables
from callmon.store.tables.calls import recordings
from callmon.store.tables.operations import removals

AT_ONCE = 500
"""Rows that are read together."""


def write(
    database: Database,
    folder: Path,
    *,
    settings: str,
    rubric: bytes | None,
    at: datetime,
) -> Manifest:
    """Writes all but the sounds, as of one moment; `finish` makes a backup of it.

    Raises BadBackup for a folder that has something in it, StoreUnavailable.
    """
    _make(folder)
    files: dict[str, File] = {}
    for name, text in ((SETTINGS, settings.encode()), (RUBRIC, rubric)):
        if text is not None:
            with creating(folder, name, files) as file:
                file.write(text)
    tables: list[Rows] = []
    with database.reading() as connection:
        for each in metadata_tables.sorted_tables:
            if each.name not in LEFT_OUT:
                rows = _write_table(connection, folder, each.name, files)
                tables.append(Rows(table=each.name, rows=rows))
        _list_sounds(connection, folder, files)
        kind = connection.dialect.name
    return Manifest(
        format=FORMAT,
        callmon=__version__,
        revision=REVISION,
        database=kind,
        at=at,
        media=False,
        tables=tuple(tables),
        files=files,
    )


def finish(folder: Path, manifest: Manifest) -> None:
    """Makes a backup of what was written: from now on it can be restored."""
    half = f"{MANIFEST}.new"
    with creating(folder, half, {}) as file:
        file.write(manifest.model_dump_json(indent=1).encode())
    (folder / half).replace(folder / MANIFEST)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BadBackup(
                f"{folder} is not empty. A backup is written into a new or an empty folder."
            )
    except OSError as error:
        raise BadBackup(f"{folder} cannot be made: {error.strerror}.") from None


def _write_table(
    connection: Connection, folder: Path, name: str, files: dict[str, File]
) -> int:
    """The number of its rows."""
    there = inspect(connection)
    key = there.get_pk_constraint(name)["constrained_columns"]
    query = select(*(_told(each) for each in there.get_columns(name)))
    query = query.select_from(table(name)).order_by(*(column(each) for each in key))
    rows = 0
    with packed(folder, table_file(name), files) as file:
        result = connection.execute(query, execution_options={"yield_per": AT_ONCE})
        file.write(as_line(list(result.keys())))
        for row in result:
            file.write(as_line([encode(value) for value in row]))
            rows += 1
    return rows


def _told(described: Any) -> Any:
    """A column as the database knows it; JSON as text, for `null` and NULL are two."""
    here: Any = column(described["name"], described["type"])
    if isinstance(described["type"], JSON):
        return cast(here, Text).label(described["name"])
    return here


def _list_sounds(connection: Connection, folder: Path, files: dict[str, File]) -> None:
    r = recordings.c
    taken = and_(removals.c.recording_id == r.id, removals.c.kind == "audio")
    query = (
        select(r.media.label("key"), r.size, r.sha256)
        .outerjoin(removals, taken)
        .where(removals.c.recording_id.is_(None))
        .order_by(r.media)
    )
    with packed(folder, SOUNDS, files) as file:
        for row in connection.execute(query, execution_options={"yield_per": AT_ONCE}):
            file.write(as_line(dict(row._mapping)))
