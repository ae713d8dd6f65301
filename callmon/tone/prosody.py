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
from callmon.tone.line import FRAME, HIGH, HOP, LOW, RATE, band, sampled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

QUIET = 25.0
"""Decibels under the loud parts of the turn at which speech ends (de Jong and Wempe)."""
MURMUR = 30.0
"""Decibels under the loud parts down to which a frame may be voiced: nasals and the ends
of phrases are softer than what counts as speech."""
VOWEL = 20.0
"""Decibels under the loud parts down to which a voiced frame tells of the voice: softer
ones are nasals and fading ends, whose share is a matter of what is said. Chosen from 20, 25
and 30 on five speakers, by how well raised sentences were told in calls."""
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
    """Median of vowels, semitones over 100 Hz; NaN without any."""
    pitch_range: float
    """From the 10th to the 90th percentile of voiced frames, semitones; NaN without."""
    loudness: float
    """Median level of vowels, decibels re full scale; NaN without."""
    balance: float
    """Median of vowels, decibels of high over low frequencies; NaN without."""
    rate: float
    """Syllable nuclei per second of speech, pauses left out."""
    pause_share: float
    """Share of time in pauses of 0.2 s or more, 0 to 1."""
    longest_pause: float
    """Seconds; 0 without a pause."""
    seconds: float
    """Speech, pauses left out."""
    voiced_seconds: float
    """Of vowels."""
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

    return join(
        [
            _piece_frames(
                sampled(piece, sample_rate=sample_rate),
                clipped=float((np.abs(piece) >= FULL_SCALE).mean()),
            )
            for piece in pieces
            if len(piece) >= SHORTEST * sample_rate
        ]
    )


def join(stretches: Sequence[Frames]) -> Frames:
    """Stretches one after the other; none give no frames."""
    import numpy as np

    none = np.empty(0)
    count = sum(len(stretch.level) for stretch in stretches)
    full = sum(stretch.clipped * len(stretch.level) for stretch in stretches)
    return Frames(
        level=np.concatenate([none, *(stretch.level for stretch in stretches)]),
        sonority=np.concatenate([none, *(stretch.sonority for stretch in stretches)]),
        balance=np.concatenate([none, *(stretch.balance for stretch in stretches)]),
        pitches=pitch.join([stretch.pitches for stretch in stretches]),
        clipped=full / count if count else 0.0,
    )


def measure(stretch: Frames, *, usual_pitch: float | None = None) -> Prosody:
    """The measures of a stretch of speech.

    `usual_pitch` is the caller's median in semitones over 100 Hz, where it is known.
    """
    return _measure(stretch, *pitch.track(stretch.pitches, usual=usual_pitch))


def measure_parts(
    parts: Sequence[Frames], *, usual_pitch: float | None = None
) -> tuple[Prosody, tuple[Prosody, ...]]:
    """The measures of a stretch and of each of its parts, on one track of the pitch."""
    whole = join(parts)
    semitones, periodicity = pitch.track(whole.pitches, usual=usual_pitch)
    measured = []
    first = 0
    for part in parts:
        last = first + len(part.level)
        measured.append(_measure(part, semitones[first:last], periodicity[first:last]))
        first = last
    return _measure(whole, semitones, periodicity), tuple(measured)


def _measure(stretch: Frames, semitones: Floats, periodicity: Floats) -> Prosody:
    import numpy as np

    level = stretch.level
    heard = _heard(level, QUIET)
    voiced = _voiced(level, periodicity)
    vowels = voiced & _heard(level, VOWEL)
    pauses = [
        (start, end) for start, end in _runs(~heard) if end - start >= PAUSE * RATE / HOP
    ]
    paused = sum(end - start for start, end in pauses)
    seconds = (len(level) - paused) * HOP / RATE
    loudness = _median(level[vowels])
    ends = np.percentile(semitones[vowels], ENDS) if vowels.any() else (math.nan, math.nan)
    return Prosody(
        pitch=_median(semitones[vowels]),
        pitch_range=float(ends[1] - ends[0]),
        loudness=loudness,
        balance=_median(stretch.balance[vowels]),
        rate=_syllable_nuclei(stretch.sonority, voiced) / seconds if seconds else 0.0,
        pause_share=paused / len(level) if len(level) else 0.0,
        longest_pause=max((end - start for start, end in pauses), default=0) * HOP / RATE,
        seconds=seconds,
        voiced_seconds=float(vowels.sum()) * HOP / RATE,
        snr=loudness - float(np.percentile(level, 5)) if len(level) else math.nan,
        clipped=stretch.clipped,
    )


def melody(
    stretch: Frames, *, usual_pitch: float | None = None
) -> tuple[Floats, NDArray[np.bool_]]:
    """Semitones over 100 Hz of each frame, and whether it is voiced, (n,) each."""
    semitones, periodicity = pitch.track(stretch.pitches, usual=usual_pitch)
    return semitones, _voiced(stretch.level, periodicity)


def _voiced(level: Floats, periodicity: Floats) -> NDArray[np.bool_]:
    """Which frames are voiced, (n,)."""
    return pitch.voiced(periodicity, audible=_heard(level, MURMUR))


def _heard(level: Floats, quiet: float) -> NDArray[np.bool_]:
    """Which frames are less than `quiet` decibels under the loud ones, (n,)."""
    import numpy as np

    loud = np.percentile(level, 95) if len(level) else SILENT_DB
    return level > max(loud - quiet, SILENT_DB)


def _piece_frames(sound: NDArray[np.float32], *, clipped: float) -> Frames:
    line = band(sound, LOW, HIGH)
    sonority = _level(band(line, LOW, BORDER))
    return Frames(
        level=_level(line),
        sonority=sonority,
        balance=_level(band(line, BORDER, HIGH)) - sonority,
        pitches=pitch.candidates(sound),
        clipped=clipped,
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
