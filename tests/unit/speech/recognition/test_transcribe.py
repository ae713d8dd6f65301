"""Words come only from speech, in their places, whatever the model can do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from callmon.call import Activity, Interval, Word
from callmon.errors import BadSettings, MissingModel
from callmon.speech.recognition import transcribe
from callmon.speech.recognition.decoding import Heard
from callmon.speech.recognition.device import Device
from callmon.speech.recognition.transcribe import Whisper

RATE = 16_000
MODEL = Path(__file__).resolve().parents[4] / "models" / "demo-asr"
TICK = 0.25


class Ticks:
    """Two channels whose samples tell the quarter of a second in which they stand."""

    sample_rate = RATE
    channels = 2
    duration = 4000.0

    def read(self, channel: int, start: float, end: float) -> NDArray[np.float32]:
        samples = np.arange(round(start * RATE), round(end * RATE))
        return (1 + samples // round(TICK * RATE)).astype(np.float32)


def named(tick: int) -> str:
    """A word for a tick that no other has and that looks like no loop."""
    return f"{tick * 40503 % 65536:04x}"


def told(text: str) -> float:
    """The second of the call that the word tells."""
    return int(text, 16) * pow(40503, -1, 65536) % 65536 * TICK


def hears_ticks(sound: NDArray[np.float32]) -> list[Word]:
    """One word for each quarter of a second, which tells the second of the call."""
    edges = np.flatnonzero(np.diff(sound)) + 1
    bounds = [0, *edges.tolist(), len(sound)]
    return [
        Word(
            text=named(int(sound[first]) - 1),
            start=first / RATE,
            end=last / RATE,
            confidence=0.9,
        )
        for first, last in pairwise(bounds)
        if sound[first] and last - first == TICK * RATE
    ]


class Engine:
    """What transcription asks of `faster_whisper.WhisperModel` beside `decode`."""

    def __init__(self, *, seconds: int = 30, multilingual: bool = False) -> None:
        self.feature_extractor = SimpleNamespace(chunk_length=seconds)
        self.model = SimpleNamespace(is_multilingual=multilingual)
        self.supported_languages = ["de", "en"] if multilingual else ["en"]


def fake(
    monkeypatch: pytest.MonkeyPatch,
    hears: Callable[[NDArray[np.float32]], list[Word]] = hears_ticks,
    **engine: Any,
) -> tuple[Whisper, list[int]]:
    """A Whisper that hears so, and the sizes of the batches that it was given."""
    batches: list[int] = []

    def decode(
        _model: Any, sounds: Sequence[NDArray[np.float32]], *, language: str
    ) -> list[Heard]:
        batches.append(len(sounds))
        return [Heard(words=tuple(hears(sound)), no_speech=0.1) for sound in sounds]

    monkeypatch.setattr(transcribe, "decode", decode)
    return Whisper(Engine(**engine), name="fake", device=Device("cpu")), batches


def voice(*spans: tuple[float, float], channel: int = 0) -> Activity:
    return Activity(
        speaker=("left", "right")[channel],
        channel=channel,
        intervals=tuple(Interval(start=start, end=end) for start, end in spans),
    )


@pytest.mark.parametrize("seconds", [6, 30])
def test_every_word_stands_at_its_second_of_the_call(
    monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    whisper, _ = fake(monkeypatch, seconds=seconds)
    voices = [
        voice((1, 4), (10, 12), (90, 97), (200, 201.5), (3000, 3030)),
        voice((5, 9), (100, 102), (3031, 3032), channel=1),
    ]
    transcript = whisper.transcribe(Ticks(), voices)
    words = [word for segment in transcript.segments for word in segment.words]
    assert len(words) > 150
    assert [word.start for word in words] == pytest.approx([told(w.text) for w in words])
    assert transcript.suppressed == ()


def test_every_clip_gives_one_segment_in_order_of_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whisper, _ = fake(monkeypatch)
    voices = [voice((5, 7), (12, 12.5)), voice((8, 9.5), channel=1)]
    segments = whisper.transcribe(Ticks(), voices).segments
    assert [(s.speaker, s.start, s.end) for s in segments] == [
        ("left", 5, 7),
        ("right", 8, 9.5),
        ("left", 12, 12.5),
    ]


def test_clips_of_one_channel_share_windows_and_windows_share_batches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whisper, batches = fake(monkeypatch)
    voices = [voice(*((10 * i, 10 * i + 2) for i in range(20)), channel=c) for c in (0, 1)]
    whisper.transcribe(Ticks(), voices)
    # 20 clips of 2.4 s: eleven go into one window of 30 s, so two windows a channel
    assert batches == [4]


def test_only_one_batch_of_sound_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    whisper, batches = fake(monkeypatch)
    whisper.transcribe(Ticks(), [voice(*((20 * i, 20 * i + 10) for i in range(200)))])
    assert set(batches) == {whisper.device.batch}


def test_a_clip_that_the_model_passed_over_is_heard_again_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def passes_over(sound: NDArray[np.float32]) -> list[Word]:
        words = hears_ticks(sound)
        crowded = len({told(word.text) // 10 for word in words}) > 1
        return [w for w in words if not (crowded and 10 <= told(w.text) < 20)]

    whisper, _ = fake(monkeypatch, passes_over)
    voices = [voice((1, 3), (11, 13), (21, 23))]
    segments = whisper.transcribe(Ticks(), voices).segments
    heard = [[told(word.text) for word in segment.words] for segment in segments]
    assert [(len(times), times[0]) for times in heard] == [(8, 1), (8, 11), (8, 21)]


def test_a_loop_in_one_clip_costs_no_other_its_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def loops_at_ten(sound: NDArray[np.float32]) -> list[Word]:
        return [
            w.model_copy(update={"text": "la"}) if 10 <= told(w.text) < 20 else w
            for w in hears_ticks(sound)
        ]

    whisper, _ = fake(monkeypatch, loops_at_ten)
    transcript = whisper.transcribe(Ticks(), [voice((1, 3), (11, 14), (21, 23))])
    assert [len(segment.words) for segment in transcript.segments] == [8, 1, 8]
    assert [(gone.reason, gone.start) for gone in transcript.suppressed] == [
        ("loop", 11.25)
    ]


def test_progress_rises_to_one(monkeypatch: pytest.MonkeyPatch) -> None:
    whisper, _ = fake(monkeypatch, lambda _sound: [])
    shares: list[float] = []
    whisper.transcribe(Ticks(), [voice((1, 3), (11, 14), (21, 23))], progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_without_speech_nothing_is_said_in_no_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whisper, batches = fake(monkeypatch)
    transcript = whisper.transcribe(Ticks(), [voice()])
    assert (transcript.language, transcript.segments, batches) == (None, (), [])


def test_the_language_is_asked_once_in_every_part_of_the_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[list[float]] = []

    def vote(_model: Any, sounds: Sequence[NDArray[np.float32]]) -> str:
        asked.append([float(sound[0] - 1) * TICK for sound in sounds])
        return "de"

    whisper, _ = fake(monkeypatch, multilingual=True)
    monkeypatch.setattr(transcribe, "vote", vote)
    # every second clip fills its window, so windows hold one clip each
    voices = [voice(*((100 * i, 100 * i + 11 + i % 2) for i in range(8)))]
    assert whisper.transcribe(Ticks(), voices).language == "de"
    (starts,) = asked
    assert len(starts) == transcribe.VOTES
    assert starts[0] < 200 < 400 < starts[-1]


def test_a_given_language_is_not_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    whisper, _ = fake(monkeypatch, multilingual=True)
    monkeypatch.setattr(transcribe, "vote", lambda *_: pytest.fail("asked"))
    transcript = whisper.transcribe(Ticks(), [voice((1, 2))], language="de")
    assert transcript.language == "de"


def test_a_language_that_the_model_does_not_know_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whisper, _ = fake(monkeypatch)
    with pytest.raises(BadSettings, match=r"does not know the language 'de'.*en"):
        whisper.transcribe(Ticks(), [voice((1, 2))], language="de")


def test_the_real_engine_gives_the_same_twice() -> None:
    whisper = Whisper.load(MODEL, name="demo", device="cpu", threads=1)
    voices = [voice((5, 7), (12, 12.5)), voice((8, 9.5), channel=1)]
    first = whisper.transcribe(Ticks(), voices)
    assert first == whisper.transcribe(Ticks(), voices)
    for segment in first.segments:
        assert segment.start is not None
        assert segment.end is not None
        for word in segment.words:
            assert segment.start <= word.start <= word.end <= segment.end


def copy_of_model(folder: Path) -> Path:
    return Path(shutil.copytree(MODEL, folder / "model"))


def test_a_missing_folder_is_a_missing_model(tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match=r"'small' is not complete.*model\.bin"):
        Whisper.load(tmp_path / "nowhere", name="small", device="cpu")


def test_broken_weights_are_a_missing_model(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    (folder / "model.bin").write_bytes(b"not weights")
    with pytest.raises(MissingModel, match="cannot be loaded"):
        Whisper.load(folder, name="broken", device="cpu")


@pytest.mark.parametrize("seconds", [0, 31, -6, 7.5, "6"])
def test_a_window_that_no_model_has_is_refused(tmp_path: Path, seconds: object) -> None:
    folder = copy_of_model(tmp_path)
    config = json.dumps({"chunk_length": seconds, "feature_size": 80})
    (folder / "preprocessor_config.json").write_text(config)
    with pytest.raises(MissingModel, match="cannot be loaded"):
        Whisper.load(folder, name="odd", device="cpu")


class BrokenGPU:
    """An engine that has a GPU without CUDA's libraries."""

    def __init__(self, folder: str, *, device: str, **_options: Any) -> None:
        if device == "cuda":
            raise RuntimeError("Library libcublas.so.12 is not found")
        self.feature_extractor = SimpleNamespace(chunk_length=30)


