"""A real pipeline of pyannote.audio, made here, loaded and run as users do."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from callmon.audio.decode import decode
from callmon.call import Activity, Interval
from callmon.errors import BadSettings, MissingModel
from callmon.intervals import intersection, seconds, union
from callmon.speech.diarization import pyannote_pipeline
from callmon.speech.diarization.pyannote_pipeline import Pyannote
from tests.integration import tiny_pyannote
from tests.integration.tiny_pyannote import RATE, conversation

ROOT = Path(__file__).resolve().parents[2]


class Sound:
    sample_rate = RATE
    channels = 1

    def __init__(self, samples: NDArray[np.float32]) -> None:
        self.samples = samples
        self.longest_read = 0.0

    @property
    def duration(self) -> float:
        return len(self.samples) / RATE

    def read(self, channel: int, start: float, end: float) -> NDArray[np.float32]:
        self.longest_read = max(self.longest_read, end - start)
        return self.samples[round(start * RATE) : round(end * RATE)]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_pyannote.build(tmp_path_factory.mktemp("pyannote") / "two-hums")


@pytest.fixture(scope="session")
def pyannote(folder: Path) -> Pyannote:
    return Pyannote.load(folder, device="cpu", threads=1)


def heard(*voices: list[Interval]) -> Activity:
    return Activity(
        speaker="mono", channel=0, intervals=union(i for voice in voices for i in voice)
    )


def correct(
    found: tuple[Activity, ...], truth: tuple[list[Interval], list[Interval]]
) -> float:
    """Share of the speech given to the right one of two voices."""
    matched = sum(
        seconds(intersection(voice.intervals, turns))
        for voice, turns in zip(
            found, sorted(truth, key=lambda turns: turns[0].start), strict=True
        )
    )
    return matched / seconds(union((*truth[0], *truth[1])))


def test_two_voices_are_told_apart(pyannote: Pyannote) -> None:
    sound, truth = conversation(30.0, seed=3)
    told: list[float] = []
    found = pyannote.separate(Sound(sound), heard(*truth), progress=told.append)
    assert [voice.speaker for voice in found] == ["speaker 1", "speaker 2"]
    assert correct(found, truth) > 0.9
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_the_speech_is_shared_out_without_overlap_or_loss(pyannote: Pyannote) -> None:
    sound, truth = conversation(15.0, seed=4)
    activity = heard(*truth)
    found = pyannote.separate(Sound(sound), activity)
    shares = [interval for voice in found for interval in voice.intervals]
    assert union(shares) == activity.intervals
    assert sum(share.duration for share in shares) == pytest.approx(seconds(shares))


def test_voices_are_recognised_across_the_blocks_of_a_long_call(
    pyannote: Pyannote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pyannote_pipeline, "BLOCK", 15.0)
    samples, truth = conversation(40.0, seed=5)
    sound = Sound(samples)
    found = pyannote.separate(sound, heard(*truth))
    assert sound.longest_read < 15.0
    assert correct(found, truth) > 0.9


def test_the_same_call_gives_the_same_voices(pyannote: Pyannote) -> None:
    sound, truth = conversation(15.0, seed=6)
    first = pyannote.separate(Sound(sound), heard(*truth))
    assert pyannote.separate(Sound(sound), heard(*truth)) == first


@pytest.mark.parametrize("duration", [0.01, 0.4, 7.0])
def test_a_call_of_noise_has_one_voice_where_activity_says_so(
    pyannote: Pyannote, duration: float
) -> None:
    noise = np.random.default_rng(7).normal(0.0, 0.003, round(duration * RATE))
    whole = Interval(start=0.0, end=duration)
    [voice] = pyannote.separate(Sound(noise.astype(np.float32)), heard([whole]))
    assert voice.intervals == (whole,)


def test_a_decoded_recording_is_read_as_it_is(pyannote: Pyannote, tmp_path: Path) -> None:
    sound, truth = conversation(6.0, seed=10)
    soundfile.write(tmp_path / "call.wav", sound, RATE)
    with decode(tmp_path / "call.wav") as audio:
        assert pyannote.separate(audio, heard(*truth))


def test_no_file_is_left(
    pyannote: Pyannote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    sound, truth = conversation(6.0, seed=8)
    pyannote.separate(Sound(sound), heard(*truth))
    assert list(tmp_path.iterdir()) == []


def test_the_folder_names_the_model(pyannote: Pyannote) -> None:
    assert pyannote.name == "two-hums"


GUARDED = """
import os, socket, sys
from pathlib import Path

