"""What is measured in a stretch of one voice: pitch, loudness, balance, rate, pauses.

Everything is worked on the telephone band. Syllable nuclei are peaks of intensity in
voiced speech (de Jong and Wempe 2009); about a sixth of the written syllables have none,
so that a rate compares with other rates, not with a count of what was said. The balance of
high to low frequencies rises with vocal effort (Traunmüller and Eriksson 2000) and, other
than the level, does not change with the gain of the line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callmon.tone import pitch
from callmon.tone.line import FRAME, HIGH, HOP, LOW, RATE, band, narrow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

QUIET = 25.0
"""Decibels under the loud parts of the turn at which speech ends (de Jong and Wempe)."""
DIP = 1.0
"""Decibels by which the intensity falls between two syllables (de Jong and Wempe take 2 to
4 on wide-band speech). Chosen from 0.5 to 3 on five speakers with known texts, together
with the band of the sonority: correlation with written syllables .69, else up to .67."""
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
ENDS = (10, 90)
"""Percentiles between which the pitch ranges: a tenth at either end is left to the creak
at the ends of phrases and to the octave errors that are left."""


@dataclass(frozen=True)
class Frames:
    """A stretch of speech in frames of 10 ms. n frames."""

    level: Floats
    """Decibels re full scale in the telephone band, shape (n,)."""
    sonority: Floats
    """Decibels re full scale of 300 to 1000 Hz, where vowels are strong, shape (n,)."""
    balance: Floats
    """Decibels of 1000 to 3400 Hz over 300 to 1000 Hz, shape (n,)."""
    pitches: pitch.Candidates
    """Of n frames."""
    clipped: float
    """Share of samples at full scale."""


@dataclass(frozen=True)
class Prosody:
    """The measures of one turn."""

    pitch: float
    """Median of voiced frames, semitones over 100 Hz; NaN without any."""
    pitch_range: float
    """From the 10th to the 90th percentile of voiced frames, semitones; NaN without."""
    loudness: float
    """Median level of voiced frames, decibels re full scale; NaN without."""
    balance: float
    """Median of voiced frames, decibels of high over low frequencies; NaN without."""
    rate: float
    """Syllable nuclei per second of speech, pauses left out."""
    pause_share: float
    """Share of time in pauses of 0.2 s or more, 0 to 1."""
    longest_pause: float
    """Seconds; 0 without a pause."""
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
        _piece_frames(narrow(piece, sample_rate=sample_rate))
        for piece in pieces
        if len(piece) >= SHORTEST * sample_rate
    ]
    samples = sum(len(piece) for piece in pieces)
    full = sum(int((np.abs(piece) >= FULL_SCALE).sum()) for piece in pieces)
    none = np.empty(0)
    return Frames(
        level=np.concatenate([none, *(piece.level for piece in cut)]),
        sonority=np.concatenate([none, *(piece.sonority for piece in cut)]),
        balance=np.concatenate([none, *(piece.balance for piece in cut)]),
        pitches=pitch.join([piece.pitches for piece in cut]),
        clipped=full / samples if samples else 0.0,
    )


def measure(stretch: Frames, *, usual_pitch: float | None = None) -> Prosody:
    """The measures of a stretch of speech.

    `usual_pitch` is the caller's median in semitones over 100 Hz, where it is known.
    """
    import numpy as np

    level = stretch.level
    heard = _heard(level)
    semitones, voiced = melody(stretch, usual_pitch=usual_pitch)
    pauses = [
        (start, end) for start, end in _runs(~heard) if end - start >= PAUSE * RATE / HOP
    ]
    paused = sum(end - start for start, end in pauses)
    seconds = (len(level) - paused) * HOP / RATE
    loudness = _median(level[voiced])
    ends = np.percentile(semitones[voiced], ENDS) if voiced.any() else (math.nan, math.nan)
    return Prosody(
        pitch=_median(semitones[voiced]),
        pitch_range=float(ends[1] - ends[0]),
        loudness=loudness,
        balance=_median(stretch.balance[voiced]),
        rate=_syllable_nuclei(stretch.sonority, voiced) / seconds if seconds else 0.0,
        pause_share=paused / len(level) if len(level) else 0.0,
        longest_pause=max((end - start for start, end in pauses), default=0) * HOP / RATE,
        seconds=seconds,
        voiced_seconds=float(voiced.sum()) * HOP / RATE,
        snr=loudness - float(np.percentile(level, 5)) if len(level) else math.nan,
        clipped=stretch.clipped,
    )


def melody(
    stretch: Frames, *, usual_pitch: float | None = None
) -> tuple[Floats, NDArray[np.bool_]]:
    """Semitones over 100 Hz of each frame, and whether it is voiced, (n,) each."""
    semitones, periodicity = pitch.track(stretch.pitches, usual=usual_pitch)
    return semitones, _heard(stretch.level) & (periodicity >= pitch.VOICED)


def _heard(level: Floats) -> NDArray[np.bool_]:
    """Which frames are speech by their level, (n,)."""
    import numpy as np

    loud = np.percentile(level, 95) if len(level) else SILENT_DB
    return level > max(loud - QUIET, SILENT_DB)


def _piece_frames(sound: Floats) -> Frames:
    sonority = _level(band(sound, LOW, BORDER))
    return Frames(
        level=_level(sound),
        sonority=sonority,
        balance=_level(band(sound, BORDER, HIGH)) - sonority,
        pitches=pitch.candidates(sound),
        clipped=0.0,
    )


def _level(sound: Floats) -> Floats:
    """Decibels re full scale of each frame, (n,)."""
    import librosa
    import numpy as np

    amplitude = librosa.feature.rms(y=sound, frame_length=FRAME, hop_length=HOP)[0]
    level: Floats = 20 * np.log10(np.maximum(amplitude, 10 ** (SILENT_DB / 20)))
    return level


def _syllable_nuclei(sonority: Floats, voiced: NDArray[np.bool_]) -> int:
    """Number of peaks of intensity in voiced frames with a dip between them."""
    import numpy as np
    from scipy import signal

    peaks, _ = signal.find_peaks(sonority, prominence=DIP)
    return int(np.count_nonzero(voiced[peaks]))


def _median(values: Floats) -> float:
    import numpy as np

    return float(np.median(values)) if len(values) else math.nan


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Start and end of each run of true flags."""
    import numpy as np

    edges = np.flatnonzero(np.diff(flags.astype(int), prepend=0, append=0))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
