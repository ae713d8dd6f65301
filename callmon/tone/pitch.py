"""Pitch of one voice at telephone quality, frame by frame.

The fundamental itself is mostly missing there: it is restored by rectifying. Pitch is
`librosa.yin` (de Cheveigné and Kawahara 2002) made robust: yin's answer and the fractions
and multiples with which it is confused are candidates, each with its periodicity
(normalised cross-correlation, Talkin 1995), and the path through them is taken that jumps
least and stays near the caller's own range (Boersma 1993). A second path tells voiced from
unvoiced frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callmon.tone.line import FRAME, HIGH, HOP, RATE, band

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LOWEST_PITCH, HIGHEST_PITCH = 65.0, 500.0
"""Hertz: from a low male voice to a shouting female one."""
RATIOS = (1 / 3, 1 / 2, 2 / 3, 1.0, 3 / 2, 2.0, 3.0)
"""Where one or two harmonics outweigh the rest, yin takes them for the fundamental."""
CORRELATED = 240
"""Samples compared for the periodicity: 30 ms, two periods of the lowest pitch."""
JUMP_COST = 1.25
"""Periodicity that a jump of one octave between frames must win: more than there is, so
that only many frames together can. A voice moves at most about an octave in 100 ms (Xu
and Sun 2002), a tenth of that per frame."""
RANGE_COST = 0.05
"""Periodicity that a pitch one octave from the caller's median must win. It decides
between near equals; shouting lies 9 semitones up on average, and is not pulled down."""
USUAL = 75
"""Percentile of the periodicity of audible frames: that of a clear vowel on this line.
Noise and coding lower the periodicity of a voice, and the border with it."""
VOICED = 0.45
"""Of that, the least periodicity of a voiced frame (Praat: 0.45 of a perfect one)."""
LEAST_VOICED = 0.3
"""Periodicity at which a frame can be voiced on any line; noise alone stays below it."""
SWITCH_COST = 0.25
"""Periodicity that a change between voiced and unvoiced must win: a voice does not break
off for a hundredth of a second (Praat: 0.14).

