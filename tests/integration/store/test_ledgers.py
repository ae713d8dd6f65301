"""Steps, workers, switches, rubrics, sightings and the audit log, on both databases."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update

from callmon.errors import NotFound
from callmon.store import switches
from callmon.store.access import audit
from callmon.store.database import Database, put
from callmon.store.faults import StatementRefused
from callmon.store.tables.calls import audit as audit_table
from callmon.store.tables.calls import sightings as sightings_table
from callmon.store.work import rubrics, sightings, steps, workers
from tests.integration.store.made import NOON, add, later


def test_a_step_is_found_by_its_fingerprint_alone(database: Database) -> None:
    document = os.urandom(100_000)
    with database.writing() as connection:
        recording = add(connection)
        steps.keep(connection, recording.id, "transcript", "a", document, at=NOON)
        steps.keep(connection, recording.id, "transcript", "a", b"second", at=NOON)
        assert steps.kept(connection, recording.id, "transcript", "a") == document
        assert steps.kept(connection, recording.id, "transcript", "b") is None
        assert steps.kept(connection, recording.id, "audio", "a") is None
        steps.forget(connection, recording.id)
        assert steps.kept(connection, recording.id, "transcript", "a") is None


def test_a_worker_is_as_old_as_its_process(database: Database) -> None:
    with database.writing() as connection:
        for pid, minute in ((1, 0), (1, 1), (2, 2), (2, 3)):
            workers.beat(
                connection,
                "w",
                host="h",
                pid=pid,
                state="working",
                at=later(minutes=minute),
            )
        (worker,) = workers.every(connection)
    assert (worker.pid, worker.since, worker.at) == (2, later(minutes=2), later(minutes=3))


def test_workers_that_are_gone_are_forgotten(database: Database) -> None:
    with database.writing() as connection:
        for name, minute in (("gone", 0), ("here", 5)):
            at = later(minutes=minute)
            workers.beat(connection, name, host="h", pid=1, state="working", at=at)
        workers.forget(connection, before=later(minutes=3))
        assert [worker.name for worker in workers.every(connection)] == ["here"]


def test_a_switch_is_on_until_it_is_turned_off(database: Database) -> None:
    with database.writing() as connection:
        assert switches.turn_on(connection, switches.PAUSED, at=NOON)
        assert not switches.turn_on(connection, switches.PAUSED, at=later(days=1))
        assert switches.on_since(connection, switches.PAUSED) == NOON
        assert switches.turn_off(connection, switches.PAUSED)
        assert not switches.turn_off(connection, switches.PAUSED)
        assert switches.on_since(connection, switches.PAUSED) is None


def test_a_rubric_is_kept_once_by_its_hash(database: Database) -> None:
    with database.writing() as connection:
        one = rubrics.keep(connection, b"[a]", version="en/1", at=NOON)
        assert rubrics.keep(connection, b"[a]", version="en/1", at=NOON) == one
        assert rubrics.load(connection, one) == b"[a]"
        with pytest.raises(NotFound, match="hash"):
            rubrics.load(connection, "0" * 64)


def test_a_file_whose_name_is_no_text_is_seen_again(database: Database) -> None:
    path, other = Path(os.fsdecode(b"/in/\xff.wav")), Path(os.fsdecode(b"/in/\xfe.wav"))
    with database.writing() as connection:
        sightings.note(connection, path, size=1, mtime_ns=2**62, at=NOON)
        sightings.note(
            connection, path, size=2, mtime_ns=2**62, error="unreadable", at=NOON
        )
        found = sightings.seen(connection, path, size=2, mtime_ns=2**62)
        assert found is not None
        assert found.error == "unreadable"
        assert sightings.seen(connection, path, size=3, mtime_ns=2**62) is None
        assert sightings.seen(connection, other, size=2, mtime_ns=2**62) is None
        (refused,) = sightings.failed(connection)
        assert refused.path == "/in/\N{REPLACEMENT CHARACTER}.wav"


def test_of_a_file_that_was_taken_in_no_name_is_kept(database: Database) -> None:
    path = Path("/in/07700900123 Jane Doe.wav")
    with database.writing() as connection:
        # First it could not be read, and people were told which one it is.
        sightings.note(connection, path, size=1, mtime_ns=1, error="unreadable", at=NOON)
        sightings.note(connection, path, size=2, mtime_ns=2, at=NOON)
        assert sightings.seen(connection, path, size=2, mtime_ns=2) is not None
        rows = connection.execute(select(sightings_table)).mappings().all()
    assert [row["path"] for row in rows] == [None]
    # Whoever has the database and guesses names cannot tell whether a guess is right.
    assert rows[0]["file_sha256"] != hashlib.sha256(bytes(path)).hexdigest()


def test_files_that_were_refused_long_ago_are_forgotten(database: Database) -> None:
    old, new = Path("/in/old.wav"), Path("/in/new.wav")
    with database.writing() as connection:
        sightings.note(connection, old, size=1, mtime_ns=1, error="empty", at=NOON)
        sightings.note(connection, new, size=1, mtime_ns=1, error="empty", at=later(days=2))
        sightings.forget_refused(connection, before=later(days=1))
        assert [each.path for each in sightings.failed(connection)] == [str(new)]


def test_the_audit_log_is_read_newest_first_in_pages(database: Database) -> None:
    with database.writing() as connection:
        for number in range(5):
            audit.record(
                connection, who="ann", action="audit.read", detail={"n": number}, at=NOON
            )
        first = audit.entries(connection, limit=3)
        rest = audit.entries(connection, limit=3, after=first[-1].id)
    assert [entry.detail["n"] for entry in first + rest] == [4, 3, 2, 1, 0]


@pytest.mark.parametrize("change", ["update", "delete", "replace", "truncate"])
def test_the_database_refuses_to_change_the_audit_log(
    database: Database, change: str
) -> None:
    line = {"at": NOON, "who": "ann", "action": "recording.added", "detail": {}}
    with database.writing() as connection:
        audit.record(connection, **line)
        (entry,) = audit.entries(connection)

    def write() -> None:
        with database.writing() as connection:
            if change == "update":
                connection.execute(update(audit_table).values(who="eve"))
            elif change == "replace":
                put(connection, audit_table, {**line, "id": entry.id, "who": "eve"})
            elif change == "truncate" and connection.dialect.name == "postgresql":
                connection.execute(text("TRUNCATE audit"))
            else:
                connection.execute(delete(audit_table))

    with pytest.raises(StatementRefused):
        write()
    with database.reading() as connection:
        assert audit.entries(connection) == [entry]


def test_sqlite_refuses_to_replace_a_line_of_the_audit_log(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'callmon.db'}"
    with Database.open(url) as database:
        with database.writing() as connection:
            audit.record(
                connection, who="ann", action="recording.added", detail={}, at=NOON
            )
        with (
            pytest.raises(StatementRefused, match="IntegrityError"),
            database.writing() as connection,
        ):
            connection.execute(
                text(
                    "INSERT OR REPLACE INTO audit (id, at, who, action, detail)"
                    " VALUES (1, '2026-11-18', 'eve', 'x', '{}')"
                )
            )
