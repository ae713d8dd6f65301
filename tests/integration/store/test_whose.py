"""The migration 0007: whose calls, uploads and keys were before it was written down."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, text

from callmon.store.database import Database, migrate
from callmon.store.tables.access import keys, uploads
from callmon.store.tables.reviews import coaching, disputes
from tests.integration.store.test_migrations import older

RECORDING = (
    "INSERT INTO recordings (id, sha256, name, size, media, received, state, progress,"
    " attempts, run, priority, metadata, warnings, held_at, agent) VALUES (:id, :id, 'a',"
    " 1, :id, '2026-01-05 10:00:00', 'done', 1, 1, 1, 1, '{}', '[]',"
    " '2026-01-05 10:00:00', :agent)"
)
NOTE = (
    "INSERT INTO coaching (subject, recording_id, author, side, at, text)"
    " VALUES ('s', :id, 'key:1', 'coach', :at, 'Hear this.')"
)
DISPUTE = (
    "INSERT INTO disputes (subject, recording_id, by, at, reason, machine, proposed,"
    " deadline, rules) VALUES ('s', :id, 'key:1', :at, 'No.', 'missed_joy', 'none', :at,"
    " '[]')"
)
AUDIT = (
    "INSERT INTO audit (at, who, action, recording_id, detail)"
    " VALUES (:at, :who, :action, :id, :detail)"
)
UPLOAD = (
    "INSERT INTO uploads (principal, recording_id, at) VALUES (:who, :id,"
    " '2026-01-05 10:00:01')"
)
KEY = (
    "INSERT INTO keys (id, name, role, hash, made_at, made_by, revoked_at) VALUES"
    " (:id, 'settings', 'admin', 'x', '2026-01-05 10:00:00', 'start', :at)"
)


def at(hour: int) -> str:
    return f"2026-01-05 {hour}:00:00"


@pytest.fixture
def before(database_url: str):
    """`before(statement, ...)`: what a database of the revision before holds."""
    with older(database_url, "0006") as engine, engine.connect() as connection:

        def execute(statement: str, **values: object) -> None:
            connection.execute(text(statement), values)

        yield execute, connection


def after(connection, database_url: str):
    connection.commit()
    connection.close()
    migrate(database_url)
    return Database.open(database_url)


def correction(execute, recording_id: str, was: str, now: str, hour: int) -> None:
    detail = json.dumps({"agent": {"from": was, "to": now}})
    execute(
        AUDIT, at=at(hour), who="key:1", action="metadata.edited", id=recording_id,
        detail=detail,
    )  # fmt: skip


def test_notes_and_disputes_are_of_whose_call_it_was_then(before, database_url) -> None:
    execute, connection = before
    execute(RECORDING, id="corrected", agent="Cleo")
    execute(RECORDING, id="never", agent="Ann")
    for statement in (NOTE, DISPUTE):
        execute(statement, id="corrected", at=at(11))
        execute(statement, id="corrected", at=at(13))
        execute(statement, id="corrected", at=at(15))
        execute(statement, id="never", at=at(11))
    correction(execute, "corrected", "Ann", "Bob", 12)
    correction(execute, "corrected", "Bob", "Cleo", 14)

    with after(connection, database_url) as database, database.reading() as reading:
        for table in (coaching, disputes):
            query = select(table.c.agent).order_by(table.c.id)
            agents = list(reading.execute(query).scalars())
            assert agents == ["Ann", "Bob", "Cleo", "Ann"]


def test_who_sent_it_first_is_whose_it_is(before, database_url) -> None:
    execute, connection = before
    execute(RECORDING, id="r", agent="Ann")
    for who, known, hour in (
        ("key:0", False, "09"),  # of a recording that was deleted since
        ("key:1", False, "10"),
        ("key:2", True, "11"),
        ("key:0", True, "12"),
    ):
        detail = json.dumps({"known": known, "size": 1})
        moment = f"2026-01-05 {hour}:00:00"
        execute(
            AUDIT, at=moment, who=who, action="recording.uploaded", id="r", detail=detail
        )
    for who in ("key:0", "key:1", "key:2"):
        execute(UPLOAD, who=who, id="r")

    with after(connection, database_url) as database, database.reading() as reading:
        query = select(uploads.c.principal).where(uploads.c.own)
        assert list(reading.execute(query).scalars()) == ["key:1"]
        assert set(reading.execute(select(uploads.c.told.is_not(None))).scalars()) == {True}


@pytest.mark.parametrize(("who", "stays"), [("start", False), ("user:1", True)])
def test_a_key_of_the_settings_that_was_only_left_out_is_not_revoked(
    before, database_url, who, stays
) -> None:
    execute, connection = before
    execute(KEY, id="settings", at=at(11))
    execute(AUDIT, at=at(11), who=who, action="key.revoked", id=None, detail="{}")

    with after(connection, database_url) as database, database.reading() as reading:
        row = reading.execute(select(keys.c.revoked_at, keys.c.expires_at)).one()
        assert (row.revoked_at is not None) is stays
        assert (row.expires_at is not None) is not stays
