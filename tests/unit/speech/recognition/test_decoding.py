"""The engine's parts make words with times, the same ones in any company."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from callmon.speech.recognition.decoding import (
    decode,
    spectrum,
    vote,
    whole_words,
    window_seconds,
)
from callmon.speech.recognition.transcribe import Whisper

RATE = 16_000
MODEL = Path(__file__).resolve().parents[4] / "models" / "demo-asr"


@pytest.fixture(scope="module")
def model() -> Any:
    return Whisper.load(MODEL, name="demo", device="cpu", threads=1).model


def hum(seconds: float, *, pitch: float = 120.0) -> NDArray[np.float32]:
    time = np.arange(round(seconds * RATE)) / RATE
    wave = np.sum([np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 9)], axis=0)
    return np.asarray(0.1 * wave, dtype=np.float32)


def piece(word: str, start: float, end: float, probability: float = 0.9) -> dict[str, Any]:
    return {"word": word, "start": start, "end": end, "probability": probability}


def test_pieces_of_a_word_are_joined_with_the_lower_confidence() -> None:
    (word,) = whole_words(
        [piece(" twenty", 1.0, 1.3), piece("-five", 1.3, 1.6, 0.5)], language="en"
    )
    assert (word.text, word.start, word.end) == ("twenty-five", 1.0, 1.6)
    assert word.confidence == 0.5


def test_in_a_language_without_spaces_every_piece_is_a_word() -> None:
    pieces = [piece("你", 0.0, 0.2), piece("好", 0.2, 0.4)]
    assert [word.text for word in whole_words(pieces, language="zh")] == ["你", "好"]


def test_empty_pieces_are_no_words() -> None:
    assert whole_words([piece("", 0, 1), piece("  ", 1, 2)], language="en") == ()


def test_the_window_is_the_models_own(model: Any) -> None:
    frames = int(window_seconds(model) * 100)
    assert spectrum(model, hum(1.0)).shape == (80, frames)
    assert spectrum(model, hum(40.0)).shape == (80, frames)


def test_a_sound_gives_the_same_words_in_any_batch(model: Any) -> None:
    sounds = [hum(2.0), hum(3.0, pitch=180.0), hum(1.0, pitch=90.0)]
    together = decode(model, sounds, language="en")
    alone = [decode(model, [sound], language="en")[0] for sound in sounds]
    assert [h.words for h in together] == [h.words for h in alone]


def test_words_follow_the_sound_and_its_tail_only(model: Any) -> None:
    (heard,) = decode(model, [hum(2.0)], language="en")
    assert all(0 <= word.start <= word.end <= 3.0 for word in heard.words)
    assert 0.0 <= heard.no_speech <= 1.0


class Polyglot:
    """An engine that tells languages: each sound holds the index of its answer."""

    def __init__(self, *answers: dict[str, float]) -> None:
        self.answers = answers
        self.model = SimpleNamespace(detect_language=self.detect_language)

    class feature_extractor:  # noqa: N801 - the engine's own name
        nb_max_frames = 10

        def __new__(cls, sound: NDArray[np.float32]) -> Any:
            return np.asarray([sound])

    def encode(self, features: NDArray[np.float32]) -> list[int]:
        return [int(window[0, 0]) for window in features]

    def detect_language(self, encoded: Sequence[int]) -> list[list[tuple[str, float]]]:
        return [
            [(f"<|{name}|>", share) for name, share in self.answers[index].items()]
            for index in encoded
        ]


def test_a_greeting_in_another_language_is_outvoted() -> None:
    engine = Polyglot(
        {"es": 0.9, "en": 0.1}, {"en": 0.8, "es": 0.2}, {"en": 0.7, "de": 0.3}
    )
    sounds = [np.full(10, index, np.float32) for index in range(3)]
    assert vote(engine, sounds) == "en"
