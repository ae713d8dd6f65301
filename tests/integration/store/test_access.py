"""Keys, users, sessions, failures and uploads, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from callmon.errors import NotFound
from callmon.metadata import Metadata
from callmon.store.access import answers, failures, keys, sessions, users
from callmon.store.access.standing import Standing
from callmon.store.access.trail import trail
from callmon.store.calls import recordings, uploads
from callmon.store.database import Database
from callmon.store.tables.calls import recordings as recordings_table
from callmon.store.work import figures

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
REVIEWER = Standing(role="reviewer", teams=frozenset({"billing", "sales"}))
ODD = "odd \0 name \ud800 \U0001f600"


def add_key(database: Database, key_id: str = "k1", *, hash: str = "h1") -> keys.StoredKey:  # noqa: A002
    with database.writing() as connection:
        return keys.add(
            connection,
            id=key_id,
            name=ODD,
            hash=hash,
            standing=REVIEWER,
            expires_at=NOW + timedelta(days=1),
            made_by="test",
            at=NOW,
        )


def add_user(
    database: Database, user_id: str = "u1", *, login: str = "Ann", subject: str = "s1"
) -> users.StoredUser | None:
    with database.writing() as connection:
        return users.add(
            connection,
            id=user_id,
            login=login,
            name=ODD,
            standing=Standing(role="agent", agent="Ann"),
            hash="h",
            issuer="https://id.example.com",
            subject=subject,
            made_by="test",
            at=NOW,
        )


def test_a_key_comes_back_as_it_was_added(database: Database) -> None:
    added = add_key(database)
    with database.reading() as connection:
        assert keys.get(connection, "k1") == added
        found = keys.find(connection, "k1")
        assert keys.find(connection, "k2") is None
    assert added.standing == REVIEWER
    assert "\0" not in added.name
    assert found is not None
    assert found[1].valid(NOW) == ("h1",)


def test_a_rotated_key_has_two_hashes_for_a_while(database: Database) -> None:
    add_key(database)
    until = NOW + timedelta(hours=1)
    with database.writing() as connection:
        keys.rotate(connection, "k1", hash="h2", previous_until=until)
        found = keys.find(connection, "k1")
    assert found is not None
    assert found[1].valid(NOW) == ("h2", "h1")
    assert found[1].valid(until) == ("h2",)


def test_a_key_is_revoked_once(database: Database) -> None:
    key = add_key(database)
    assert key.holds(NOW)
    with database.writing() as connection:
        assert keys.revoke(connection, "k1", at=NOW)
        assert not keys.revoke(connection, "k1", at=NOW + timedelta(days=1))
        assert not keys.get(connection, "k1").holds(NOW)
        with pytest.raises(NotFound):
            keys.rotate(connection, "k1", hash="h2", previous_until=NOW)
        with pytest.raises(NotFound):
            keys.revoke(connection, "k2", at=NOW)


def test_keys_are_read_page_by_page(database: Database) -> None:
    for name in ("k3", "k1", "k2"):
        add_key(database, name)
    with database.reading() as connection:
        first = keys.every(connection, limit=2)
        second = keys.every(connection, limit=2, after="k2")
    assert [key.id for key in (*first, *second)] == ["k1", "k2", "k3"]


def test_a_user_is_found_by_login_and_by_subject(database: Database) -> None:
    added = add_user(database)
    with database.reading() as connection:
        assert users.by_login(connection, " ANN ") == (added, "h")
        issuer = "https://id.example.com"
        assert users.by_subject(connection, issuer=issuer, subject="s1") == added
        assert users.by_subject(connection, issuer=issuer, subject="s2") is None
        assert users.by_login(connection, ODD) is None


def test_a_login_and_a_subject_are_taken_once(database: Database) -> None:
    assert add_user(database) is not None
    assert add_user(database, "u2", subject="s2") is None
    assert add_user(database, "u3", login="bob") is None
    assert add_user(database, "u4", login="bob", subject="s4") is not None


def test_a_long_login_is_no_error(database: Database) -> None:
    added = add_user(database, login="\ufdfa" * 200)
    assert added is not None
    with database.reading() as connection:
        assert users.by_login(connection, "\ufdfa" * 200) == (added, "h")


def test_a_session_holds_while_it_is_used(database: Database) -> None:
    add_user(database)
    with database.writing() as connection:
        sessions.open_session(connection, id="s", user_id="u1", at=NOW)
        later = NOW + timedelta(minutes=119)
        found = sessions.of(connection, "s", at=later)
        assert found is not None
        assert (found[0].id, found[1]) == ("u1", NOW)
        assert sessions.of(connection, "s", at=NOW + sessions.IDLE) is None
        sessions.see(connection, "s", at=later)
        assert sessions.of(connection, "s", at=NOW + sessions.IDLE) is not None


def test_ended_sessions_are_forgotten_when_one_begins(database: Database) -> None:
    add_user(database)
    with database.writing() as connection:
        sessions.open_session(connection, id="old", user_id="u1", at=NOW)
        later = NOW + timedelta(hours=13)
        sessions.open_session(connection, id="new", user_id="u1", at=later)
        assert sessions.close_all(connection, "u1") == 1


def test_failures_are_counted_and_forgotten(database: Database) -> None:
    with database.writing() as connection:
        for _ in range(3):
            failures.note(connection, ODD, at=NOW)
        until = NOW + failures.WINDOW
        assert failures.locked_until(connection, ODD, most=3, at=NOW) == until
        assert failures.locked_until(connection, ODD, most=4, at=NOW) is None
        assert failures.locked_until(connection, "other", most=1, at=NOW) is None
        assert failures.locked_until(connection, ODD, most=3, at=until) is None
        failures.take_back(connection, ODD)
        assert failures.locked_until(connection, ODD, most=3, at=NOW) is None
        failures.note(connection, ODD, at=until)
        assert failures.locked_until(connection, ODD, most=2, at=until) is None
        failures.forgive(connection, ODD)
        assert failures.locked_until(connection, ODD, most=1, at=until) is None


def add_recording(database: Database, letter: str) -> str:
    with database.writing() as connection:
        stored, _ = recordings.add(
            connection,
            sha256=letter * 64,
            name="call.wav",
            size=1,
            media=f"{letter * 2}/{letter * 64}",
            metadata=Metadata(),
            received=NOW,
            priority=1,
        )
    return stored.id


def test_who_uploaded_sees_their_own(database: Database) -> None:
    first, second = (add_recording(database, letter) for letter in "ab")
    with database.writing() as connection:
        for recording_id, principal, own in (
            (first, "key:1", True),
            (first, "key:2", False),
            (first, "key:1", True),
            (second, "key:2", True),
        ):
            uploads.uploaded(
                connection,
                recording_id,
                principal=principal,
                at=NOW,
                own=own,
                told=uploads.Told(name="mine.wav"),
            )
        seen = {
            who: set(
                connection.scalars(
                    select(recordings_table.c.id).where(
                        uploads.is_of_uploader(recordings_table, who)
                    )
                )
            )
            for who in ("key:1", "key:2", "key:3")
        }
        told = uploads.of(connection, first, "key:2")
        recordings.delete_recording(connection, first, who="test", at=NOW)
    assert seen == {"key:1": {first}, "key:2": {second}, "key:3": set()}
    assert told == uploads.Upload(at=NOW, own=False, told=uploads.Told(name="mine.wav"))


def test_an_answer_is_kept_for_its_principal(database: Database) -> None:
    def reserve(principal: str, at: datetime) -> answers.KeptAnswer | None:
        return answers.reserve(
            connection, principal=principal, key="k", fingerprint="f", at=at
        )

    with database.writing() as connection:
        assert reserve("key:1", NOW) is None
        answers.keep(
            connection,
            principal="key:1",
            key="k",
            status=201,
            headers={"Location": "/x"},
            body=b"{}",
            recording_id=None,
        )
        kept = reserve("key:1", NOW)
        assert kept is not None
        assert (kept.status, kept.headers, kept.body) == (201, {"Location": "/x"}, b"{}")
        assert reserve("key:2", NOW) is None
        assert reserve("key:1", NOW + timedelta(hours=25)) is None


def test_the_trail_is_asked_by_who_what_and_when(database: Database) -> None:
    recording_id = add_recording(database, "a")
    with database.writing() as connection:
        recordings.delete_recording(
            connection, recording_id, who="user:1", at=NOW + timedelta(hours=1)
        )
    with database.reading() as connection:
        everything = trail(connection)
        assert [line.action for line in everything] == [
            "recording.deleted",
            "recording.added",
        ]
        assert trail(connection, who="user:1") == everything[:1]
        assert trail(connection, action="recording.added") == everything[1:]
        assert trail(connection, recording_id=recording_id) == everything
        assert trail(connection, until=NOW + timedelta(minutes=1)) == everything[1:]
        assert trail(connection, since=NOW + timedelta(minutes=1)) == everything[:1]
        assert trail(connection, after=everything[0].id) == everything[1:]
        assert trail(connection, who=ODD) == []


def test_what_waits_is_told(database: Database) -> None:
    from callmon.store.work import runs

    with database.reading() as connection:
        assert figures.oldest_queued(connection) is None
    recording_id = add_recording(database, "a")
    with database.writing() as connection:
        runs.request(connection, recording_id, priority=1, reason="upload", at=NOW)
        assert figures.oldest_queued(connection) == NOW
        assert figures.run_states(connection) == {"queued": 1}
