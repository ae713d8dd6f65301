"""Words come only from speech, in their places, whatever the model can do."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from callmon.call import Activity, Interval, Word
from callmon.errors import BadSettings, MissingModel
from callmon.speech.clips import Clip
from callmon.speech.transcribe import LONGEST_WORD, Whisper, _segment, _whole_words

RATE = 16_000
MODEL = Path(__file__).resolve().parents[3] / "models" / "demo-asr"


class Hum:
    """A low voiced hum on two channels, which no model knows words in."""

    sample_rate = RATE
    channels = 2
    duration = 30.0

    def read(self, channel: int, start: float, end: float) -> NDArray[np.float32]:
        time = np.arange(round(start * RATE), round(end * RATE)) / RATE
        wave = np.sum([np.sin(2 * np.pi * 120 * k * time) / k for k in range(1, 9)], axis=0)
        return np.asarray(0.1 * wave, dtype=np.float32)


@pytest.fixture(scope="module")
def whisper() -> Whisper:
    return Whisper.load(MODEL, name="demo", device="cpu", threads=1)


def piece(word: str, start: float, end: float, probability: float = 0.9) -> SimpleNamespace:
    return SimpleNamespace(word=word, start=start, end=end, probability=probability)


def word(text: str, start: float, end: float, confidence: float = 0.9) -> Word:
    return Word(text=text, start=start, end=end, confidence=confidence)


def clip(start: float, end: float) -> Clip:
    speech = Interval(start=start, end=end)
    return Clip(speaker="left", channel=0, speech=speech, heard=speech)


def voices() -> list[Activity]:
    return [
        Activity(
            speaker="left",
            channel=0,
            intervals=(Interval(start=5.0, end=7.0), Interval(start=12.0, end=12.4)),
        ),
        Activity(speaker="right", channel=1, intervals=(Interval(start=8.0, end=9.5),)),
    ]


def test_pieces_of_a_word_are_joined_and_moved() -> None:
    pieces = [piece(" twenty", 1.0, 1.3), piece("-five", 1.3, 1.6, 0.5)]
    joined = _whole_words(pieces, shift=10.0, language="en")
    assert joined == [word("twenty-five", 11.0, 11.6, 0.5)]


def test_in_a_language_without_spaces_every_piece_is_a_word() -> None:
    pieces = [piece("你", 0.0, 0.2), piece("好", 0.2, 0.4)]
    assert [w.text for w in _whole_words(pieces, shift=0.0, language="zh")] == ["你", "好"]


def test_words_are_clamped_into_the_speech() -> None:
    segment = _segment(clip(5.0, 8.0), [word("so", 4.7, 5.2), word("there", 7.5, 8.3)])
    assert [(w.start, w.end) for w in segment.words] == [(5.0, 5.2), (7.5, 8.0)]


def test_words_follow_each_other() -> None:
    segment = _segment(clip(5.0, 8.0), [word("one", 5.5, 6.5), word("two", 6.0, 6.2)])
    assert [(w.start, w.end) for w in segment.words] == [(5.5, 6.5), (6.5, 6.5)]


def test_no_word_is_stretched_over_a_pause() -> None:
    segment = _segment(clip(0.0, 10.0), [word("well", 0.0, 6.0)])
    assert segment.words[0].end == LONGEST_WORD


def test_confidence_is_weighted_by_length() -> None:
    segment = _segment(clip(0.0, 9.0), [word("a", 0, 1, 0.0), word("bcd", 1, 2, 1.0)])
    assert segment.confidence == pytest.approx(0.75)


def test_nothing_heard_is_an_empty_segment_without_confidence() -> None:
    segment = _segment(clip(1.0, 2.0), [])
    assert (segment.text, segment.confidence, segment.start) == ("", 0.0, 1.0)


def test_every_clip_gives_one_segment_in_order_of_time(whisper: Whisper) -> None:
    transcript = whisper.transcribe(Hum(), voices())
    spans = [(s.speaker, s.start, s.end) for s in transcript.segments]
    assert spans == [("left", 5.0, 7.0), ("right", 8.0, 9.5), ("left", 12.0, 12.4)]


def test_every_word_lies_in_its_segment(whisper: Whisper) -> None:
    for segment in whisper.transcribe(Hum(), voices()).segments:
        assert segment.start is not None
        assert segment.end is not None
        assert segment.text == " ".join(w.text for w in segment.words)
        for w in segment.words:
            assert segment.start <= w.start <= w.end <= segment.end


def test_two_runs_give_the_same(whisper: Whisper) -> None:
    first = whisper.transcribe(Hum(), voices())
    assert first == whisper.transcribe(Hum(), voices())


def test_progress_ends_at_one(whisper: Whisper) -> None:
    shares: list[float] = []
    whisper.transcribe(Hum(), voices(), progress=shares.append)
    assert shares[-1] == pytest.approx(1.0)


def test_without_speech_nothing_is_said_in_no_language(whisper: Whisper) -> None:
    silent = [Activity(speaker="left", channel=0, intervals=())]
    transcript = whisper.transcribe(Hum(), silent)
    assert (transcript.language, transcript.segments) == (None, ())


def test_a_language_that_the_model_does_not_know_is_refused(whisper: Whisper) -> None:
    with pytest.raises(BadSettings, match=r"does not know the language 'de'.*en"):
        whisper.transcribe(Hum(), voices(), language="de")


def test_a_missing_folder_is_a_missing_model(tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match=r"'small' is not complete.*model\.bin"):
        Whisper.load(tmp_path / "nowhere", name="small", device="cpu")


def test_broken_weights_are_a_missing_model(tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(MODEL, folder)
    (folder / "model.bin").write_bytes(b"not weights")
    with pytest.raises(MissingModel, match="cannot be loaded"):
        Whisper.load(folder, name="broken", device="cpu")


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(BadSettings, match="'tpu' is unknown"):
        Whisper.load(MODEL, name="demo", device="tpu")


def test_cuda_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctranslate2.get_cuda_device_count", lambda: 0)
    with pytest.raises(BadSettings, match="no NVIDIA GPU"):
        Whisper.load(MODEL, name="demo", device="cuda")
