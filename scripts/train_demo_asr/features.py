"""Log-mel spectra as Whisper hears them, before the clamp and the scaling that depend on
the whole window.
"""

from __future__ import annotations

import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor

FRAMES_PER_SECOND = 100
FLOOR = -10.0  # log10 of the smallest power that Whisper keeps
_MEL = FeatureExtractor().mel_filters  # (80, 201)


def log_mel(samples: np.ndarray) -> np.ndarray:
    """Log10 mel power of mono samples at 16 kHz: (frames, 80), 100 frames a second."""
    padded = np.pad(samples.astype(np.float32), 200, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, 400)[:-1:160]
    power = (
        np.abs(np.fft.rfft(frames * np.hanning(401)[:-1].astype(np.float32), axis=1)) ** 2
    )
    return np.log10(np.maximum(power @ _MEL.T, 1e-10)).astype(np.float32)


def scale(spectrum: np.ndarray) -> np.ndarray:
    """Whisper's clamp to 8 below the loudest cell, and its scaling to about -1 to 1."""
    return (np.maximum(spectrum, spectrum.max() - 8.0) + 4.0) / 4.0
