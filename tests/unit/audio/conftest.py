"""Sounds and recordings that the audio tests make for themselves."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

Sound = NDArray[np.float32]

RATE = 16_000


class FakeAudio:
    """Sound in memory, shape (channels, n); the other implementation of `call.Audio`."""

    sample_rate = RATE

    def __init__(self, *channels: Sound) -> None:
        self._samples = np.vstack(channels).astype(np.float32)

    @property
    def channels(self) -> int:
        return len(self._samples)

    @property
    def duration(self) -> float:
        return self._samples.shape[1] / RATE

    def read(self, channel: int, start: float, end: float) -> Sound:
        samples: Sound = self._samples[channel, round(start * RATE) : round(end * RATE)]
        return samples


def tone(seconds: float, *, hertz: float = 440.0, rate: int = RATE) -> Sound:
    times = np.arange(round(seconds * rate)) / rate
    return (0.3 * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def voice(seconds: float, *, pitch: float = 120.0, seed: int = 1) -> Sound:
    """Harmonics of a moving pitch under moving formants, four syllables a second.

    Enough of a voice for Silero, which the tests of activity rely on.
    """
    vowels = np.array(
        [(730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480)]
    )
    times = np.arange(round(seconds * RATE)) / RATE
    order = np.random.default_rng(seed).integers(0, len(vowels), round(seconds * 4) + 2)
    syllable = np.minimum((times * 4).astype(int), len(order) - 2)
    along = ((times * 4) % 1)[:, None]
    formants = vowels[order[syllable]] * (1 - along) + vowels[order[syllable + 1]] * along
    f0 = pitch * (1 + 0.1 * np.sin(2 * np.pi * 0.7 * times))
    phase = 2 * np.pi * np.cumsum(f0) / RATE
    sound = np.zeros(len(times))
    for harmonic in range(1, 25):
        hertz = harmonic * f0
        gain = sum(
            weight / (1 + ((hertz - formants[:, i]) / (60 + 40 * i)) ** 2)
            for i, weight in enumerate((1.0, 0.6, 0.3))
        )
        sound += np.where(hertz < 3800, gain, 0.0) * np.sin(harmonic * phase)
    sound *= 0.15 + 0.85 * np.clip(np.sin(2 * np.pi * 4 * times - 1.2), 0, 1) ** 0.6
    return (0.3 * sound / np.abs(sound).max()).astype(np.float32)


def encode(
    path: Path,
    sound: Sound,
    *,
    codec: str,
    rate: int = RATE,
    container: str | None = None,
    starts: dict[int, float] | None = None,
) -> Path:
    """Writes a sound of shape (n,) or (channels, n) through FFmpeg.

    `starts` moves time stamps: from a sample on, time runs so many seconds ahead.
    """
    import av

    sound = np.atleast_2d(sound)
    layout = ("mono", "stereo")[len(sound) - 1]
    with av.open(str(path), "w", format=container) as output:
        stream: Any = output.add_stream(codec, rate=rate, layout=layout)
        resampler = av.AudioResampler(stream.codec_context.format, layout, rate)
        ahead = 0.0
        for first in range(0, sound.shape[1], 960):
            ahead = (starts or {}).get(first, ahead)
            piece = np.ascontiguousarray(sound[:, first : first + 960])
            frame = av.AudioFrame.from_ndarray(piece, "fltp", layout)
            frame.sample_rate = rate
            frame.time_base = Fraction(1, rate)
            frame.pts = first + round(ahead * rate)
            for ready in resampler.resample(frame):
                output.mux(stream.encode(ready))
        output.mux(stream.encode(None))
    return path


@pytest.fixture
def in_memory() -> type[FakeAudio]:
    return FakeAudio


@pytest.fixture(name="tone")
def _tone() -> Callable[..., Sound]:
    return tone


@pytest.fixture(name="voice")
def _voice() -> Callable[..., Sound]:
    return voice


@pytest.fixture(name="encode")
def _encode() -> Callable[..., Path]:
    return encode
