"""The sound of a telephone line, which everything of the voice is measured on.

A telephone carries 300 to 3400 Hz at 8 kHz. Recordings that hold more are narrowed to
that, so that all lines compare and hum and rumble are no part of a voice.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

RATE = 8000
"""Hertz; telephone sound has nothing above 4 kHz."""
HOP = 80
"""Samples from frame to frame: 10 ms."""
FRAME = 400
"""Samples: 50 ms, three periods of the lowest pitch."""
LOW, HIGH = 300.0, 3400.0
"""Hertz; the telephone band."""


def sampled(piece: NDArray[np.float32], *, sample_rate: int) -> NDArray[np.float32]:
    """A piece of sound at 8 kHz; `sample_rate` in hertz, >= 8000."""
    import librosa

    narrow: NDArray[np.float32] = librosa.resample(
        piece, orig_sr=sample_rate, target_sr=RATE
    )
    return narrow


def band(sound: NDArray[np.floating], low: float, high: float) -> Floats:
    """What lies between two frequencies in hertz."""
    from scipy import signal

    filtered: Floats = signal.sosfilt(_passed(low, high), sound)
    return filtered


@cache
def _passed(low: float, high: float) -> Floats:
    """A Butterworth filter in second-order sections, (2, 6)."""
    from scipy import signal

    sections: Floats = signal.butter(2, [low, high], btype="band", fs=RATE, output="sos")
    return sections
