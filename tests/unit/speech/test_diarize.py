"""Two voices of one channel are told apart, and one voice is left whole."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from callmon.call import Activity, Interval
from callmon.intervals import intersection, seconds, union
from callmon.speech import diarize
from callmon.speech.diarize import by_voice

RATE = 16_000

LOW = (110.0, (500.0, 1500.0, 2500.0))
HIGH = (220.0, (850.0, 2100.0, 3300.0))


def syllables(
    voice: tuple[float, tuple[float, ...]], seconds: float, *, seed: int
) -> NDArray[np.float32]:
    """A buzz at the voice's pitch, its resonances wandering from syllable to syllable."""
    pitch, resonances = voice
    random = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    syllable = (time * 5).astype(int)
    wander = random.normal(1.0, 0.12, (syllable.max() + 1, len(resonances)))[syllable]
    tune = pitch * random.normal(1.0, 0.08, syllable.max() + 1)[syllable]
    phase = 2 * np.pi * np.cumsum(tune) / RATE
    sound = np.zeros(len(time))
    for harmonic in range(1, int(3800 / pitch)):
        gain = sum(
            np.exp(-(((harmonic * tune - r * wander[:, k]) / 150) ** 2))
            for k, r in enumerate(resonances)
        )
        sound += (gain + 0.01) * np.sin(harmonic * phase)
    return (0.1 * sound + random.normal(0, 1e-3, len(time))).astype(np.float32)


class Sound:
    sample_rate = RATE
    channels = 1

    def __init__(self, samples: NDArray[np.float32]) -> None:
        self.samples = samples

    @property
    def duration(self) -> float:
        return len(self.samples) / RATE

    def read(self, channel: int, start: float, end: float) -> NDArray[np.float32]:
        return self.samples[round(start * RATE) : round(end * RATE)]


def heard(*spans: tuple[float, float]) -> Activity:
    intervals = tuple(Interval(start=start, end=end) for start, end in spans)
    return Activity(speaker="mono", channel=0, intervals=intervals)


def exchange() -> Sound:
    """High and low in turn, four seconds each, six times."""
    voices = [syllables((HIGH, LOW)[n % 2], 4.0, seed=n) for n in range(6)]
    return Sound(np.concatenate(voices))


def test_two_voices_are_told_apart_where_they_change() -> None:
    first, second = by_voice(exchange(), heard((0.0, 24.0)))
    true_first = [Interval(start=s, end=s + 4.0) for s in (0.0, 8.0, 16.0)]
    assert (first.speaker, second.speaker) == ("speaker 1", "speaker 2")
    assert seconds(intersection(first.intervals, true_first)) == pytest.approx(12, abs=0.6)
    assert seconds(intersection(second.intervals, true_first)) < 0.6


def test_the_voices_share_out_the_activity() -> None:
    activity = heard((0.5, 11.0), (11.5, 23.0))
    first, second = by_voice(exchange(), activity)
    assert intersection(first.intervals, second.intervals) == ()
    both = union([*first.intervals, *second.intervals], gap=1e-6)
    assert seconds(both) == pytest.approx(seconds(activity.intervals), abs=1e-3)


def test_one_voice_is_left_whole() -> None:
    sound = Sound(syllables(LOW, 20.0, seed=1))
    (voice,) = by_voice(sound, heard((0.0, 9.0), (10.0, 20.0)))
    assert voice.speaker == "speaker 1"
    assert voice.intervals == heard((0.0, 9.0), (10.0, 20.0)).intervals


def test_a_word_or_two_are_one_voice() -> None:
    (voice,) = by_voice(exchange(), heard((3.0, 5.0)))
    assert voice.intervals == (Interval(start=3.0, end=5.0),)


def test_no_speech_is_one_voice_that_says_nothing() -> None:
    (voice,) = by_voice(exchange(), heard())
    assert voice.intervals == ()


def test_digital_silence_is_one_voice() -> None:
    sound = Sound(np.zeros(20 * RATE, np.float32))
    assert len(by_voice(sound, heard((0.0, 20.0)))) == 1


def test_two_runs_give_the_same() -> None:
    activity = heard((0.0, 24.0))
    assert by_voice(exchange(), activity) == by_voice(exchange(), activity)


def test_a_long_call_is_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diarize, "LONGEST_PIECE", 5.0)
    monkeypatch.setattr(diarize, "MOST_WINDOWS", 20)
    lengths: list[float] = []

    class Watched(Sound):
        def read(self, channel: int, start: float, end: float) -> NDArray[np.float32]:
            lengths.append(end - start)
            return super().read(channel, start, end)

    assert len(by_voice(Watched(exchange().samples), heard((0.0, 24.0)))) == 2
    assert max(lengths) <= 5.0
