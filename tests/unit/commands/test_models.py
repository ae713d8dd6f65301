from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import pytest

from callmon.commands import models
from callmon.errors import BadSettings, MissingModel

PULL = Namespace(verb="pull", name=None, source=None)


@pytest.fixture
def pulled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the models that were asked for; none is fetched."""
    names: list[str] = []

    def pull(name: str, *, cache: Path, **_how: Callable[..., object] | None) -> Path:
        names.append(name)
        return cache / name

    monkeypatch.setattr(models, "pull", pull)
    monkeypatch.setattr(models, "hub_token", lambda: None)
    monkeypatch.setattr(models, "_has_gpu", lambda _settings: False)
    return names


def test_nothing_is_downloaded_when_the_settings_say_offline(
    monkeypatch: pytest.MonkeyPatch, pulled: list[str]
) -> None:
    monkeypatch.setenv("CALLMON_OFFLINE", "true")
    with pytest.raises(BadSettings, match="CALLMON_OFFLINE"):
        models.run(PULL)
    assert pulled == []


def test_what_is_recommended_comes_with_sizes_and_licences_before(
    pulled: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert models.run(PULL) == 0
    assert pulled == ["small.en"]
    told = capsys.readouterr().err
    assert "small.en: 486 MB, licence MIT\n" in told
    assert "community-1 (33 MB) is left out: it needs a token" in told


def test_with_a_token_the_diarizer_comes_too(
    monkeypatch: pytest.MonkeyPatch, pulled: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CALLMON_HUB_TOKEN", "hf_abc")
    assert models.run(PULL) == 0
    assert pulled == ["small.en", "community-1"]
    assert "to fetch: 519 MB" in capsys.readouterr().err


def test_a_machine_with_a_gpu_gets_the_large_model_and_is_told_to_set_it(
    monkeypatch: pytest.MonkeyPatch, pulled: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(models, "_has_gpu", lambda _settings: True)
    models.run(PULL)
    assert pulled == ["large-v3-turbo"]
    assert "To use large-v3-turbo, set CALLMON_ASR to it" in capsys.readouterr().err


def test_the_model_of_the_settings_goes_before_the_recommended_one(
    monkeypatch: pytest.MonkeyPatch, pulled: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CALLMON_ASR", "base.en")
    models.run(PULL)
    assert pulled == ["base.en"]
    assert "To use" not in capsys.readouterr().err


def test_a_model_folder_of_the_users_own_and_clustering_need_nothing(
    monkeypatch: pytest.MonkeyPatch,
    pulled: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CALLMON_ASR", str(tmp_path))
    monkeypatch.setenv("CALLMON_DIARIZER", "clustering")
    assert models.run(PULL) == 0
    assert pulled == []
    assert "Nothing has to be fetched" in capsys.readouterr().err


def test_one_model_that_fails_does_not_stop_the_next(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried: list[str] = []

    def pull(name: str, **_how: object) -> Path:
        tried.append(name)
        raise MissingModel(f"{name}: the line broke")

    monkeypatch.setattr(models, "pull", pull)
    monkeypatch.setattr(models, "_has_gpu", lambda _settings: False)
    monkeypatch.setenv("CALLMON_HUB_TOKEN", "hf_abc")
    assert models.run(PULL) == 1
    assert tried == ["small.en", "community-1"]
    assert "community-1: the line broke" in capsys.readouterr().err
