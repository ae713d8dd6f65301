"""Removes from a channel's activity what is only the other party, heard faintly.

Two channels are rarely quite apart: lines couple, and a loudspeaker is heard by the
microphone beside it, up to 0.3 s later, 10 to 40 dB fainter and duller. Such a copy is
known by being predictable. The path from one channel to the other is estimated once per
call: its delay from the phase of the cross-spectrum (GCC-PHAT; Knapp and Carter 1976),
its filter by least squares per frequency. Then, moment by moment, what the path predicts
is held against what is heard. Level alone never decides: a soft voice under a loud one
is not predicted by it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from callmon.call import Activity, Audio, Interval
from callmon.intervals import complement, difference, intersection, seconds, union

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Sound = NDArray[np.float64]  # shape (samples,)
    Spectra = NDArray[np.complex128]  # shape (frames, frequencies)

LONGEST_DELAY = 0.5
"""Seconds: 0.3 s of two mobile networks and a loudspeaker, with room to spare."""
EARLIEST = 0.02
"""Seconds; recorders do not start both channels quite together."""

STUDY = 2.0
"""Seconds of a piece from which a path is learnt: four times the longest delay."""
STUDIED = 300
"""Pieces, ten minutes evenly spread; more make the path no surer."""
PEAK = 8.0
"""Standard deviations by which a delay must stand out of the cross-correlation. The
greatest of the 8,000 lags in question is 4 in noise."""

FRAME = 0.128
"""Seconds: the filters of a telephone fit in, and the echo of a furnished room of which
little is left after this time. Of 0.064 s a third of such an echo was missed."""
SPAN = 5
"""Frames, half overlapping, that are judged together: 0.3 s, a syllable or two."""
BLOCK = 60.0
"""Seconds read at a time."""

EXPLAINED = 0.5
"""Share of the energy over the channel's own noise that the path must predict: then
whatever else is heard is fainter than the copy."""
FAINTER = 6.0
"""dB below what it copies, each beside its channel's own speech, that a copy is at least:
the loud channel also is predicted by its echo, but is no copy of it."""
LOUD = 95
"""Percentile of a voice's moments that is its level: even where nine tenths of what was
taken for the voice leaked in, the loudest moments are its own."""

CRUMBS = 0.1
"""Share of what was removed up to which the rest, when it is no louder than that, leaked
in as well: in noise some per cent of a copy are missed."""

SILENCE = -120.0
"""dB of no sound at all, under the last of 16 bits."""

SHORTEST = 0.2
"""Seconds, as of speech in the activity: no shorter part is removed, none is left over."""


class _Path(NamedTuple):
    """How one channel gets into another."""

    source: int
    target: int
    delay: float
    filter: NDArray[np.complex128]
    """Shape (frequencies,)."""
    gain: float
    """dB, of speech."""


def remove_leakage(audio: Audio, activities: Sequence[Activity]) -> tuple[Activity, ...]:
    """The activities of two channels without what is only a fainter copy of the other.

    Where both parties speak at once, both stay. Nothing changes where no path leads from
    one channel to the other, nor in a recording with one channel.
    """
    if len(activities) != 2 or audio.channels != 2:
        return tuple(activities)
    first, second = activities
    return (
        _without_copies(audio, first, source=second),
        _without_copies(audio, second, source=first),
    )


def relative_loudness(
    audio: Audio, activities: Sequence[Activity]
) -> Callable[[str, float, float], float]:
    """Tells how loud a speaker's channel is between two seconds.

    In dB beside the speaker's own loud moments: a little under 0 while the speaker
    speaks, far below while only the other party is heard.
    """
    import numpy as np

    channels = {voice.speaker: voice.channel for voice in activities}
    levels = {voice.speaker: _speech_level(audio, voice) for voice in activities}

    def loudness(speaker: str, start: float, end: float) -> float:
        sound = _read(audio, channels[speaker], start, end)
        power = float(np.mean(sound**2)) if len(sound) else 0.0
        return _decibels(power) - levels[speaker]

    return loudness


def _without_copies(audio: Audio, voice: Activity, *, source: Activity) -> Activity:
    path = _find_path(audio, source, voice)
    if path is None:
        return voice
    beside_own = path.gain + _speech_level(audio, source) - _speech_level(audio, voice)
    # Where all that is heard on a channel leaked in, that is what its own level measures,
    # and only the plain gain tells the copy from the original.
    if (beside_own if abs(beside_own) >= FAINTER else path.gain) > -FAINTER:
        return voice
    heard_at = union(
        Interval(start=speech.start + path.delay, end=speech.end + path.delay + FRAME)
        for speech in source.intervals
    )
    at_once = intersection(voice.intervals, heard_at)
    copies = _copies(audio, at_once, path, noise=_noise(audio, (source, voice)))
    removed = [copy for copy in copies if copy.duration >= SHORTEST]
    left = difference(voice.intervals, removed)
    untouched = set(voice.intervals)
    kept = tuple(p for p in left if p in untouched or p.duration >= SHORTEST)
    own = voice.model_copy(update={"intervals": kept})
    leaked = voice.model_copy(update={"intervals": union(removed)})
    if seconds(kept) > CRUMBS * seconds(removed):
        return own
    if _speech_level(audio, own) > _speech_level(audio, leaked) + FAINTER:
        return own
    return own.model_copy(update={"intervals": ()})


def _find_path(audio: Audio, source: Activity, target: Activity) -> _Path | None:
    """The path from one channel to the other; None where there is none."""
    import numpy as np

    pieces = _study_pieces(source.intervals)
    delay = _find_delay(audio, pieces, source.channel, target.channel)
    if delay is None:
        return None
    # Least squares, every frame weighted by one over the energy heard: the less the
    # other party says of its own, the better the path is seen.
    bins = _width(audio) // 2 + 1
    crossed, power = np.zeros(bins, complex), np.zeros(bins)
    for piece in pieces:
        sent = _spectra(_read(audio, source.channel, piece.start, piece.end), audio)
        heard = _spectra(
            _read(audio, target.channel, piece.start + delay, piece.end + delay), audio
        )
        energy = _energy(heard)
        weight = np.divide(1.0, energy, out=np.zeros_like(energy), where=energy > 0)
        crossed += weight @ (np.conj(sent) * heard)
        power += weight @ np.abs(sent) ** 2
    filter_ = np.divide(crossed, power, out=np.zeros_like(crossed), where=power > 0)
    sent_power, copied = float(power.sum()), float(power @ np.abs(filter_) ** 2)
    gain = _decibels(copied) - _decibels(sent_power)
    return _Path(source.channel, target.channel, delay, filter_, gain)


def _find_delay(
    audio: Audio, pieces: Sequence[Interval], source: int, target: int
) -> float | None:
    """Seconds from a sound on the source to its copy on the target; None without one."""
    import numpy as np

    rate = audio.sample_rate
    size = 1 << math.ceil(math.log2((STUDY + LONGEST_DELAY + EARLIEST) * 2 * rate))
    phases = np.zeros(size // 2 + 1, complex)
    for piece in pieces:
        sent = np.fft.rfft(_read(audio, source, piece.start, piece.end), size)
        heard = _read(audio, target, piece.start - EARLIEST, piece.end + LONGEST_DELAY)
        crossed = np.conj(sent) * np.fft.rfft(heard, size)
        product = np.abs(crossed)
        phases += np.divide(crossed, product, out=np.zeros_like(crossed), where=product > 0)
    lags = np.fft.irfft(phases, size)[: round((EARLIEST + LONGEST_DELAY) * rate)]
    spread = float(np.std(lags))
    best = int(np.argmax(np.abs(lags)))
    if spread == 0 or abs(lags[best]) < PEAK * spread:
        return None
    return best / rate - EARLIEST


def _copies(
    audio: Audio, stretches: Sequence[Interval], path: _Path, *, noise: float
) -> tuple[Interval, ...]:
    """The parts of the stretches in which the target holds what the path predicts."""
    import numpy as np

    hop = FRAME / 2
    margin = SPAN * hop
    found: list[Interval] = []
    for stretch in _blocks(stretches):
        start, end = stretch.start - margin, stretch.end + margin
        sent = _spectra(
            _read(audio, path.source, start - path.delay, end - path.delay), audio
        )
        heard = _spectra(_read(audio, path.target, start, end), audio)
        around = np.ones(SPAN) / SPAN
        energy = np.convolve(_energy(heard), around, "same") - noise
        left = np.convolve(_energy(heard - path.filter * sent), around, "same") - noise
        copy = left <= (1 - EXPLAINED) * energy
        edges = np.flatnonzero(np.diff(copy, prepend=False, append=False))
        # Frame i is centred at (i + 1) hops, and stands for one hop.
        found += [
            Interval(
                start=start + (float(first) + 0.5) * hop,
                end=start + (float(last) + 0.5) * hop,
            )
            for first, last in edges.reshape(-1, 2)
        ]
    return intersection(union(found, gap=SHORTEST - 1e-9), stretches)


def _noise(audio: Audio, activities: Sequence[Activity]) -> float:
    """Mean energy of a frame of the last activity's channel while nobody speaks."""
    import numpy as np

    spoken = union(interval for voice in activities for interval in voice.intervals)
    pauses = complement(spoken, start=0.0, end=audio.duration)
    energies = [
        _energy(_spectra(_read(audio, activities[-1].channel, p.start, p.end), audio))
        for p in _study_pieces(pauses)
    ]
    return float(np.median(np.concatenate(energies))) if energies else 0.0


