"""What is heard on a channel while nobody speaks: mains hum, music, or neither.

Both are judged from the spectrum of whole windows without speech, and only the clear case
counts: a window is hum when most of its energy lies on the harmonics of the mains, and
music when it is as loud as speech can be and most of its energy stands in steady lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from callmon.call import Activity, Audio, Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WINDOW_SECONDS = 1.0
"""Resolves 1 Hz: a line of the mains from its surroundings. A sung or played note is held
for a good part of it; the pitch of a voice never stands still that long."""

BLOCK_WINDOWS = 60

BAND = (40, 4_000)
"""Hertz looked at: from under the mains to the end of the telephone band."""

MAINS = (50, 60)
"""Hertz, on the two halves of the globe."""
MAINS_WIDTH = 2
"""Hertz on each side of a harmonic: grids stay within 0.5 Hz, the window's lobe is 2 Hz
wide. So the comb covers 5 in 50 Hz, a tenth of evenly spread noise."""
MAINS_HIGHEST = 1_000
"""Hertz; rectifiers and lamps give no harmonics of weight above."""

LINE_SPAN = 60
"""Hertz over which the floor below a line is taken as the median."""
LINE_HEIGHT = 12.0
"""A line stands this many times over that median. In noise the power of a bin is
exponential, so one bin in 2 ** 12 = 4096 does by chance, less than one in a window."""

MOSTLY = 0.5


class Background(Value):
    """How long each kind of background was heard on a channel, in seconds."""

    quiet: float
    """Whole windows without speech."""
    hum: float
    music: float


def listen(
    audio: Audio, activity: Activity, *, hum_floor: float, music_floor: float
) -> Background:
    """Judges each whole second of a channel in which its voice does not speak.

    Args:
        audio: The sound.
        activity: The voice of the channel.
        hum_floor: Root mean square from which hum counts, in shares of full scale.
        music_floor: The same for music and tones.
    """
    quiet = hum = music = 0
    for samples in _quiet_windows(audio, activity):
        # shape (windows, samples of a second)
        power, level = _spectra(samples)
        # shapes (windows, hertz), (windows,)
        humming = (_mains_share(power) >= MOSTLY) & (level >= hum_floor)
        tonal = (_line_share(power) >= MOSTLY) & (level >= music_floor)
        quiet += len(samples)
        hum += int(humming.sum())
        music += int((tonal & ~humming).sum())
    return Background(
        quiet=quiet * WINDOW_SECONDS,
        hum=hum * WINDOW_SECONDS,
        music=music * WINDOW_SECONDS,
    )


def _quiet_windows(audio: Audio, activity: Activity) -> Iterator[NDArray[np.float32]]:
    """Whole windows without speech, in blocks of shape (windows, samples)."""
    import numpy as np

    count = int(audio.duration / WINDOW_SECONDS)
    silent = np.ones(count, dtype=bool)
    for speech in activity.intervals:
        first = int(speech.start / WINDOW_SECONDS)
        silent[first : int(np.ceil(speech.end / WINDOW_SECONDS))] = False
    width = round(audio.sample_rate * WINDOW_SECONDS)
    for first in range(0, count, BLOCK_WINDOWS):
        chosen = silent[first : first + BLOCK_WINDOWS]
        if not chosen.any():
            continue
        start = first * WINDOW_SECONDS
        samples = audio.read(activity.channel, start, start + len(chosen) * WINDOW_SECONDS)
        whole = len(samples) // width
        yield samples[: whole * width].reshape(whole, width)[chosen[:whole]]


def _spectra(
    samples: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Power by hertz inside the band, shape (windows, hertz), and level, (windows,)."""
    import numpy as np

    centred = samples - samples.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(centred * np.hanning(samples.shape[1]), axis=1)
    power = np.abs(spectrum[:, BAND[0] : BAND[1]]) ** 2
    level = np.sqrt(np.mean(np.square(centred, dtype=np.float64), axis=1))
    return power.astype(np.float64), level


def _mains_share(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of the energy on the harmonics of the mains, shape (windows,)."""
    import numpy as np

    hertz = np.arange(*BAND)
    total = power.sum(axis=1) + np.finfo(float).tiny
    shares = []
    for mains in MAINS:
        away = np.abs(hertz - mains * np.round(hertz / mains))
        comb = (away <= MAINS_WIDTH) & (hertz <= MAINS_HIGHEST + MAINS_WIDTH)
        shares.append(power[:, comb].sum(axis=1) / total)
    share: NDArray[np.float64] = np.maximum(*shares)
    return share


def _line_share(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of the energy in lines that stand out, shape (windows,)."""
    import numpy as np

    windows, hertz = power.shape
    spans = power[:, : hertz - hertz % LINE_SPAN].reshape(windows, -1, LINE_SPAN)
    floor = np.median(spans, axis=2, keepdims=True)
    lines = np.where(spans > LINE_HEIGHT * floor, spans, 0.0).sum(axis=(1, 2))
    share: NDArray[np.float64] = lines / (spans.sum(axis=(1, 2)) + np.finfo(float).tiny)
    return share
