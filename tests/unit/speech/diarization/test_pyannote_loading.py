"""A pipeline that cannot be had is told, and the network is used only when it may be."""

from __future__ import annotations

import warnings
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants

from callmon.errors import BadSettings, MissingModel
from callmon.speech.diarization import pyannote_loading
from callmon.speech.diarization.pyannote_loading import (
    DEFAULT,
    load_pipeline,
    quiet,
    usable_device,
)


@pytest.mark.parametrize(
    "name",
    ["community", "a/b/c", "../x y", "/no/such/folder", "~no-such-user/x", "a" * 300],
)
def test_what_is_neither_folder_nor_hub_name_is_told(name: str) -> None:
    with pytest.raises(MissingModel, match="There are two ways"):
        load_pipeline(name)


def test_a_file_named_as_on_the_hub_is_not_taken_for_a_pipeline(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("maker").mkdir()
    Path("maker/pipeline").write_text("pipeline: {name: os.system}")
    with pytest.raises(MissingModel, match="neither a folder"):
        load_pipeline("maker/pipeline")


def test_a_download_that_is_refused_is_told_with_both_ways(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_arguments: object, token: str, **_options: object) -> str:
        raise OSError(f"no access with {token}")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", refuse)
    with pytest.raises(MissingModel) as caught:
        load_pipeline(DEFAULT, token="hf_Secret1")
    message = str(caught.value)
    assert "accept the licence" in message
    assert "CALLMON_HUB_TOKEN" in message
    assert "CALLMON_DIARIZER" in message
    assert "Secret1" not in message
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("offline", "expected"), [(False, False), (True, True)])
def test_the_network_is_used_for_a_hub_name_unless_offline(
    monkeypatch: pytest.MonkeyPatch, offline: bool, expected: bool
) -> None:
    assert offline_while_loading(monkeypatch, DEFAULT, offline=offline) is expected


def test_the_network_is_never_used_for_a_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert offline_while_loading(monkeypatch, tmp_path, offline=False)


def offline_while_loading(
    monkeypatch: pytest.MonkeyPatch, source: str | Path, *, offline: bool
) -> bool:
    seen: list[bool] = []

    def look(*_arguments: object, **_options: object) -> None:
        seen.append(constants.HF_HUB_OFFLINE)
        raise OSError

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(pyannote_loading, "_config", look)
    with pytest.raises(MissingModel):
        load_pipeline(source, offline=offline)
    assert constants.HF_HUB_OFFLINE is False
    return seen[0]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{name: pyannote.audio.pipelines.VoiceActivityDetection}", "VoiceActivity"),
        # It would send the call to a service, and asks there when it is made.
        ("{name: pyannote.audio.pipelines.pyannoteai.sdk.SDK}", "on this machine"),
        (
            "{name: pyannote.audio.pipelines.SpeakerDiarization,"
            " params: {clustering: KMeansClustering}}",
            "how many people",
        ),
    ],
)
def test_other_pipelines_and_services_are_refused(
    tmp_path: Path, config: str, message: str
) -> None:
    (tmp_path / "config.yaml").write_text(f"pipeline: {config}")
    with pytest.raises(BadSettings, match=message):
        load_pipeline(tmp_path)


@pytest.mark.parametrize("config", ["", "[1, 2]", "pipeline: 3", "{{", "\x00"])
def test_a_folder_with_another_config_is_told(tmp_path: Path, config: str) -> None:
    (tmp_path / "config.yaml").write_text(config)
    with pytest.raises(MissingModel, match="holds no pipeline"):
        load_pipeline(tmp_path)


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(BadSettings, match="tpu"):
        usable_device("tpu")


def test_only_the_known_warnings_are_kept_quiet() -> None:
    with quiet():
        warnings.warn(
            "\ntorchcodec is not installed correctly so decoding fails", stacklevel=1
        )
        with pytest.raises(UserWarning, match="something else"):
            warnings.warn("something else", stacklevel=1)
