from __future__ import annotations

import pytest

from callmon.cli import main


def test_nothing_is_downloaded_when_the_settings_say_offline(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CALLMON_OFFLINE", "true")
    assert main(["models", "pull", "tiny.en"]) == 1
    assert "CALLMON_OFFLINE" in capsys.readouterr().err