This, the cost of a jump, the border of voicing, the murmurs of `prosody` and the cut of
hum were chosen on five of the ten speakers of `models/tone/README.md`."""
HUM = 100.0
"""Hertz under which nothing is listened to: the mains hum at 50 or 60. Where a line
carries more of a voice than the telephone band, its fundamental is welcome."""


@dataclass(frozen=True)
class Candidates:
    """What the pitch of each frame may be. n frames of 10 ms, k candidates each."""

    pitches: Floats
    """Hertz, shape (n, k)."""
    periodicity: Floats
    """Of each candidate, at most 1; -1 outside the range of voices. Shape (n, k)."""


def candidates(sound: NDArray[np.floating]) -> Candidates:
    """The candidates of a piece of sound at 8 kHz, shape (samples,)."""
    import librosa
    import numpy as np

    sound = band(sound, HUM, HIGH)
    found = librosa.yin(
        _with_fundamental(sound).astype(np.float32),
        fmin=LOWEST_PITCH,
        fmax=HIGHEST_PITCH,
        sr=RATE,
        frame_length=FRAME,
        hop_length=HOP,
    )
    pitches = found[:, None] * np.array(RATIOS)
    periodicity = _periodicity(sound, pitches)
    periodicity[(pitches < LOWEST_PITCH) | (pitches > HIGHEST_PITCH)] = -1
    return Candidates(pitches=pitches, periodicity=periodicity)


def join(pieces: Sequence[Candidates]) -> Candidates:
    """Pieces one after the other; none give no frames."""
    import numpy as np

    none = np.empty((0, len(RATIOS)))
    return Candidates(
        pitches=np.concatenate([none, *(piece.pitches for piece in pieces)]),
        periodicity=np.concatenate([none, *(piece.periodicity for piece in pieces)]),
    )


def track(found: Candidates, *, usual: float | None = None) -> tuple[Floats, Floats]:
    """Pitch in semitones over 100 Hz and periodicity, (n,) each, by the cheapest path.

    `usual` is the caller's median in semitones over 100 Hz, where it is known: it decides
    between octaves that are equally periodic.
    """
    import numpy as np

    if not len(found.pitches):
        return np.empty(0), np.empty(0)
    octaves = np.log2(found.pitches / 100)
    cost = -found.periodicity
    if usual is not None:
        cost = cost + RANGE_COST * np.abs(octaves - usual / 12)
    jumps = JUMP_COST * np.abs(octaves[:-1, :, None] - octaves[1:, None, :])
    origin = np.zeros(cost.shape, dtype=int)
    total = cost[0]
    # (from, to) is turned round, so that the least is taken along the last axis.
    every = np.arange(cost.shape[1])
    for at in range(1, len(cost)):
        reached = total + jumps[at - 1].T
        best = reached.argmin(axis=1)
        origin[at] = best
        total = reached[every, best] + cost[at]
    path = np.zeros(len(cost), dtype=int)
    path[-1] = total.argmin()
    for at in range(len(cost) - 1, 0, -1):
        path[at - 1] = origin[at, path[at]]
    frames = np.arange(len(cost))
    return 12 * octaves[frames, path], found.periodicity[frames, path]


def voiced(periodicity: Floats, *, audible: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which frames are voiced, (n,), by the best path through voiced and unvoiced ones.

    A frame speaks for voice as far as its periodicity is over the border of this line,
    and against it where it is not audible; each change costs (Boersma 1993).
    """
    import numpy as np

    if not audible.any():
        return np.zeros(len(periodicity), dtype=bool)
    border = VOICED * float(np.percentile(periodicity[audible], USUAL))
    evidence = periodicity - max(border, LEAST_VOICED) - ~audible
    # How much better the best path is that ends voiced than the one that ends unvoiced.
    leads = []
    lead = 0.0
    for frame in evidence.tolist():
        lead = min(max(lead, -SWITCH_COST), SWITCH_COST) + frame
        leads.append(lead)
    path = []
    now = False
    cost = 0.0
    for lead in reversed(leads):
        now = lead > (-cost if now else cost)
        path.append(now)
        cost = SWITCH_COST
    return np.array(path[::-1], dtype=bool)


def _with_fundamental(sound: Floats) -> Floats:
    """Adds what rectifying makes of the harmonics: their common fundamental."""
    import numpy as np

    # Twice, because a rectified wave has about half the amplitude at its fundamental.
    return sound + 2 * band(np.abs(sound), 50, 600)


def _periodicity(sound: Floats, pitches: Floats) -> Floats:
    """Normalised cross-correlation of each frame with itself one period later, (n, k)."""
    import numpy as np
    from scipy import fft

    longest = int(RATE / LOWEST_PITCH) + 2
    reach = CORRELATED + longest
    # Centred for a period of middle length.
    before = (CORRELATED + longest // 2) // 2
    padded = np.pad(sound, (before, reach + FRAME))
    starts = np.arange(len(pitches)) * HOP
    # Half the memory of double precision, and half the time.
    padded = padded.astype(np.float32)
    heard = np.lib.stride_tricks.sliding_window_view(padded, reach)[starts]
    # (n, reach)
    # Delays up to `longest` do not wrap round in a transform of the whole reach.
    size = fft.next_fast_len(reach, real=True)
    first = fft.rfft(heard[:, :CORRELATED], size)
    product = fft.irfft(fft.rfft(heard, size) * first.conj(), size)[:, : longest + 1]
    energy = np.cumsum(np.pad(heard**2, ((0, 0), (1, 0))), axis=1)
    power = energy[:, CORRELATED : reach + 1] - energy[:, : longest + 1]
    correlation = product / np.sqrt(power[:, :1] * power + 1e-12)
    # (n, longest + 1), by samples of delay
    periods = np.clip(np.round(RATE / pitches).astype(int), 2, longest - 1)
    frames = np.arange(len(pitches))[:, None]
    # The period lies between whole samples: the best of the three nearest.
    best: Floats = np.max(
        [correlation[frames, periods + step] for step in (-1, 0, 1)], axis=0
    )
    return best
