from __future__ import annotations

import json
from pathlib import Path

import pytest

from callmon.doctor import installed
from callmon.doctor.installed import examine
from callmon.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "not" / "yet", asr="demo")


def sentences(settings: Settings, word: str) -> list[str]:
    return [sentence for sentence in examine(settings).missing if word in sentence]


def test_what_is_installed_has_its_version(settings: Settings) -> None:
    versions = examine(settings).versions
    assert {"python", "callmon", "faster-whisper", "ctranslate2"} <= set(versions)
    assert versions["faster-whisper"]


def test_the_speech_model_of_the_settings_is_found(settings: Settings) -> None:
    report = examine(settings)
    assert report.asr is not None
    assert report.asr.name == "demo-asr"
    assert not sentences(settings, "models pull")


def test_a_missing_speech_model_says_how_to_get_it(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, asr="small.en")
    assert examine(settings).asr is None
    (sentence,) = sentences(settings, "models pull")
    assert "CALLMON_ASR" in sentence


def test_models_that_are_here_have_a_path(settings: Settings) -> None:
    paths = {model.name: model.path for model in examine(settings).models}
    assert paths["demo"] is not None
    assert paths["large-v3"] is None


def test_threads_are_those_that_the_models_take(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installed, "usable_cores", lambda: 64)
    assert examine(settings).threads == 8
    monkeypatch.setattr(installed, "usable_cores", lambda: 2)
    assert examine(settings).threads == 2
    assert examine(settings.model_copy(update={"threads": 3})).threads == 3


def test_a_missing_package_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installed, "_installed", lambda package: None)
    report = examine(settings)
    assert any("librosa is not installed" in sentence for sentence in report.missing)
    assert not any(report.codecs.values())


def test_cuda_without_a_gpu_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installed, "_gpus", lambda: 0)
    cuda = settings.model_copy(update={"device": "cuda"})
    assert sentences(cuda, "no GPU can be used")
    assert not sentences(settings, "no GPU can be used")


def test_codecs_that_cannot_be_read_are_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installed, "_codecs", lambda: {"GSM": False, "MP3": True})
    (sentence,) = sentences(settings, "Recordings in")
    assert "GSM" in sentence
    assert "MP3" not in sentence


def test_little_space_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "LITTLE_SPACE", 1 << 60)
    assert sentences(settings, "are free for")


def test_a_data_folder_that_cannot_be_written_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_, **__: False)
    assert sentences(settings, "Nothing can be written")


def test_it_is_told_whether_and_where_second_opinions_are_asked(settings: Settings) -> None:
    assert examine(settings).opinions is None
    told = examine(
        settings.model_copy(
            update={"opinion_url": "http://localhost:1/v1", "opinion_model": "m"}
        )
    )
    assert told.opinions is not None
    assert "m at http://localhost:1/v1" in told.opinions


def test_nothing_is_written(settings: Settings, tmp_path: Path) -> None:
    examine(settings)
    assert list(tmp_path.iterdir()) == []


def test_the_report_is_json(settings: Settings) -> None:
    report = json.loads(examine(settings).model_dump_json())
    assert report["asr"].endswith("demo-asr")