reached = []

def guard(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        reached.append(event)
        raise OSError("no network in this test")

sys.addaudithook(guard)

from callmon.speech.diarization.pyannote_pipeline import Pyannote
from tests.integration.test_pyannote import Sound, heard
from tests.integration.tiny_pyannote import conversation

pyannote = Pyannote.load(Path(sys.argv[1]), device="cpu", threads=1)
sound, truth = conversation(6.0, seed=9)
assert pyannote.separate(Sound(sound), heard(*truth))

from pyannote.audio.telemetry import metrics

assert not metrics.is_metrics_enabled()
metrics.provider.force_flush()
assert not reached, reached

# The same pipeline, asked without callmon: what the guard would have seen.
os.environ["PYANNOTE_METRICS_ENABLED"] = "1"
import torch

pyannote._pipeline({"waveform": torch.from_numpy(sound)[None], "sample_rate": 16000})
metrics.provider.force_flush()
assert reached
"""


def test_nothing_is_told_to_anybody_whatever_the_environment_says(folder: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", GUARDED, str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYANNOTE_METRICS_ENABLED": "1", "HF_HUB_OFFLINE": "0"},
        check=True,
        timeout=110,
    )


def test_a_name_on_the_hub_is_loaded_from_what_was_downloaded(
    folder: Path, tmp_path: Path
) -> None:
    repository = tmp_path / "models--someone--two-hums"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("0" * 40)
    (repository / "snapshots").mkdir()
    (repository / "snapshots" / ("0" * 40)).symlink_to(folder)
    loaded = Pyannote.load(
        "someone/two-hums", token="hf_none", cache=tmp_path, device="auto", offline=True
    )
    assert loaded.name == "someone/two-hums"


def test_offline_a_pipeline_that_was_not_downloaded_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match="There are two ways"):
        Pyannote.load(cache=tmp_path, device="cpu", offline=True)


def test_a_folder_without_a_pipeline_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match=r"config\.yaml"):
        Pyannote.load(tmp_path, device="cpu")


def test_damaged_weights_are_told(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    for file in folder.rglob("*.*"):
        copy = broken / file.relative_to(folder)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(file.read_bytes()[:300])
    (broken / "config.yaml").write_bytes((folder / "config.yaml").read_bytes())
    with pytest.raises(MissingModel, match="broken"):
        Pyannote.load(broken, device="cpu")


def test_nothing_else_imports_torch() -> None:
    """Which takes seconds, and 200 MB of memory."""
    code = (
        "import sys, faster_whisper, librosa, sklearn.cluster, callmon.commands.analyze,"
        " callmon.speech.diarization.pyannote_pipeline; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=100)


def test_cuda_is_never_silently_the_cpu(folder: Path) -> None:
    import torch

    if torch.cuda.is_available():
        assert Pyannote.load(folder, device="cuda").device == "cuda"
    else:
        with pytest.raises(BadSettings, match="cuda"):
            Pyannote.load(folder, device="cuda")


def test_the_part_of_torchaudio_that_published_pipelines_use_works() -> None:
    from callmon.speech.diarization.torchaudio_standin import ensure_torchaudio

    ensure_torchaudio()
    import torch
    from torchaudio.compliance.kaldi import fbank
    from torchaudio.functional import resample

    assert fbank(torch.zeros(1, RATE), num_mel_bins=80).shape == (98, 80)
    assert resample(torch.zeros(1, 8000), 8000, RATE).shape == (1, RATE)
