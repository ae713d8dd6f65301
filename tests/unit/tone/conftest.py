"""A synthetic voice on a telephone line: what a test says of it is known exactly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

Sound = NDArray[np.float32]
RATE = 16000


@pytest.fixture(scope="session")
def speak() -> Callable[..., Sound]:
    """Syllables of an open vowel: harmonics through two formants, 300 to 3400 Hz.

    Syllables are parted by short closures of 50 dB, over the floor of a quiet line.
    """

    def voice(
        seconds: float,
        *,
        pitch: float = 120.0,
        rate: float = 4.0,
        level_db: float = -20.0,
        noise_db: float = -70.0,
    ) -> Sound:
        at = np.arange(int(seconds * RATE)) / RATE
        # A living voice trembles by about one percent.
        random = np.random.default_rng(0)
        tremor = 1 + 0.01 * np.repeat(random.standard_normal(len(at) // 80 + 1), 80)
        phase = 2 * np.pi * np.cumsum(pitch * tremor[: len(at)]) / RATE
        pulses = signal.sawtooth(phase)
        vowel = pulses
        for formant in (700.0, 1200.0):
            b, a = signal.iirpeak(formant, formant / 120, fs=RATE)
            vowel = vowel + 4 * signal.lfilter(b, a, pulses)
        closure = ((1 + np.cos(2 * np.pi * rate * at)) / 2) ** 4
        envelope = 10 ** (-2.5 * closure)
        band = signal.butter(6, [300, 3400], btype="band", fs=RATE, output="sos")
        spoken = signal.sosfilt(band, vowel) * envelope
        spoken *= 10 ** (level_db / 20) / np.sqrt(np.mean(spoken**2))
        noise = random.standard_normal(len(at)) * 10 ** (noise_db / 20)
        return (spoken + noise).astype(np.float32)

    return voice