def _speech_level(audio: Audio, voice: Activity) -> float:
    """The level of a voice's loud moments, in dB below full scale."""
    import numpy as np

    width = _width(audio)
    powers = [np.zeros(0)]
    for piece in _study_pieces(voice.intervals):
        sound = _read(audio, voice.channel, piece.start, piece.end)
        whole = len(sound) // width
        powers.append(np.mean(sound[: whole * width].reshape(whole, width) ** 2, axis=1))
    moments = np.concatenate(powers)
    return _decibels(float(np.percentile(moments, LOUD)) if len(moments) else 0.0)


def _study_pieces(stretches: Sequence[Interval]) -> list[Interval]:
    """Pieces of at most STUDY seconds, evenly spread when there are many."""
    pieces = [p for p in _blocks(stretches, block=STUDY) if p.duration >= SHORTEST]
    step = max(len(pieces) / STUDIED, 1.0)
    return [pieces[int(i * step)] for i in range(math.ceil(len(pieces) / step))]


def _blocks(stretches: Sequence[Interval], *, block: float = BLOCK) -> Iterator[Interval]:
    for stretch in stretches:
        for index in range(math.ceil(stretch.duration / block)):
            start = stretch.start + index * block
            yield Interval(start=start, end=min(start + block, stretch.end))


