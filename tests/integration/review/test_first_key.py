from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callmon.errors import BadSettings
from callmon.review.access.secrets import SETTINGS_ID, Checked, hash_password
from callmon.review.first_key import is_loopback, make_first_key
from callmon.store.access import keys, users
from callmon.store.access.standing import Standing
from callmon.store.database import Database

NOW = datetime(2026, 11, 22, tzinfo=UTC)
GIVEN = "0123456789abcdef0123456789abcdef"
PUBLIC = "0.0.0.0"


def start(
    database: Database,
    *,
    given: str | None = None,
    host: str = "127.0.0.1",
    told: list[str] | None = None,
) -> str | None:
    with database.writing() as connection:
        return make_first_key(
            connection,
            given=given,
            host=host,
            at=NOW,
            tell=([] if told is None else told).append,
        )


def test_the_first_start_makes_a_key_and_the_second_none(database: Database) -> None:
    text = start(database)
    assert text is not None
    assert start(database) is None
    with database.reading() as connection:
        (key,) = keys.every(connection)
        found = keys.find(connection, key.id)
    assert key.standing == Standing(role="admin")
    assert found is not None
    assert Checked().fits(text, found[1].hash)


def test_a_public_address_wants_a_key_first(database: Database) -> None:
    with pytest.raises(BadSettings, match="callmon keys make --role admin"):
        start(database, host=PUBLIC)
    start(database)
    assert start(database, host=PUBLIC) is None


def test_a_public_address_is_fine_with_a_key_in_the_settings(database: Database) -> None:
    assert start(database, given=GIVEN, host=PUBLIC) is None


def test_an_admin_account_is_enough(database: Database) -> None:
    with database.writing() as connection:
        users.add(
            connection,
            id="1",
            login="ann",
            name="Ann",
            standing=Standing(role="admin"),
            hash=hash_password("correct horse battery"),
            made_by="test",
            at=NOW,
        )
    assert start(database, host=PUBLIC) is None


def fits(database: Database, text: str) -> bool:
    with database.reading() as connection:
        found = keys.find(connection, SETTINGS_ID)
    assert found is not None
    return found[0].holds(NOW) and Checked().fits(text, found[1].hash)


def test_the_key_of_the_settings_follows_them(database: Database) -> None:
    start(database, given=GIVEN)
    assert fits(database, GIVEN)
    other = GIVEN[::-1]
    start(database, given=other)
    assert fits(database, other)
    assert not fits(database, GIVEN)
    made = start(database)
    assert made is not None  # nobody else could get in
    assert not fits(database, other)
    start(database, given=other)
    assert fits(database, other)


def revoke(database: Database) -> None:
    with database.writing() as connection:
        keys.revoke(connection, SETTINGS_ID, at=NOW)


def test_a_key_of_the_settings_that_was_revoked_stays_revoked(database: Database) -> None:
    start(database)  # another admin
    start(database, given=GIVEN)
    revoke(database)
    told: list[str] = []

    assert start(database, given=GIVEN, host=PUBLIC, told=told) is None

    assert not fits(database, GIVEN)
    (message,) = told
    assert "CALLMON_ADMIN_KEY" in message
    assert "revoked" in message
    assert GIVEN not in message
    start(database)
    start(database, given=GIVEN)
    assert not fits(database, GIVEN)


def test_a_new_key_in_the_settings_holds_and_the_revoked_one_never_again(
    database: Database,
) -> None:
    start(database, given=GIVEN)
    revoke(database)
    other, told = GIVEN[::-1], list[str]()

    start(database, given=other, told=told)
    assert fits(database, other)
    assert told == []
    start(database, given=GIVEN, told=told)

    assert len(told) == 1
    assert not fits(database, GIVEN)
    with database.reading() as connection:
        assert len([key for key in keys.every(connection) if key.revoked_at]) == 1


def test_a_service_with_a_revoked_key_alone_does_not_listen(database: Database) -> None:
    start(database, given=GIVEN)
    revoke(database)

    with pytest.raises(BadSettings, match="was revoked and stays so"):
        start(database, given=GIVEN, host=PUBLIC)
    assert start(database, given=GIVEN) is not None  # on this machine a key is made


@pytest.mark.parametrize("given", ["short", "a" * 64, "é" * 40, GIVEN + " x", GIVEN + "\n"])
def test_a_weak_key_is_refused_and_not_shown(database: Database, given: str) -> None:
    with pytest.raises(BadSettings) as caught:
        start(database, given=given)
    assert given not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("127.0.0.1", True),
        ("127.0.0.2", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("callmon.example.com", False),
    ],
)
def test_which_addresses_are_this_machine_alone(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone
