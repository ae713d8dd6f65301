"""Migrations, from empty and from every revision there was, on both databases."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

import callmon.store
from callmon.store import revisions
from callmon.store.calls import questions, recordings, redactions
from callmon.store.database import Database, migrate
from callmon.store.engine import WRITE, make_engine
from callmon.store.tables.base import REVISION, metadata_tables
from callmon.store.work import sightings

REVISIONS = [
    script.revision
    for script in ScriptDirectory.from_config(revisions.configuration()).walk_revisions()
][::-1]
"""The oldest first."""

ROWS = (
    "INSERT INTO recordings (id, sha256, name, size, media, received, state, progress,"
    " attempts, run, priority, metadata, warnings, held_at) VALUES ('r', 's', 'old.wav',"
    " 1, 'm', '2026-01-05 00:00:00', 'done', 1, 1, 1, 1, '{}', '[]',"
    " '2026-01-05 00:00:00')",
    "INSERT INTO analyses (id, recording_id, run, at, callmon, rubric, models, document)"
    " VALUES ('r-1', 'r', 1, '2026-01-05 00:00:00', '0.1.0', 'en/1', '{}', 'x')",
    "INSERT INTO findings (id, analysis_id, recording_id, finding, kind, severity,"
    " confidence, turn, summary, cleared_by, current, state, week, held_at) VALUES"
    " ('r-1-f1', 'r-1', 'r', 'f1', 'missed_joy', 1, 0.5, 1, 's', 'c', true, 'open',"
    " '2026-01-05', '2026-01-05 00:00:00')",
)
"""A call with a finding, in the words of the first revision."""


def test_the_tables_are_of_the_newest_migration() -> None:
    assert REVISIONS[-1] == REVISION


@pytest.mark.parametrize("revision", [None, *REVISIONS])
def test_every_revision_becomes_what_the_tables_say(
    database_url: str, revision: str | None
) -> None:
    if revision is not None:
        with older(database_url, revision):
            pass
    assert migrate(database_url) == (revision, REVISION)
    assert migrate(database_url) == (REVISION, REVISION)
    for module in pkgutil.iter_modules(callmon.store.__path__):
        if module.name.startswith("tables"):
            importlib.import_module(f"callmon.store.{module.name}")
    with Database.open(database_url) as database, database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_ours})
        assert compare_metadata(context, metadata_tables) == []


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Not the indexes that the databases make differently, which only migrations know."""
    return not (
        (kind == "table" and (name or "").startswith("spoken_words"))
        or (kind == "index" and name in ("ix_spoken_words", "ix_recordings_metadata"))
    )


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_what_was_kept_stays(database_url: str, revision: str) -> None:
    with older(database_url, revision) as engine, engine.connect() as connection:
        for statement in ROWS:
            connection.execute(text(statement))
        connection.commit()
    migrate(database_url)
    with Database.open(database_url) as database, database.reading() as connection:
        (found,) = questions.findings(connection)
        assert recordings.get(connection, found.recording_id).name == "old.wav"


def test_names_of_files_and_words_that_were_redacted_by_themselves_are_gone(
    database_url: str,
) -> None:
    seen = (
        "INSERT INTO sightings (path_sha256, path, size, mtime_ns, recording_id, error, at)"
        " VALUES ('{}', '/in/{}.wav', 5, 7, 'r', {}, '2026-01-05 00:00:00')"
    )
    taken, refused = Path("/in/taken.wav"), Path("/in/refused.wav")
    digests = [sha256(bytes(path)).hexdigest() for path in (taken, refused)]
    with older(database_url, "0005") as engine, engine.connect() as connection:
        for statement in (
            *ROWS,
            seen.format(digests[0], "taken", "NULL"),
            seen.format(digests[1], "refused", "'It is empty.'"),
        ):
            connection.execute(text(statement))
        connection.commit()
    migrate(database_url)
    with Database.open(database_url) as database, database.reading() as connection:
        (found,) = questions.findings(connection)
        assert found.quote is None
        assert found.summary == "[is shown when it has been redacted]"
        assert redactions.stale(connection, redactor="any", limit=9) == ["r-1"]
        for path in (taken, refused):
            assert sightings.seen(connection, path, size=5, mtime_ns=7) is not None
        assert [each.path for each in sightings.failed(connection)] == [str(refused)]
        rows = connection.execute(text("SELECT * FROM sightings")).all()
    assert "taken" not in str(rows)


def test_of_a_call_whose_words_were_deleted_all_is_silent(database_url: str) -> None:
    with older(database_url, "0005") as engine, engine.connect() as connection:
        for statement in (
            *ROWS,
            "INSERT INTO removals (recording_id, kind, at)"
            " VALUES ('r', 'transcript', '2026-01-05 00:00:00')",
        ):
            connection.execute(text(statement))
        connection.commit()
    migrate(database_url)
    with Database.open(database_url) as database, database.reading() as connection:
        (found,) = questions.findings(connection)
        assert found.summary == "s"
        assert redactions.stale(connection, redactor="any", limit=9) == []
        assert redactions.silent_of(connection, "r-1") == redactions.EVERYTHING


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = command.upgrade

    def half(config: Config, revision: str) -> None:
        whole(config, revision)
        raise RuntimeError("the power went out")

    monkeypatch.setattr(command, "upgrade", half)
    with pytest.raises(RuntimeError, match="power"):
        migrate(database_url)
    monkeypatch.undo()
    assert migrate(database_url) == (None, REVISION)


@contextmanager
def older(url: str, revision: str) -> Iterator[Engine]:
    """The database as the callmon of that revision made it."""
    engine = make_engine(url)
    revisions.upgrade(engine, revision)
    yield engine.execution_options(callmon_begin=WRITE)
    engine.dispose()