def _read(audio: Audio, channel: int, start: float, end: float) -> Sound:
    """Samples in [start, end), with zeros where the recording has none."""
    import numpy as np

    rate = audio.sample_rate
    first, last = round(start * rate), round(start * rate) + round((end - start) * rate)
    sound = audio.read(channel, max(first, 0) / rate, last / rate).astype(np.float64)
    before = min(max(-first, 0), last - first)
    return np.pad(sound, (before, last - first - before - len(sound)))


def _width(audio: Audio) -> int:
    return 2 * round(FRAME * audio.sample_rate / 2)


def _spectra(sound: Sound, audio: Audio) -> Spectra:
    """Spectra of half-overlapping frames, the first at the start of the sound."""
    import numpy as np

    width = _width(audio)
    if len(sound) < width:
        sound = np.pad(sound, (0, width - len(sound)))
    frames = np.lib.stride_tricks.sliding_window_view(sound, width)[:: width // 2]
    return np.fft.rfft(frames * np.hanning(width), axis=1)


def _energy(spectra: Spectra) -> NDArray[np.float64]:
    """Energy of each frame, shape (frames,)."""
    import numpy as np

    energy: NDArray[np.float64] = np.sum(np.abs(spectra) ** 2, axis=1)
    return energy


def _decibels(power: float) -> float:
    return 10 * math.log10(power) if power > 0 else SILENCE
