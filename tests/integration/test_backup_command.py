"""`callmon backup` and `callmon restore`, as they are typed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from callmon.cli import main
from callmon.commands.backup import settings_text
from callmon.jobs.queue import Queue
from callmon.settings import Settings, Source
from callmon.store.access import audit
from callmon.store.calls import recordings
from callmon.store.database import Database
from callmon.store.media import Media
from callmon.store.work import runs
from tests.integration.review.conftest import NOW, add_recording
from tests.integration.store.test_backup import make_site


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Of a call that is done, one that waits, and one in work, with the media."""
    data = tmp_path / "data"
    with Database.open(f"sqlite:///{data / 'callmon.db'}") as database:
        site = make_site(database, data / "media")
        add_recording(site, 1)
        add_recording(site, 2, analysed=False)
        one = add_recording(site, 3, analysed=False)
        with database.writing() as connection:
            runs.begin(connection, one, 1, worker="w", at=NOW)
    assert main(["backup", "--media", str(tmp_path / "backup")]) == 0
    return tmp_path / "backup"


def restore(folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch, *more: str) -> int:
    monkeypatch.setenv("CALLMON_DATA", str(data))
    return main(["restore", str(folder), *more])


def test_there_and_back(
    backup: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    new = tmp_path / "new"
    assert restore(backup, new, monkeypatch) == 0
    told = capsys.readouterr().err
    assert "2 recordings wait for a worker, of which 1 were in work" in told
    assert "3 files copied" in told
    with Database.open(f"sqlite:///{new / 'callmon.db'}") as database:
        with database.reading() as connection:
            states = recordings.counts(connection)
            last, *_ = audit.entries(connection)
        assert (states["done"], states["queued"]) == (1, 2)
        assert last.action == "backup.restored"
    with Queue.open(f"sqlite:///{new / 'callmon-queue.db'}") as queue:
        assert queue.depth() == 2
    with (
        Database.open(f"sqlite:///{tmp_path / 'data' / 'callmon.db'}") as database,
        database.reading() as connection,
    ):
        assert audit.entries(connection)[0].action == "backup.made"
    # Nothing is restored over what is there.
    assert restore(backup, new, monkeypatch) == 1
    assert "not empty" in capsys.readouterr().err


def test_check_writes_nothing(
    backup: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert restore(backup, tmp_path / "new", monkeypatch, "--check") == 0
    assert not (tmp_path / "new").exists()
    sound = next((backup / "media").glob("??/*"))
    sound.write_bytes(b"x")
    assert restore(backup, tmp_path / "new", monkeypatch, "--check") == 1
    assert "missing or damaged" in capsys.readouterr().err


def test_sounds_that_came_after_it_are_told_of(
    backup: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CALLMON_MEDIA", str(tmp_path / "data" / "media"))
    media = Media.open(str(tmp_path / "data" / "media"))
    with media.receiving(max_bytes=10) as receiver:
        receiver.write(b"younger")
        receiver.keep()
    assert restore(backup, tmp_path / "new", monkeypatch) == 0
    assert "1 files in the media store are of no recording" in capsys.readouterr().err


def test_a_database_of_an_older_callmon_is_for_that_one_to_back_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'data' / 'callmon.db'}"
    with Database.open(url) as database, database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    assert main(["backup", str(tmp_path / "backup")]) == 1
    assert "made by the callmon that the database is of" in capsys.readouterr().err
    assert not (tmp_path / "backup").exists()


def test_settings_are_kept_and_secrets_are_not(tmp_path: Path) -> None:
    settings = Settings(
        data=tmp_path / 'a "b"',
        admin_key=SecretStr("hunter2"),
        database=SecretStr("postgresql://u:hunter2@h/n"),
        media="ftp://u:hunter2@h/calls",
        sources={"pbx é": Source(agent_channel="left")},
        control_share=0.2,
        blind_first=True,
    )
    text = settings_text(settings)
    assert "hunter2" not in text
    assert "# admin_key was set" in text
    assert tomllib.loads(text) == {
        "data": str(tmp_path / 'a "b"'),
        "sources": {"pbx é": {"agent_channel": "left"}},
        "control_share": 0.2,
        "blind_first": True,
    }
