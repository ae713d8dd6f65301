"""Tells the two voices of a mono recording apart.

Two steps, as in most diarizers: windows of speech are clustered into two voices by
timbre and pitch, then the borders between the voices are found frame by frame with a
model of each voice.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from callmon.call import Activity, Audio, Interval
from callmon.intervals import clip, seconds, union

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sklearn.mixture import GaussianMixture

WINDOW = 1.5
STEP = 0.5
"""Seconds: long enough for several syllables, so that the mean is of the voice and not
of a sound; short enough to fall between two changes of speaker."""

SHORTEST_WINDOW = 0.3
"""Seconds: a syllable or two; shorter sounds tell nothing of the voice."""

LEAST_WINDOWS = 4
"""Two for each voice."""

MOST_WINDOWS = 1000
"""That are clustered, spread evenly over a longer call: clustering needs the square of
their number in memory, and two voices do not need more to be known."""

COEFFICIENTS = 20
"""Mel cepstral coefficients, without the first, which is loudness."""

BAND = (100.0, 3800.0)
"""Hertz: the telephone's band, so that a wide-band recording gives no other measures."""

PITCHES = (65.0, 400.0)
"""Hertz: the range of adult voices in conversation."""

PITCH_WEIGHT = 3.0
"""Pitch is one of 41 measures and says more of who speaks than any other; three-fold it
has the weight of nine of them."""

FRAME = 0.01
"""Seconds."""

COMPONENTS = 8
"""Gaussians in the model of one voice: about one for each broad class of sounds."""

ROUNDS = 2
"""Of learning the two models and finding the borders with them."""

CHANGE_COST = 50.0
"""Nats that a change of speaker must gain: half a second at a gain of 1 nat per frame.
Shorter islands of the other voice are mostly sounds, not speakers."""

LEAST_SILHOUETTE = 0.2
"""Mean silhouette of the windows under which there is one voice. Kaufman and Rousseeuw
(1990) find no structure below 0.25. It lies lower because windows across a change of
speaker belong to both, and because two people taken for one cost more than the opposite:
nearly every call has two."""

GHOST_SHARE = 0.02
GHOST_STRETCH = 2.0
"""A voice with less than this share of the speech, and no stretch of so many seconds, is
noise or a strange sound of the other."""

LONGEST_PIECE = 60.0
"""Seconds of sound that are held in memory at once."""

SEED = 0


def by_voice(audio: Audio, activity: Activity) -> tuple[Activity, ...]:
    """The activity of each of the two voices of one channel, or of the one there is.

    The speakers are `speaker 1` and `speaker 2`, in order of first speech. They share
    out the activity between them without overlap: two at once cannot be told apart here.
    It errs most with voices of alike pitch and timbre, with exchanges faster than a
    second, and with one person in two moods.
    """
    speech = clip(activity.intervals, start=0.0, end=audio.duration)
    pieces = _pieces(speech)
    windows = _windows(pieces)
    voices = [speech]
    if len(windows) >= LEAST_WINDOWS:
        # Models that have not fully settled after 30 rounds of EM are good enough here.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            voices = _two_voices(audio, activity.channel, pieces, windows) or voices
    return tuple(
        Activity(speaker=f"speaker {number}", channel=activity.channel, intervals=intervals)
        for number, intervals in enumerate(voices, start=1)
    )


def _two_voices(
    audio: Audio, channel: int, pieces: Sequence[Interval], windows: Sequence[Interval]
) -> list[tuple[Interval, ...]]:
    """The times of the two voices, the first to speak first; empty if there is one."""
    import numpy as np

    rate = audio.sample_rate
    sounds = [audio.read(channel, window.start, window.end) for window in windows]
    # per window: (frames, 20)
    cepstra = [_cepstra(sound, rate) for sound in sounds]
    pitches = np.array([[_log_pitch(sound, rate)] for sound in sounds])
    means = np.stack([c.mean(axis=0) for c in cepstra])
    deviations = np.stack([c.std(axis=0) for c in cepstra])
    # (windows, 41)
    measures = _scaled(np.hstack([means, deviations, pitches]))
    # (windows,)
    labels = _clustered(measures)
    if _silhouette(measures, labels) < LEAST_SILHOUETTE:
        return []
    models = _models(cepstra, labels)
    found: tuple[list[Interval], list[Interval]] = ([], [])
    for piece in pieces:
        frames = _cepstra(audio.read(channel, piece.start, piece.end), rate)
        for voice, stretch in _stretches(_voices_of_frames(models, frames), piece):
            found[voice].append(stretch)
    voices = [union(intervals) for intervals in found]
    if any(_is_ghost(voice, voices) for voice in voices):
        return []
    return sorted(voices, key=lambda voice: voice[0].start)


