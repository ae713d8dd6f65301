"""Synthetic persons: flite speaks, Praat's PSOLA turns two voices into several persons.

The sample calls and the training speech use the same functions, so what the model learns is
what the calls hold. flite's statistical voices ignore their pitch settings, hence pitch and
vocal-tract length are changed afterwards.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import parselmouth
import soundfile
import soxr
from parselmouth.praat import call as praat

SAMPLE_RATE = 16_000  # flite's own rate, and the rate Whisper hears
TELEPHONE_RATE = 8_000  # G.711
SPEECH_LEVEL_DBFS = (
    -29.0
)  # root mean square of ordinary speech; leaves 9 dB for an upset caller and 15 dB of crest
EDGE_SECONDS = 0.03  # what is kept around the first and the last phone

Base = Literal["rms", "slt"]
PITCH_SEARCH_HZ: dict[str, tuple[float, float]] = {
    "rms": (60.0, 300.0),
    "slt": (100.0, 450.0),
}


@dataclass(frozen=True)
class Person:
    """One speaker: a flite voice moved to another pitch and another vocal-tract length."""

    base: Base
    pitch_hz: float  # median of ordinary speech
    formant_ratio: float  # above 1 for a shorter vocal tract
    rate: float = 1.0  # above 1 is faster


@dataclass(frozen=True)
class Manner:
    """How a turn is spoken, relative to the person's own ordinary way."""

    pitch_ratio: float = 1.0
    pitch_range: float = 1.0  # spread of the pitch around its median
    rate: float = 1.0
    gain_db: float = 0.0


PERSONS: dict[str, Person] = {
    "rms-plain": Person("rms", 110.0, 1.03),
    "rms-deep": Person("rms", 99.0, 1.0, 0.97),
    "rms-bright": Person("rms", 126.0, 1.07, 1.04),
    "slt-plain": Person("slt", 172.0, 1.0),
    "slt-deep": Person("slt", 156.0, 0.98, 0.97),
    "slt-bright": Person("slt", 192.0, 1.05, 1.04),
}
MANNERS: dict[str, Manner] = {
    "ordinary": Manner(),
    "upset": Manner(1.22, 1.25, 1.12, 6.0),
    "very_upset": Manner(1.33, 1.4, 1.18, 9.0),
    "pleased": Manner(1.16, 1.4, 1.05, 3.0),
    "low": Manner(0.93, 0.7, 0.9, -3.0),
}


@dataclass(frozen=True)
class Speech:
    """Spoken text: mono float samples at `SAMPLE_RATE`, and its phones."""

    samples: np.ndarray
    phones: list[
        tuple[str, float, float]
    ]  # name, start and end in seconds; pauses are left out


def speak(text: str, *, person: Person, manner: Manner) -> Speech:
    """Speak `text`, cut to the speech plus `EDGE_SECONDS` at both ends, at a level of
    `SPEECH_LEVEL_DBFS` plus gain.
    """
    samples, phones = flite(text, base=person.base, rate=person.rate * manner.rate)
    samples = change_voice(
        samples,
        base=person.base,
        formant_ratio=person.formant_ratio,
        pitch_hz=person.pitch_hz * manner.pitch_ratio,
        pitch_range=manner.pitch_range,
    )
    start = max(0.0, phones[0][1] - EDGE_SECONDS)
    end = phones[-1][2] + EDGE_SECONDS
    samples = samples[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
    loudness = np.sqrt(np.mean(samples**2)) + 1e-9
    samples = samples / loudness * 10 ** ((SPEECH_LEVEL_DBFS + manner.gain_db) / 20)
    return Speech(
        np.clip(samples, -0.99, 0.99).astype(np.float32),
        [(p, a - start, b - start) for p, a, b in phones],
    )


def flite(
    text: str, *, base: Base, rate: float
) -> tuple[np.ndarray, list[tuple[str, float, float]]]:
    """Raw flite speech (float samples at 16 kHz) and its phones with times; `rate` above 1
    is faster.
    """
    with tempfile.NamedTemporaryFile(suffix=".wav") as wave:
        command = [
            "flite",
            "-voice",
            base,
            "--setf",
            f"duration_stretch={1 / rate:.3f}",
            "-psdur",
        ]
        done = subprocess.run(
            [*command, "-t", text, "-o", wave.name],
            check=True,
            capture_output=True,
            text=True,
        )
        samples, rate_hz = soundfile.read(Path(wave.name), dtype="float64")
    if rate_hz != SAMPLE_RATE:
        raise ValueError(
            f"flite voice {base!r} speaks at {rate_hz} Hz, expected {SAMPLE_RATE}"
        )
    phones: list[tuple[str, float, float]] = []
    start = 0.0
    for item in done.stdout.split():
        name, end = item.split(":")
        if name != "pau":
            phones.append((name, start, float(end)))
        start = float(end)
    return samples, phones


def change_voice(
    samples: np.ndarray,
    *,
    base: Base,
    formant_ratio: float,
    pitch_hz: float,
    pitch_range: float,
) -> np.ndarray:
    """Praat's "Change gender": new formants, median pitch and pitch range, the duration
    unchanged.
    """
    floor, ceiling = PITCH_SEARCH_HZ[base]
    sound = parselmouth.Sound(samples, sampling_frequency=SAMPLE_RATE)
    changed = praat(
        sound, "Change gender", floor, ceiling, formant_ratio, pitch_hz, pitch_range, 1.0
    )
    return np.asarray(changed.values[0])


def telephone(samples: np.ndarray) -> np.ndarray:
    """Mono samples at `SAMPLE_RATE` as a telephone line gives them: 300 to 3400 Hz,
    `TELEPHONE_RATE`, G.711 mu-law.
    """
    narrow = soxr.resample(samples, SAMPLE_RATE, TELEPHONE_RATE)
    spectrum = np.fft.rfft(narrow)
    hz = np.fft.rfftfreq(len(narrow), 1 / TELEPHONE_RATE)
    gain = np.clip((hz - 200) / 100, 0, 1) * np.clip((3700 - hz) / 300, 0, 1)
    return mu_law(np.fft.irfft(spectrum * gain, len(narrow))).astype(np.float32)


def mu_law(samples: np.ndarray) -> np.ndarray:
    """Compress to eight bits and expand again (ITU-T G.711, the continuous mu-law curve
    with mu = 255).
    """
    clipped = np.clip(samples, -1, 1)
    code = np.round(np.sign(clipped) * np.log1p(255 * np.abs(clipped)) / np.log(256) * 127)
    return np.sign(code) * np.expm1(np.abs(code) / 127 * np.log(256)) / 255


def room_noise(
    length: int, *, level_dbfs: float, random: np.random.Generator
) -> np.ndarray:
    """Quiet noise that falls by 3 dB an octave, so that silence is a room and no digital
    zero.
    """
    spectrum = np.fft.rfft(random.normal(size=length))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), len(spectrum) / 80))
    noise = np.fft.irfft(spectrum, length)
    return noise / np.sqrt(np.mean(noise**2)) * 10 ** (level_dbfs / 20)
