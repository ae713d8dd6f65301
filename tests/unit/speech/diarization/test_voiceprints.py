"""What the voice encoder makes of sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from callmon.errors import MissingModel
from callmon.speech.diarization.voiceprints import BATCH, VoiceEncoder, mels
from callmon.weights import models_folder


@pytest.fixture(scope="module")
def encoder() -> VoiceEncoder:
    return VoiceEncoder.load(models_folder() / "voices")


def buzz(pitch: float, *, level: float = 0.1) -> NDArray[np.float32]:
    """Two seconds of a pulse train."""
    time = np.arange(32_000) / 16_000
    harmonics = range(1, int(3800 / pitch))
    sound = sum(np.sin(2 * np.pi * pitch * n * time) / n for n in harmonics)
    return (level * np.asarray(sound)).astype(np.float32)


def test_a_voiceprint_has_length_one(encoder: VoiceEncoder) -> None:
    points = encoder.voiceprints(mels(buzz(120), [(0, 160), (40, 200)]))
    assert points.shape == (2, 256)
    assert np.linalg.norm(points, axis=1) == pytest.approx(1.0, abs=1e-4)


def test_how_loud_a_voice_is_does_not_matter(encoder: VoiceEncoder) -> None:
    windows = [w for level in (0.01, 0.3) for w in mels(buzz(120, level=level), [(0, 160)])]
    soft, loud = encoder.voiceprints(windows)
    assert soft @ loud == pytest.approx(1.0, abs=1e-4)


def test_other_sounds_have_other_voiceprints(encoder: VoiceEncoder) -> None:
    windows = [w for pitch in (100, 240) for w in mels(buzz(pitch), [(0, 160)])]
    low, high = encoder.voiceprints(windows)
    assert low @ high < 0.95


def test_what_else_is_in_the_batch_does_not_matter(encoder: VoiceEncoder) -> None:
    """Shorter windows are filled up to the longest, and batches are sorted by length."""
    spans = [(n % 40, n % 40 + 30 + n) for n in range(BATCH + 6)]
    windows = mels(buzz(150), spans)
    together = encoder.voiceprints(windows)
    alone = np.concatenate([encoder.voiceprints([window]) for window in windows])
    assert together == pytest.approx(alone, abs=1e-4)


def test_digital_silence_has_a_finite_voiceprint(encoder: VoiceEncoder) -> None:
    silence = mels(np.zeros(32_000, np.float32), [(0, 160)])
    assert np.isfinite(encoder.voiceprints(silence)).all()


def test_no_windows_have_no_voiceprints(encoder: VoiceEncoder) -> None:
    assert mels(np.zeros(10, np.float32), []) == []
    assert encoder.voiceprints([]).shape == (0, 256)


@pytest.mark.parametrize("content", [None, b"", b"not a network"])
def test_an_encoder_that_cannot_be_read_is_a_missing_model(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "encoder.onnx").write_bytes(content)
    with pytest.raises(MissingModel, match=r"encoder\.onnx"):
        VoiceEncoder.load(tmp_path)
