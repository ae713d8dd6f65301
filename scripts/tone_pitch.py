"""The pitch tracker beside Praat's autocorrelation method (Boersma 1993).

Praat hears the recording as it is; the tracker hears it at 16 kHz, at 8 kHz, and through a
telephone line. A gross error is a pitch more than 20 % off in a frame that both call
voiced; a voicing error is a frame that only one of them calls voiced (Rabiner 1976).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from tone_speech import RATE, telephone

from callmon.tone.pitch import HIGHEST_PITCH, LOWEST_PITCH
from callmon.tone.prosody import Frames, frames, melody

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tone_speech import Samples

GROSS = 0.2
FRAMES_PER_SECOND = 100


@dataclass(frozen=True)
class Agreement:
    """Shares of frames, 0 to 1."""

    gross: float
    voicing: float
    frames: int


def lines() -> Mapping[str, Callable[[Samples], Frames]]:
    """What the tracker hears of a recording at 16 kHz."""
    from scipy import signal

    return {
        "16 kHz": lambda sound: frames([sound], sample_rate=RATE),
        "8 kHz": lambda sound: frames(
            [signal.resample_poly(sound, 1, 2).astype(np.float32)], sample_rate=8000
        ),
        "telephone": lambda sound: frames([telephone(sound)], sample_rate=RATE),
    }


def agreement(
    sounds: Sequence[Samples], line: Callable[[Samples], Frames], *, own_range: bool = True
) -> Agreement:
    """How far the tracker agrees with Praat on sounds of one speaker, 16 kHz.

    `own_range` tells it the speaker's median of a first pass, as in a call.
    """
    heard = [line(sound) for sound in sounds]
    tracks = [melody(stretch) for stretch in heard]
    if own_range:
        usual = float(np.median(np.concatenate([tone[on] for tone, on in tracks])))
        tracks = [melody(stretch, usual_pitch=usual) for stretch in heard]
    wrong = both = differ = total = 0
    for sound, (semitones, voiced) in zip(sounds, tracks, strict=True):
        reference = praat(sound, len(semitones))
        truth = reference > 0
        common = truth & voiced
        ratio = 100 * 2 ** (semitones[common] / 12) / reference[common]
        wrong += int((np.abs(ratio - 1) > GROSS).sum())
        both += int(common.sum())
        differ += int((truth != voiced).sum())
        total += len(truth)
    return Agreement(gross=wrong / both, voicing=differ / total, frames=total)


def pooled(parts: Iterable[Agreement]) -> Agreement:
    """Several speakers together, each by its frames."""
    parts = list(parts)
    total = sum(part.frames for part in parts)
    return Agreement(
        gross=sum(part.gross * part.frames for part in parts) / total,
        voicing=sum(part.voicing * part.frames for part in parts) / total,
        frames=total,
    )


def praat(sound: Samples, count: int) -> NDArray[np.float64]:
    """Hertz at each hundredth of a second, 0 where unvoiced, (count,)."""
    import parselmouth

    found = parselmouth.Sound(sound.astype(np.float64), RATE).to_pitch_ac(
        time_step=1 / FRAMES_PER_SECOND,
        pitch_floor=LOWEST_PITCH,
        pitch_ceiling=HIGHEST_PITCH,
    )
    hertz = np.zeros(count)
    at = np.round(found.xs() * FRAMES_PER_SECOND).astype(int)
    inside = at < count
    hertz[at[inside]] = found.selected_array["frequency"][inside]
    return hertz