def _pieces(intervals: Sequence[Interval]) -> list[Interval]:
    """The intervals, long ones in parts."""
    pieces: list[Interval] = []
    for interval in intervals:
        parts = int(interval.duration // LONGEST_PIECE) + 1
        length = interval.duration / parts
        starts = [interval.start + part * length for part in range(parts)]
        ends = [*starts[1:], interval.end]
        pieces += [Interval(start=s, end=e) for s, e in zip(starts, ends, strict=True)]
    return pieces


def _windows(pieces: Sequence[Interval]) -> list[Interval]:
    """Windows over the pieces, at most MOST_WINDOWS, evenly spread over the call."""
    windows = [
        Interval(start=start, end=min(start + WINDOW, piece.end))
        for piece in pieces
        if piece.duration >= SHORTEST_WINDOW
        for start in _starts(piece)
    ]
    stride = max(1.0, len(windows) / MOST_WINDOWS)
    return [windows[int(n * stride)] for n in range(min(len(windows), MOST_WINDOWS))]


def _starts(piece: Interval) -> list[float]:
    steps = max(0, int((piece.duration - WINDOW) // STEP)) + 1
    return [piece.start + step * STEP for step in range(steps)]


def _cepstra(sound: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Mel cepstral coefficients of each frame, shape (frames, COEFFICIENTS)."""
    import librosa

    low, high = BAND
    coefficients = librosa.feature.mfcc(
        y=sound,
        sr=rate,
        n_mfcc=COEFFICIENTS + 1,
        n_fft=rate * 32 // 1000,
        hop_length=int(rate * FRAME),
        n_mels=32,
        fmin=low,
        fmax=high,
    )
    return coefficients[1:].T


def _log_pitch(sound: NDArray[np.float32], rate: int) -> float:
    """Natural log of the median pitch by YIN (de Cheveigné and Kawahara 2002)."""
    import librosa
    import numpy as np

    low, high = PITCHES
    pitch = librosa.yin(sound, fmin=low, fmax=high, sr=rate, frame_length=rate * 64 // 1000)
    return float(np.median(np.log(pitch)))


def _scaled(measures: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each measure in its own standard deviations from the call's mean; pitch weighted."""
    spread = measures.std(axis=0)
    spread[spread == 0] = 1.0
    scaled: NDArray[np.float64] = (measures - measures.mean(axis=0)) / spread
    scaled[:, -1] *= PITCH_WEIGHT
    return scaled


def _clustered(measures: NDArray[np.float64]) -> NDArray[np.intp]:
    """0 or 1 for each window, by spectral clustering (Ng, Jordan and Weiss 2002).

    The cosine of the angle from the call's mean is the likeness: two voices lie on
    opposite sides of it, however far a mood takes each of them out.
    """
    from sklearn.cluster import SpectralClustering
    from sklearn.metrics.pairwise import cosine_similarity

    clustering = SpectralClustering(2, affinity="precomputed", random_state=SEED)
    labels: NDArray[np.intp] = clustering.fit_predict((1 + cosine_similarity(measures)) / 2)
    return labels


def _silhouette(measures: NDArray[np.float64], labels: NDArray[np.intp]) -> float:
    """How well the two clusters stand apart, -1 to 1; 0 when there is only one."""
    from sklearn.metrics import silhouette_score

    if len(set(labels.tolist())) < 2:
        return 0.0
    return float(silhouette_score(measures, labels))


def _models(
    cepstra: Sequence[NDArray[np.float32]], labels: NDArray[np.intp]
) -> tuple[GaussianMixture, GaussianMixture]:
    """A model of the sounds of each voice, learned from the windows given to it.

    After the first round the frames are given out anew, so that a window across a change
    of speaker teaches each model its own part.
    """
    import numpy as np

    voices = [np.full(len(c), label) for c, label in zip(cepstra, labels, strict=True)]
    frames = np.concatenate(cepstra)
    for _ in range(ROUNDS):
        owners = np.concatenate(voices)
        models = _learned(frames[owners == 0]), _learned(frames[owners == 1])
        voices = [_voices_of_frames(models, c) for c in cepstra]
    return models


def _learned(frames: NDArray[np.float32]) -> GaussianMixture:
    from sklearn.mixture import GaussianMixture

    return GaussianMixture(
        min(COMPONENTS, len(frames)),
        covariance_type="diag",
        random_state=SEED,
        reg_covar=1e-3,
        max_iter=30,
    ).fit(frames)


def _voices_of_frames(
    models: tuple[GaussianMixture, GaussianMixture], cepstra: NDArray[np.float32]
) -> NDArray[np.intp]:
    """0 or 1 for each frame: the likeliest course of voices when each change costs.

    Viterbi's algorithm for two states, where only the difference of their scores counts
    and no difference over the cost of a change can last.
    """
    import numpy as np

    first, second = (model.score_samples(cepstra) for model in models)
    ahead = np.empty(len(cepstra))
    lead = 0.0
    for frame, gain in enumerate((second - first).tolist()):
        lead = min(max(lead, -CHANGE_COST), CHANGE_COST) + gain
        ahead[frame] = lead
    voices = np.empty(len(cepstra), dtype=np.intp)
    voice = int(lead > 0)
    for frame in range(len(cepstra) - 1, -1, -1):
        # Looking back, the course changes only where the lead was worth the cost.
        if ahead[frame] > CHANGE_COST:
            voice = 1
        elif ahead[frame] < -CHANGE_COST:
            voice = 0
        voices[frame] = voice
    return voices


def _stretches(voices: NDArray[np.intp], piece: Interval) -> Iterator[tuple[int, Interval]]:
    """The piece in stretches of one voice each."""
    import numpy as np

    changes = np.flatnonzero(np.diff(voices)) + 1
    edges = [0, *changes.tolist()]
    starts = [min(piece.start + edge * FRAME, piece.end) for edge in edges]
    for edge, start, end in zip(edges, starts, [*starts[1:], piece.end], strict=True):
        yield int(voices[edge]), Interval(start=start, end=end)


def _is_ghost(voice: Sequence[Interval], voices: Sequence[Sequence[Interval]]) -> bool:
    longest = max((interval.duration for interval in voice), default=0.0)
    share = seconds(voice) / sum(seconds(each) for each in voices)
    return share < GHOST_SHARE and longest < GHOST_STRETCH
