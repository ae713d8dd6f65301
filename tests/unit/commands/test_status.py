"""What `callmon status` and `callmon cancel` say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from callmon.cli import main
from callmon.settings import load_settings
from callmon.store.database import Database
from callmon.store.work import runs
from tests.integration.store.made import NOON, add

REASON = "'recording.wav' is not a sound file that can be read. WAV, FLAC and MP3 work."


@pytest.fixture
def calls() -> tuple[str, str]:
    """The ids of one that failed and of one that waits."""
    with (
        Database.open(load_settings().database_url) as database,
        database.writing() as connection,
    ):
        failed, waiting = (add(connection, content).id for content in ("one", "two"))
        for call in (failed, waiting):
            runs.request(connection, call, priority=1, reason="upload", at=NOON)
        runs.fail(connection, failed, 1, error=REASON, kind="permanent", at=NOON)
    return failed, waiting


def test_a_reason_is_a_line_of_its_own(
    calls: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status"]) == 0
    shown = capsys.readouterr().out
    assert f"{calls[0]}: {REASON}" in " ".join(shown.split())
    assert "1 queued, 1 failed" in shown


def test_one_unknown_id_among_others_leaves_no_half_a_document(
    calls: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "--json", calls[0], "nothing"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "There is no recording 'nothing'" in told.err

    assert main(["status", "--json", *calls]) == 0
    assert [each["id"] for each in json.loads(capsys.readouterr().out)] == list(calls)


def test_cancelling_says_how_many(
    calls: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cancel", *calls]) == 1
    told = capsys.readouterr().err.splitlines()
    assert told == [
        f"callmon: {calls[0]} neither waits nor is analysed.",
        "1 cancelled",
    ]


def test_an_empty_table_is_not_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "call.wav").write_bytes(b"RIFF\x00\x00\x00\x00WAVE")
    monkeypatch.setenv("CALLMON_MEDIA", str(tmp_path / "file" / "media"))
    assert main(["add", str(tmp_path / "call.wav")]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "The media store does not work" in told.err
