"""Where one voice ends and another begins, to the hundredth of a second.

Windows of voiceprints are too long for that. Models of the sounds of each voice, learned
from the windows that are surely its own, and the voiceprints around it judge each frame;
the likeliest course of voices follows, when each change has a price (Viterbi).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sklearn.mixture import GaussianMixture

    Sounds = NDArray[np.float16]
    Voices = NDArray[np.int8]

RATE = 16_000
FRAME = 160
"""Samples from one frame to the next: 10 ms."""

COEFFICIENTS = 20
"""Mel cepstral coefficients, without the first, which is loudness."""

BAND = (100.0, 3800.0)
"""Hertz: the telephone's band, so that a wide-band recording gives no other measures."""

COMPONENTS = 16
"""Gaussians in the model of one voice. On the development mixes, the number of voices
given, 3.5 % of the speech goes to the wrong voice with 8, 3.2 % with 16, 3.4 % with 32."""

FRAMES_PER_COMPONENT = 25
"""At least; a quarter of a second."""

MOST_FRAMES = 30_000
"""From which a model is learned: five minutes of one voice hold all its sounds."""

ROUNDS = 2
"""Of learning the models and finding the borders with them."""

CHANGE_COST = 50.0
"""Nats that a change of speaker must gain. Two voices differ by about 6 nats a frame, so
two tenths of a second in between pay for two changes. On the development mixes better than
30 (4.3 against 5.0 % wrong, with 8 components)."""

SEED = 0

UNKNOWN = -1


def cepstra(sound: NDArray[np.float32]) -> Sounds:
    """Mel cepstral coefficients of each frame of sound at 16 kHz, shape (frames, 20).

    Those of a whole call stay in memory, so they are in 16 bits: their steps are below 0.3
    dB, and 45 MB are enough for four hours.
    """
    import librosa
    import numpy as np

    low, high = BAND
    coefficients = librosa.feature.mfcc(
        y=sound,
        sr=RATE,
        n_mfcc=COEFFICIENTS + 1,
        n_fft=512,
        hop_length=FRAME,
        n_mels=32,
        fmin=low,
        fmax=high,
    )
    return np.ascontiguousarray(coefficients[1:].T, np.float16)


def find_borders(
    sounds: Sequence[Sounds],
    likings: Sequence[NDArray[np.float32]],
    guesses: Sequence[Voices],
) -> list[Voices]:
    """The voice of each frame, for each stretch of speech.

    Args:
        sounds: Cepstra, each of shape (frames, 20).
        likings: Nats in favour of each voice from elsewhere, each (frames, voices).
        guesses: The voice of each frame as first guessed, or UNKNOWN, each (frames,).

    Returns:
        Voices by number, each of shape (frames,). Where a voice has too little speech to
        be learned, only what was liked from elsewhere counts.
    """
    import numpy as np

    voices = list(guesses)
    number = likings[0].shape[1]
    for _ in range(ROUNDS):
        models = [_learned(sounds, voices, voice) for voice in range(number)]
        heard = all(model is not None for model in models)
        for index, (frames, liking) in enumerate(zip(sounds, likings, strict=True)):
            scores = liking.astype(np.float64)
            if heard:
                exact = frames.astype(np.float64)
                scores += np.stack([m.score_samples(exact) for m in models if m], axis=1)
            voices[index] = likeliest_course(scores)
    return voices


def likeliest_course(scores: NDArray[np.float64]) -> Voices:
    """The voice of each frame when each change costs, by Viterbi's algorithm.

    `scores` are nats in favour of each voice, shape (frames, voices).
    """
    import numpy as np

    frames, number = scores.shape
    stay = np.arange(number)
    came_from = np.empty((frames, number), np.int8)
    best = np.zeros(number)
    for frame in range(frames):
        leader = best.argmax()
        change = best[leader] - CHANGE_COST
        came_from[frame] = np.where(best >= change, stay, leader)
        best = np.maximum(best, change) + scores[frame]
    course = np.empty(frames, np.int8)
    voice = best.argmax()
    for frame in range(frames - 1, -1, -1):
        course[frame] = voice
        voice = came_from[frame, voice]
    return course


def _learned(
    sounds: Sequence[Sounds],
    voices: Sequence[Voices],
    voice: int,
) -> GaussianMixture | None:
    """A model of the sounds of one voice; None where it says too little."""
    import warnings

    import numpy as np
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    total = sum(int((own == voice).sum()) for own in voices)
    stride = max(1, -(-total // MOST_FRAMES))
    # In fewer bits a component that has gathered alike frames gets a variance below zero.
    own = np.concatenate(
        [s[v == voice][::stride] for s, v in zip(sounds, voices, strict=True)],
        dtype=np.float64,
    )
    if len(own) < FRAMES_PER_COMPONENT:
        return None
    model = GaussianMixture(
        min(COMPONENTS, len(own) // FRAMES_PER_COMPONENT),
        covariance_type="diag",
        random_state=SEED,
        reg_covar=1e-3,
        max_iter=30,
    )
    with warnings.catch_warnings():
        # Not fully settled after 30 rounds of EM is good enough here; and of digital
        # silence all frames are alike, which k-means finds worth a word.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(own)
