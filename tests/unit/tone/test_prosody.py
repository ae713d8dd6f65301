from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from callmon.tone.prosody import Prosody, frames, measure

Sound = NDArray[np.float32]
Speak = Callable[..., Sound]


def prosody(*pieces: Sound, sample_rate: int = 16000) -> Prosody:
    return measure(frames(pieces, sample_rate=sample_rate))


@pytest.mark.parametrize("hertz", [80.0, 110.0, 150.0, 210.0, 300.0, 420.0])
def test_pitch_is_found_when_the_line_has_cut_off_the_fundamental(
    speak: Speak, hertz: float
) -> None:
    heard = prosody(speak(3.0, pitch=hertz))
    assert heard.pitch == pytest.approx(12 * math.log2(hertz / 100), abs=0.5)


def test_pitch_is_the_same_at_8_and_16_khz(speak: Speak) -> None:
    import librosa

    sound = speak(3.0, pitch=180.0)
    narrow = librosa.resample(sound, orig_sr=16000, target_sr=8000)
    assert prosody(narrow, sample_rate=8000).pitch == pytest.approx(
        prosody(sound).pitch, abs=0.1
    )


def test_noise_has_no_pitch() -> None:
    noise = np.random.default_rng(0).standard_normal(32000).astype(np.float32) * 0.1
    assert prosody(noise).voiced_seconds < 0.2


def test_twice_the_amplitude_is_6_db_louder(speak: Speak) -> None:
    sound = speak(3.0)
    assert prosody(2 * sound).loudness - prosody(sound).loudness == pytest.approx(
        6.02, abs=0.05
    )


def test_gain_of_the_line_changes_neither_pitch_nor_balance_nor_rate(speak: Speak) -> None:
    sound = speak(3.0)
    soft, loud = prosody(sound), prosody(4 * sound)
    assert loud.pitch == pytest.approx(soft.pitch, abs=0.05)
    assert loud.balance == pytest.approx(soft.balance, abs=0.1)
    assert loud.rate == pytest.approx(soft.rate, abs=0.01)


def test_hum_of_the_mains_is_not_loudness(speak: Speak) -> None:
    sound = speak(3.0)
    at = np.arange(len(sound)) / 16000
    hum = (0.03 * np.sin(2 * np.pi * 50 * at)).astype(np.float32)
    assert prosody(sound + hum).loudness == pytest.approx(prosody(sound).loudness, abs=0.3)


def test_stronger_high_frequencies_raise_the_balance(speak: Speak) -> None:
    from scipy import signal

    sound = speak(3.0)
    bright = signal.lfilter([1, -0.9], [1], sound).astype(np.float32)
    assert prosody(bright).balance > prosody(sound).balance + 3


@pytest.mark.parametrize("rate", [2.5, 4.0, 6.0])
def test_syllables_per_second_are_counted(speak: Speak, rate: float) -> None:
    assert prosody(speak(4.0, rate=rate)).rate == pytest.approx(rate, rel=0.1)


def test_pauses_count_neither_as_speech_nor_against_the_rate(speak: Speak) -> None:
    pause = speak(1.0, level_db=-69.0)
    flowing = prosody(speak(2.0), speak(2.0))
    halting = prosody(np.concatenate([speak(2.0), pause, speak(2.0)]))
    assert halting.seconds == pytest.approx(flowing.seconds, abs=0.3)
    assert halting.rate == pytest.approx(flowing.rate, rel=0.1)
    assert halting.pause_share == pytest.approx(0.2, abs=0.06)


def test_noise_lowers_the_estimated_distance_to_the_floor(speak: Speak) -> None:
    clean, noisy = speak(3.0), speak(3.0, noise_db=-25.0)
    assert prosody(clean).snr > 20 > 15 > prosody(noisy).snr


def test_clipped_samples_are_counted(speak: Speak) -> None:
    overloaded = np.clip(30 * speak(2.0), -1, 1)
    assert prosody(overloaded).clipped > 0.1
    assert prosody(speak(2.0)).clipped == 0


@pytest.mark.parametrize("samples", [0, 1, 100, 1599])
def test_too_little_sound_has_no_measures(samples: int) -> None:
    heard = prosody(np.zeros(samples, dtype=np.float32))
    assert (heard.seconds, heard.rate) == (0, 0)
    assert math.isnan(heard.pitch)


def test_digital_silence_has_no_speech() -> None:
    heard = prosody(np.zeros(32000, dtype=np.float32))
    assert heard.seconds == 0
    assert math.isnan(heard.loudness)


def test_usual_pitch_does_not_pull_a_shouting_voice_down(speak: Speak) -> None:
    stretch = frames([speak(3.0, pitch=200.0)], sample_rate=16000)
    heard = measure(stretch, usual_pitch=12 * math.log2(1.2))
    assert heard.pitch == pytest.approx(12.0, abs=0.5)
