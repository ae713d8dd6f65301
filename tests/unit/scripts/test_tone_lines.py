"""The lines that speech is sent over, and the calls that are made of sentences."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("tone_lines")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("tone_calls")


def syllables(seconds: float = 2.0) -> np.ndarray:
    """Pulses of 120 Hz that come and go four times a second, 16 kHz."""
    at = np.arange(int(seconds * 16000)) / 16000
    pulses = (at * 120 % 1 < 0.05) * 1.0
    return (0.2 * pulses * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * at))).astype(np.float32)


def envelope(sound: np.ndarray) -> np.ndarray:
    pieces = np.abs(sound[: len(sound) // 400 * 400]).reshape(-1, 400)
    return pieces.mean(axis=1)


def test_every_line_carries_the_course_of_the_speech(lines: ModuleType) -> None:
    sound = syllables()
    for name, line in lines.lines(1).items():
        heard = line(sound, 0)
        assert len(heard) == pytest.approx(len(sound), abs=2), name
        assert heard.dtype == np.float32, name
        shared = np.corrcoef(envelope(sound), envelope(heard)[: len(envelope(sound))])
        assert shared[0, 1] > 0.7, name


def test_packets_are_lost_in_bursts_and_filled_by_the_last_one(lines: ModuleType) -> None:
    sound = np.random.default_rng(0).standard_normal(16000 * 300).astype(np.float32)
    heard = lines.lose_packets(sound, np.random.default_rng(1))
    packets, before = (x.reshape(-1, 320) for x in (heard, sound))
    lost = (packets != before).any(axis=1)
    assert lost.mean() == pytest.approx(lines.LOST, abs=0.01)
    runs = np.diff(np.flatnonzero(np.diff(lost.astype(int), prepend=0, append=0)))[::2]
    assert runs.mean() == pytest.approx(lines.BURST, abs=0.3)
    first = int(np.flatnonzero(lost)[0])
    assert np.array_equal(packets[first], packets[first - 1] / 2)


def test_neutral_sentences_are_counted_once_however_many_calls_they_are_in(
    calls: ModuleType,
) -> None:
    from callmon.call import Voice

    speech = importlib.import_module("tone_speech")

    def judged(name: str, label: str) -> object:
        sentence = speech.Sentence(
            name=name,
            sound=np.zeros(1, np.float32),
            speaker="1",
            sex="female",
            emotion="neutral",
            syllables=None,
        )
        voice = Voice(
            arousal=0.0, label=label, confidence=1.0, measures={}, unscorable=None
        )
        return calls.Judged(sentence, voice)

    found = (
        [judged("a", "raised")] * 3
        + [judged("a", "ordinary")]
        + [
            judged("b", "raised"),
            judged("b", "ordinary"),
        ]
    )
    assert calls._neutral_counts(found) == (1, 2)
