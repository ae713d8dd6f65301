"""Tells song from speech: the music that people wait to, with somebody singing in it.

Voice activity hears a singer as somebody who speaks. What sets music apart is its scale.
All its notes, whoever sings or plays them, lie a whole number of semitones apart, while
the pitch of a speaking voice glides and stops anywhere. So the lines of the spectrum are
measured in semitones, of which only the fraction counts, as an angle: in music the angles
agree, in speech they cancel out. Their mean resultant length R is the usual measure of
that (Mardia and Jupp 2000, section 2.3.1).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from callmon.call import Activity, Audio, Interval
from callmon.intervals import difference, union

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRAME = 0.128
"""Seconds of a spectrum: a note of a fast tune lasts as long, and the lines of a voice an
octave below the band are still apart."""
HOP = FRAME / 2
BLOCK = 937
"""Frames at a time, a minute."""

BAND = (200.0, 2_000.0)
"""Hertz. Below, a line cannot be placed within the semitone; above, the partials of one
voice are closer than semitones."""
DEPTH = 3.0
"""Powers of ten under the strongest line of a frame that a line may have: those below
are side lobes of the Hann window."""
CONCERT_PITCH = 440.0
"""Hertz; any other pitch turns all angles alike."""

WINDOW = 10.0
"""Seconds over which R is taken: four bars of most tunes, and some 30 syllables, whose
pitches are as good as independent."""
LEAST = 3.0
"""Seconds of voice in a window from which R says anything. With 2.5 s, 1.8 s of 1669 s of
read speech with long pauses were lost, with 3 s nothing."""
MOMENT = 1.0
"""Seconds, some notes, that must agree with the tuning of the window around them."""
TUNED = 0.4
"""R of music, and the agreement of its moments. 30 independent angles reach it once in
exp(30 x 0.4 ** 2) = 120 windows (Rayleigh), and the lines of one syllable agree only in
part: in read speech by ten speakers R was 0.28 at most. Of what voice activity took for
speech in songs made for the purpose 5 % stays, and half when the singer misses the notes
by a fifth of a semitone."""
WEIGHT = 1.5
"""Power of the amplitude by which a line counts. By 1, music 10 dB under the speech still
outweighed it; by 2, the energy, single syllables outweighed all others."""


def without_music(audio: Audio, voice: Activity, *, shortest: float) -> Activity:
    """The activity without the stretches in which music is louder than any speech.

    Speech over quieter music stays, because strong lines count for more. Of a stretch
    that is cut, parts under `shortest` seconds go with the music.
    """
    music = _find_music(audio, voice)
    if not music:
        return voice
    left = difference(voice.intervals, music)
    untouched = set(voice.intervals)
    kept = tuple(p for p in left if p in untouched or p.duration >= shortest)
    return voice.model_copy(update={"intervals": kept})


def _find_music(audio: Audio, voice: Activity) -> tuple[Interval, ...]:
    import numpy as np

    found: list[Interval] = []
    for stretch in union(voice.intervals, gap=WINDOW):
        angles, weights = (
            np.concatenate(parts)
            for parts in zip(*_tuning(audio, voice.channel, stretch), strict=True)
        )
        # shapes (frames,); what no voice was heard in, a ringing tone, is no evidence
        heard = _inside(voice.intervals, start=stretch.start, frames=len(angles))
        angles, weights = angles * heard, weights * heard
        around = _running(angles, WINDOW)
        enough = _running(heard, WINDOW) * HOP >= LEAST
        tuned = enough & (np.abs(around) > TUNED * _running(weights, WINDOW))
        agreeing = np.real(_running(angles, MOMENT) * np.exp(-1j * np.angle(around)))
        in_tune = agreeing > TUNED * _running(weights, MOMENT)
        edges = np.flatnonzero(np.diff(tuned & in_tune, prepend=False, append=False))
        found += [
            Interval(
                start=stretch.start + (float(first) + 0.5) * HOP,
                end=stretch.start + (float(last) + 0.5) * HOP,
            )
            for first, last in edges.reshape(-1, 2)
        ]
    return tuple(found)


def _tuning(
    audio: Audio, channel: int, stretch: Interval
) -> Iterator[tuple[NDArray[np.complex128], NDArray[np.float64]]]:
    """By frame, in blocks: the sum of the weighted angles, and that of the weights."""
    import numpy as np

    width = 2 * round(HOP * audio.sample_rate)
    low, high = (round(hertz * FRAME) for hertz in BAND)
    bins = np.arange(low, high)
    start = stretch.start
    while start < stretch.end:
        end = min(start + BLOCK * HOP, stretch.end)
        samples = audio.read(channel, start, end + HOP)
        samples = np.pad(samples, (0, max(width - len(samples), 0)))
        frames = np.lib.stride_tricks.sliding_window_view(samples, width)[:: width // 2]
        power = np.abs(np.fft.rfft(frames * np.hanning(width), axis=1)) ** 2
        below, here, above = (
            np.log(power[:, low + step : high + step] + np.finfo(float).tiny)
            for step in (-1, 0, 1)
        )
        floor = here.max(axis=1, keepdims=True) - DEPTH * np.log(10)
        is_line = (here > below) & (here >= above) & (here > floor)
        # The top of the parabola through three points of the log spectrum.
        bend = np.where(is_line, below - 2 * here + above, -1.0)
        hertz = (bins + 0.5 * (below - above) / bend) / FRAME
        weight = np.where(is_line, np.exp(here * WEIGHT / 2), 0.0)
        turns = 12 * np.log2(np.where(is_line, hertz, CONCERT_PITCH) / CONCERT_PITCH)
        yield (weight * np.exp(2j * np.pi * turns)).sum(axis=1), weight.sum(axis=1)
        start = end


def _inside(
    intervals: Sequence[Interval], *, start: float, frames: int
) -> NDArray[np.bool_]:
    """Whether the middle of each frame lies in one of the intervals."""
    import numpy as np

    middles = start + HOP * (1 + np.arange(frames))
    begun = np.searchsorted([i.start for i in intervals], middles, side="right")
    ended = np.searchsorted([i.end for i in intervals], middles, side="right")
    inside: NDArray[np.bool_] = begun > ended
    return inside


def _running(values: NDArray[Any], seconds: float) -> NDArray[Any]:
    """The sum over the frames in the given seconds around each frame."""
    import numpy as np

    half = round(seconds / HOP / 2)
    total = np.concatenate([[0], np.cumsum(values)])
    at = np.arange(len(values))
    after, first = np.minimum(at + half + 1, len(values)), np.maximum(at - half, 0)
    sums: NDArray[Any] = total[after] - total[first]
    return sums
