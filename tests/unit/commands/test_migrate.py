from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from callmon.cli import main
from callmon.settings import load_settings
from callmon.store.tables.base import REVISION


def test_an_empty_database_gets_its_tables(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == 0
    assert f"was empty and is of revision {REVISION} now" in capsys.readouterr().err


def test_a_second_migration_has_nothing_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    main(["migrate"])
    assert main(["migrate"]) == 0
    assert "already" in capsys.readouterr().err


def test_a_newer_database_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    main(["migrate"])
    path = Path(load_settings().database_url.removeprefix("sqlite:///"))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert main(["migrate"]) == 1
    assert "newer callmon" in capsys.readouterr().err
