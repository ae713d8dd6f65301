"""The database opened, shared by processes, killed, full and lost."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, text

from callmon.errors import BadSettings, StoreOutdated, StoreUnavailable
from callmon.store import engine
from callmon.store.calls import recordings
from callmon.store.database import Database, alone, migrate
from callmon.store.faults import StatementRefused
from callmon.store.tables.base import REVISION
from callmon.store.tables.calls import switches
from callmon.store.work import steps
from scripts.postgresql import Server
from tests.integration.store.made import NOON, add

ADD_MANY = """
import sys
import time
from tests.integration.store.made import add
from callmon.store.database import Database
url, name = sys.argv[1:]
with Database.open(url) as database:
    for number in range(50):
        with database.writing() as connection:
            add(connection, f"{name} {number}")
            add(connection, f"both {number}", agent=name)
"""

DIE = """
import os, signal, sys
from tests.integration.store.made import add
from callmon.store.database import Database
with Database.open(sys.argv[1]) as database:
    with database.writing() as connection:
        add(connection, "kept")
    with database.writing() as connection:
        for number in range(100):
            add(connection, f"lost {number}")
        os.kill(os.getpid(), signal.SIGKILL)
"""


def program(code: str, *arguments: str) -> subprocess.Popen[str]:
    root = Path(__file__).resolve().parents[3]
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=root,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_processes_that_open_and_write_at_once_never_meet_a_locked_database(
    database_url: str,
) -> None:
    programs = [program(ADD_MANY, database_url, str(number)) for number in range(4)]
    for each in programs:
        _, errors = each.communicate(timeout=100)
        assert each.returncode == 0, errors
    with Database.open(database_url) as database, database.reading() as connection:
        # 50 of each program's own, and 50 that all of them added.
        assert recordings.counts(connection)["received"] == 4 * 50 + 50


def test_a_process_killed_in_a_transaction_leaves_nothing_of_it(database_url: str) -> None:
    killed = program(DIE, database_url)
    _, errors = killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL, errors
    with Database.open(database_url) as database, database.reading() as connection:
        assert [row.name for row in recordings.find(connection)] == ["kept.wav"]


def test_an_error_in_the_block_undoes_all_of_it(database: Database) -> None:
    def write() -> None:
        with database.writing() as connection:
            add(connection)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write()
    with database.reading() as connection:
        assert recordings.find(connection) == []


def test_readers_see_one_moment_while_others_write(database: Database) -> None:
    with database.reading() as reader:
        assert recordings.find(reader) == []
        with database.writing() as writer:
            add(writer)
        assert recordings.find(reader) == []


def test_what_only_reads_cannot_write(database: Database) -> None:
    with (
        pytest.raises((StatementRefused, StoreUnavailable)),
        database.reading() as connection,
    ):
        add(connection)
    with database.writing() as connection:
        add(connection)


def test_a_name_is_held_by_one_transaction_at_a_time(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.2)

    def wait(database: Database) -> None:
        with database.writing() as second:
            if second.dialect.name == "postgresql":
                second.execute(text("SET LOCAL lock_timeout = '200ms'"))
            alone(second, "sweep")

    with Database.open(database_url) as database, database.writing() as first:
        alone(first, "sweep")
        with pytest.raises(StoreUnavailable):
            wait(database)


def test_a_refused_statement_tells_nothing_of_its_values(database: Database) -> None:
    secret = "my card is 4111"

    def write() -> None:
        with database.writing() as connection:
            connection.execute(insert(switches), 2 * [{"name": secret, "at": NOON}])

    with pytest.raises(StatementRefused) as raised:
        write()
    assert_tells_nothing(raised.value, secret)


def fill(database: Database, recording_id: str) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        add(connection, "secret words")
        for number in range(10_000):
            steps.keep(connection, recording_id, "audio", str(number), b"secret", at=NOON)


def test_a_full_disk_is_told_without_the_data_and_undone(tmp_path: Path) -> None:
    with Database.open(f"sqlite:///{tmp_path / 'callmon.db'}") as database:
        with database.writing() as connection:
            recording = add(connection)
        with pytest.raises(StoreUnavailable, match="disk is full") as raised:
            fill(database, recording.id)
        assert_tells_nothing(raised.value, "secret")
        with database.reading() as connection:
            assert recordings.find(connection) == [recording]


def test_a_database_that_stays_locked_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.1)
    with (
        Database.open(f"sqlite:///{tmp_path / 'callmon.db'}") as database,
        database.writing(),
        pytest.raises(StoreUnavailable, match="locked"),
        database.writing(),
    ):
        pass


def cut(database: Database, server: Server) -> None:
    with database.writing() as connection:
        add(connection, "secret words")
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar()
        server.execute(f"SELECT pg_terminate_backend({pid})")
        add(connection, "more")


def test_a_connection_that_is_cut_is_told_and_replaced(postgresql_server: Server) -> None:
    url = postgresql_server.create()
    with Database.open(url) as database:
        with pytest.raises(StoreUnavailable) as raised:
            cut(database, postgresql_server)
        assert_tells_nothing(raised.value, "secret")
        with database.reading() as connection:
            assert recordings.find(connection) == []
    postgresql_server.drop(url)


def test_a_server_that_was_away_is_used_again(postgresql_server: Server) -> None:
    url = postgresql_server.create()
    with Database.open(url) as database:
        with database.writing() as connection:
            add(connection)
        postgresql_server.stop()
        try:
            with pytest.raises(StoreUnavailable) as raised, database.writing():
                pass
        finally:
            postgresql_server.start()
        assert_tells_nothing(raised.value, "127.0.0.1")
        with database.reading() as connection:
            assert len(recordings.find(connection)) == 1
    postgresql_server.drop(url)


def assert_tells_nothing(error: BaseException, secret: str) -> None:
    words = f"{error!r} {error.__cause__!r}"
    assert secret not in words
    assert "INSERT" not in words
    assert error.__suppress_context__


@pytest.mark.parametrize(
    "url",
    [
        "",
        "callmon.db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///a.db?mode=memory",
        "mysql://user:secret@host/name",
        "postgresql://user:secret@host:port/name",
    ],
)
def test_a_url_that_is_none_is_told_without_its_password(url: str) -> None:
    with pytest.raises(BadSettings, match="would work") as raised:
        Database.open(url)
    assert "secret" not in str(raised.value)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "callmon.db"
    path.write_bytes(b"not a database, but long enough to look at" * 100)
    with pytest.raises(StoreUnavailable, match="no SQLite database"):
        Database.open(f"sqlite:///{path}")


def test_a_folder_with_a_percent_sign_works(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / '100%s' / 'callmon.db'}"
    with Database.open(url) as database, database.writing() as connection:
        add(connection)


@pytest.mark.parametrize("work", [Database.open, migrate], ids=["open", "migrate"])
def test_a_database_of_a_newer_callmon_is_left_alone(
    database_url: str, work: Callable[[str], object]
) -> None:
    with Database.open(database_url) as database, database.writing() as connection:
        set_revision(connection, "9999")
    with pytest.raises(StoreOutdated, match="newer callmon"):
        work(database_url)


def test_a_database_of_an_older_callmon_asks_for_the_migration(database_url: str) -> None:
    with Database.open(database_url) as database, database.writing() as connection:
        set_revision(connection, "0001")
    if REVISION == "0001":
        pytest.skip("there is no older one yet")
    with pytest.raises(StoreOutdated, match="callmon migrate"):
        Database.open(database_url)


def set_revision(connection: Connection, revision: str) -> None:
    connection.execute(
        text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision}
    )


def test_a_server_that_vanished_or_a_frozen_writer_is_noticed(
    postgresql_server: Server,
) -> None:
    url = postgresql_server.create()
    with (
        Database.open(f"{url}?keepalives_idle=7") as database,
        database.reading() as connection,
    ):
        driver: Any = connection.connection.driver_connection
        told = driver.info.get_parameters()
        idle = connection.execute(text("SHOW idle_in_transaction_session_timeout"))
        assert idle.scalar() == "2min"
    assert told["tcp_user_timeout"] == "60000"
    assert (told["keepalives_interval"], told["keepalives_count"]) == ("10", "3")
    assert told["keepalives_idle"] == "7"


def test_a_database_that_was_migrated_meanwhile_is_told(database: Database) -> None:
    database.check()
    with database.writing() as connection:
        set_revision(connection, "9999")
    with pytest.raises(StoreOutdated, match="made by a newer callmon"):
        database.check()


def test_a_transaction_that_stood_still_is_told_as_an_outage(
    postgresql_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "IDLE_SECONDS", 1)
    url = postgresql_server.create()
    with (
        Database.open(url) as database,
        pytest.raises(StoreUnavailable, match=r"stood still|ended the connection"),
    ):
        stand_still(database)


def stand_still(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("SELECT 1"))
        time.sleep(2.0)
        connection.execute(text("SELECT 1"))
