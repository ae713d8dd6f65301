"""Where `callmon analyze` may write its results."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from callmon.cli import main

CHAT = json.dumps({"turns": [{"party": "agent", "text": "Hello"}]})


@pytest.fixture
def chat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chat.json").write_text(CHAT)
    return tmp_path / "chat.json"


@pytest.mark.parametrize("place", ["chat.json", "./chat.json", "."])
def test_what_is_read_is_never_written_over(
    chat: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["analyze", "--transcript", "chat.json", "--json", place])
    assert end.value.code == 2
    assert "chat.json" in capsys.readouterr().err
    assert chat.read_text() == CHAT


def test_two_results_never_share_a_place(
    chat: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["analyze", "--transcript", str(chat), "--json", "out", "--report", "out"])
    assert "out" in capsys.readouterr().err


def test_a_folder_takes_a_file_by_the_name_of_what_is_read(
    chat: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    assert main(["analyze", "--transcript", str(chat), "--json", "out"]) == 0
    assert (tmp_path / "out" / "chat.json").exists()


def test_a_name_that_is_too_long_is_told_in_a_sentence(
    chat: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", "--transcript", str(chat), "--json", "a" * 300]) == 1
    assert "too long" in capsys.readouterr().err