@pytest.fixture
def broken_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctranslate2.get_cuda_device_count", lambda: 1)
    monkeypatch.setattr(
        "ctranslate2.get_supported_compute_types", lambda _kind, _index: {"float16", "int8"}
    )
    monkeypatch.setattr("faster_whisper.WhisperModel", BrokenGPU)


@pytest.mark.usefixtures("broken_gpu")
@pytest.mark.parametrize("device", ["cuda", "cuda:0"])
def test_a_gpu_that_was_asked_for_and_cannot_compute_is_told(device: str) -> None:
    with pytest.raises(BadSettings, match=r"cannot compute \(Library libcublas"):
        Whisper.load(MODEL, name="demo", device=device)


@pytest.mark.usefixtures("broken_gpu")
def test_auto_takes_the_processor_when_the_gpu_cannot_compute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert Whisper.load(MODEL, name="demo").device == Device("cpu")
    assert "the GPU cannot compute" in caplog.text


@pytest.mark.usefixtures("broken_gpu")
def test_a_broken_model_is_told_after_a_broken_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    def odd(engine: Any, _folder: str, *, device: str, **_options: Any) -> None:
        raise RuntimeError("CUDA is odd" if device == "cuda" else "not weights")

    monkeypatch.setattr(BrokenGPU, "__init__", odd)
    with pytest.raises(MissingModel, match="not weights"):
        Whisper.load(MODEL, name="demo")


def test_the_engine_is_told_which_gpu_and_which_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options_told: dict[str, Any] = {}

    class Loads:
        feature_extractor = SimpleNamespace(chunk_length=30)
        model = SimpleNamespace(n_mels=80)

        def __init__(self, folder: str, **options: Any) -> None:
            options_told.update(options)

        def encode(self, features: NDArray[np.float32]) -> None: ...

    monkeypatch.setattr("ctranslate2.get_cuda_device_count", lambda: 2)
    monkeypatch.setattr(
        "ctranslate2.get_supported_compute_types", lambda _kind, _index: {"float16", "int8"}
    )
    monkeypatch.setattr("faster_whisper.WhisperModel", Loads)
    Whisper.load(MODEL, name="demo", device="cuda:1")
    assert options_told["device"] == "cuda"
    assert options_told["device_index"] == 1
    assert options_told["compute_type"] == "float16"
