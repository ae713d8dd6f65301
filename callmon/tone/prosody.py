"""What is measured in a stretch of one voice: pitch, loudness, balance, rate, pauses.

Telephone sound carries 300 to 3400 Hz, so everything is worked at 8 kHz, and the
fundamental itself is mostly missing. Pitch is `librosa.yin` (de Cheveigné and Kawahara
2002) made robust: the fundamental is restored by rectifying; yin's answer and the
fractions and multiples with which it is confused are candidates, each with its
periodicity (normalised cross-correlation, Talkin 1995); and the path through them is
taken that jumps least and stays near the caller's own range (Boersma 1993). Syllable
nuclei are peaks of intensity in voiced speech (de Jong and Wempe 2009). The balance of
high to low frequencies rises with vocal effort (Traunmüller and Eriksson 2000) and, other
than the level, does not change with the gain of the line.

The range of pitch is not measured: the octave errors that are left at telephone quality
are few enough for a median, but they decide the percentiles at the ends.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
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
LOWEST_PITCH, HIGHEST_PITCH = 65.0, 500.0
"""Hertz: from a low male voice to a shouting female one."""
PITCH_RATIOS = (1 / 3, 1 / 2, 2 / 3, 1.0, 3 / 2, 2.0, 3.0)
"""Where one or two harmonics outweigh the rest, yin takes them for the fundamental."""
CORRELATED = 240
"""Samples compared for the periodicity: 30 ms, two periods of the lowest pitch."""
JUMP_COST = 1.0
"""Periodicity that a jump of one octave between frames must win: all there is. A voice
moves at most about an octave in 100 ms (Xu and Sun 2002), a tenth of that per frame."""
OCTAVE_COST = 0.01
"""Periodicity that an octave lower must win: a steady voice is as periodic over two of its
periods as over one (Boersma 1993)."""
RANGE_COST = 0.05
"""Periodicity that a pitch one octave from the caller's median must win. It decides
between near equals; shouting lies 9 semitones up on average, and is not pulled down."""
VOICED = 0.5
"""Least periodicity of a voiced frame: noise and voice in equal parts (Praat: 0.45)."""
QUIET = 25.0
"""Decibels under the loud parts of the turn at which speech ends (de Jong and Wempe)."""
DIP = 2.0
"""Decibels by which the intensity falls between two syllables (de Jong and Wempe)."""
PAUSE = 0.2
"""Seconds; shorter gaps are closures of stops and part of speaking."""
BORDER = 1000.0
"""Hertz between low and high frequencies: over the first formant of nearly all vowels,
as in the alpha ratio."""
FULL_SCALE = 0.95
"""Amplitude of clipped samples: the top of µ-law is 0.98, and resampling rounds it."""
SILENT_DB = -100.0
"""Level of digital silence, so that its logarithm is finite."""
SHORTEST = 0.1
"""Seconds; a shorter piece holds fewer than ten frames and no syllable."""


@dataclass(frozen=True)
class Frames:
    """A stretch of speech in frames of 10 ms. n frames, k candidates of pitch each."""

    level: Floats
    """Decibels re full scale in the telephone band, shape (n,)."""
    balance: Floats
    """Decibels of 1000 to 3400 Hz over 300 to 1000 Hz, shape (n,)."""
    pitches: Floats
    """Hertz, shape (n, k)."""
    periodicity: Floats
    """Of each candidate, at most 1; -1 outside the range of voices. Shape (n, k)."""
    clipped: float
    """Share of samples at full scale."""


@dataclass(frozen=True)
class Prosody:
    """The measures of one turn."""

    pitch: float
    """Median of voiced frames, semitones over 100 Hz; NaN without any."""
    loudness: float
    """Median level of voiced frames, decibels re full scale; NaN without."""
    balance: float
    """Median of voiced frames, decibels of high over low frequencies; NaN without."""
    rate: float
    """Syllable nuclei per second of speech, pauses left out."""
    pause_share: float
    """Share of time in pauses of 0.2 s or more, 0 to 1."""
    seconds: float
    """Speech, pauses left out."""
    voiced_seconds: float
    snr: float
    """Decibels from the floor (5th percentile of level) to the median voiced level. In
    quiet the floor is the closures of stops, about 30 dB down; noise fills them."""
    clipped: float
    """Share of samples at full scale."""


def frames(pieces: Sequence[NDArray[np.float32]], *, sample_rate: int) -> Frames:
    """Cuts pieces of sound, each of shape (n,), into frames; too short ones are left out.

    `sample_rate` is in hertz, at least 8000.
    """
    import numpy as np

    cut = [
        _piece_frames(piece, sample_rate)
        for piece in pieces
        if len(piece) >= SHORTEST * sample_rate
    ]
    samples = sum(len(piece) for piece in pieces)
    full = sum(int((np.abs(piece) >= FULL_SCALE).sum()) for piece in pieces)
    none, no_candidates = np.empty(0), np.empty((0, len(PITCH_RATIOS)))
    return Frames(
        level=np.concatenate([none, *(piece.level for piece in cut)]),
        balance=np.concatenate([none, *(piece.balance for piece in cut)]),
        pitches=np.concatenate([no_candidates, *(piece.pitches for piece in cut)]),
        periodicity=np.concatenate([no_candidates, *(piece.periodicity for piece in cut)]),
        clipped=full / samples if samples else 0.0,
    )


def measure(stretch: Frames, *, usual_pitch: float | None = None) -> Prosody:
    """The measures of a stretch of speech.

    `usual_pitch` is the caller's median in semitones over 100 Hz, where it is known: it
    decides between octaves that are equally periodic.
    """
    import numpy as np

    pitch, periodicity = _pitch_track(stretch, usual_pitch)
    level = stretch.level
    loud = np.percentile(level, 95) if len(level) else SILENT_DB
    heard = level > max(loud - QUIET, SILENT_DB)
    voiced = heard & (periodicity >= VOICED)
    paused = _long_runs(~heard, PAUSE * RATE / HOP)
    seconds = float((~paused).sum()) * HOP / RATE
    loudness = _median(level[voiced])
    return Prosody(
        pitch=_median(pitch[voiced]),
        loudness=loudness,
        balance=_median(stretch.balance[voiced]),
        rate=_syllable_nuclei(level, voiced) / seconds if seconds else 0.0,
        pause_share=float(paused.mean()) if len(paused) else 0.0,
        seconds=seconds,
        voiced_seconds=float(voiced.sum()) * HOP / RATE,
        snr=loudness - float(np.percentile(level, 5)) if len(level) else math.nan,
        clipped=stretch.clipped,
    )


def _piece_frames(piece: NDArray[np.float32], sample_rate: int) -> Frames:
    import librosa
    import numpy as np

    # Hum and rumble below the band go, and recordings of all bandwidths compare.
    sound = _band(librosa.resample(piece, orig_sr=sample_rate, target_sr=RATE), 300, 3400)
    pitch = librosa.yin(
        _with_fundamental(sound),
        fmin=LOWEST_PITCH,
        fmax=HIGHEST_PITCH,
        sr=RATE,
        frame_length=FRAME,
        hop_length=HOP,
    )
    candidates = pitch[:, None] * np.array(PITCH_RATIOS)
    periodicity = np.stack([_periodicity(sound, c) for c in candidates.T], axis=1)
    periodicity[(candidates < LOWEST_PITCH) | (candidates > HIGHEST_PITCH)] = -1
    low, high = _band(sound, 300, BORDER), _band(sound, BORDER, 3400)
    return Frames(
        level=_level(sound),
        balance=_level(high) - _level(low),
        pitches=candidates,
        periodicity=periodicity,
        clipped=0.0,
    )


def _with_fundamental(sound: Floats) -> Floats:
    """Adds what rectifying makes of the harmonics: their common fundamental."""
    import numpy as np

    # Twice, because a rectified wave has about half the amplitude at its fundamental.
    return sound + 2 * _band(np.abs(sound), 50, 600)


def _level(sound: Floats) -> Floats:
    """Decibels re full scale of each frame, (n,)."""
    import librosa
    import numpy as np

    amplitude = librosa.feature.rms(y=sound, frame_length=FRAME, hop_length=HOP)[0]
    level: Floats = 20 * np.log10(np.maximum(amplitude, 10 ** (SILENT_DB / 20)))
    return level


def _band(sound: NDArray[np.floating], low: float, high: float) -> Floats:
    from scipy import signal

    band = signal.butter(2, [low, high], btype="band", fs=RATE, output="sos")
    filtered: Floats = signal.sosfilt(band, sound)
    return filtered


def _periodicity(sound: Floats, pitch: Floats) -> Floats:
    """Normalised cross-correlation of each frame with itself one period later, (n,)."""
    import numpy as np

    longest = int(RATE / LOWEST_PITCH) + 2
    margin = CORRELATED + longest
    padded = np.pad(sound, margin)
    periods = np.clip(np.round(RATE / pitch).astype(int), 2, longest - 1)
    centres = margin + np.arange(len(pitch)) * HOP
    best = np.full(len(pitch), -1.0)
    # The period lies between whole samples: the best of the three nearest.
    for period in (periods - 1, periods, periods + 1):
        first = (centres - (CORRELATED + period) // 2)[:, None] + np.arange(CORRELATED)
        now, later = padded[first], padded[first + period[:, None]]
        power = np.einsum("ij,ij->i", now, now) * np.einsum("ij,ij->i", later, later)
        product = np.einsum("ij,ij->i", now, later)
        best = np.maximum(best, product / np.sqrt(power + 1e-12))
    return best


def _pitch_track(stretch: Frames, usual_pitch: float | None) -> tuple[Floats, Floats]:
    """Pitch in semitones over 100 Hz and its periodicity, (n,), by the cheapest path."""
    import numpy as np

    if not len(stretch.pitches):
        return np.empty(0), np.empty(0)
    octaves = np.log2(stretch.pitches / 100)
    cost = -stretch.periodicity - OCTAVE_COST * octaves
    if usual_pitch is not None:
        cost = cost + RANGE_COST * np.abs(octaves - usual_pitch / 12)
    jumps = JUMP_COST * np.abs(octaves[:-1, :, None] - octaves[1:, None, :])
    origin = np.zeros(cost.shape, dtype=int)
    total = cost[0]
    for at in range(1, len(cost)):
        reached = total[:, None] + jumps[at - 1]
        origin[at] = reached.argmin(axis=0)
        total = reached.min(axis=0) + cost[at]
    path = np.zeros(len(cost), dtype=int)
    path[-1] = total.argmin()
    for at in range(len(cost) - 1, 0, -1):
        path[at - 1] = origin[at, path[at]]
    every = np.arange(len(cost))
    return 12 * octaves[every, path], stretch.periodicity[every, path]


def _syllable_nuclei(level: Floats, voiced: NDArray[np.bool_]) -> int:
    """Number of peaks of intensity in voiced frames with a dip between them."""
    import numpy as np
    from scipy import signal

    peaks, _ = signal.find_peaks(level, prominence=DIP)
    return int(np.count_nonzero(voiced[peaks]))


def _median(values: Floats) -> float:
    import numpy as np

    return float(np.median(values)) if len(values) else math.nan


def _long_runs(flags: NDArray[np.bool_], least: float) -> NDArray[np.bool_]:
    """Keeps only the runs of true flags that are at least so many frames long."""
    import numpy as np

    edges = np.flatnonzero(np.diff(flags.astype(int), prepend=0, append=0))
    kept = np.zeros(len(flags), dtype=bool)
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        kept[start:end] = end - start >= least
    return kept
