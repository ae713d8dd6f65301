"""How many voices there are among many voiceprints, and what each is like."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Points = NDArray[np.float32]

MOST_WINDOWS = 1000
"""That are clustered, spread evenly over a longer call: clustering needs the square of
their number in memory, and a few voices do not need more to be known."""

MOST_VOICES = 4
"""An announcement, two agents and a customer."""

SAME_VOICE = 0.88
"""Cosine of two voices' mean voiceprints from which they are one person. Chosen on the
development mixes, with encoders that had taken out the moods of other speakers only. There
the halves of one voice, acted moods among them, lie from 0.861 to 0.919; a woman and a man,
or two women, below 0.851; two men on one hard-filtered line from 0.855 to 0.917. Of ten
single voices it halves three, of 25 pairs it joins four, all of two men: it leans to two,
since nearly every call has two and a customer taken for the agent costs more."""

THIRD_VOICE = 0.86
"""The same, where three voices or more are in question: a customer in another mood must not
become another person. Chosen in the same way: it parts no second voice, and finds four in
ten third ones."""

LEAST_SHARE = 0.05
LEAST_WINDOWS = 10
"""Share and number of the windows for a third voice, about five seconds at the least: two
people at once, and chance sounds, make smaller clusters."""

SEED = 0


def voices_among(points: Points) -> Points:
    """The mean voiceprints of two to four voices, shape (voices, 256).

    `points` are voiceprints, shape (windows, 256), at least four. There are more than two
    voices only where all differ: a customer in another mood must not become another
    person. Whether the two are one is for `are_one` to say, when their borders are known.
    """
    import numpy as np

    chosen = points[_spread(len(points))]
    affinity = _affinity(chosen)
    for number in range(min(MOST_VOICES, len(chosen) // LEAST_WINDOWS), 2, -1):
        labels = _spectral(affinity, number)
        least = np.bincount(labels, minlength=number).min()
        if least >= max(LEAST_WINDOWS, LEAST_SHARE * len(labels)):
            centres = means(chosen, labels, number)
            if _likest(centres) < THIRD_VOICE:
                return centres
    return means(chosen, _spectral(affinity, 2), 2)


def are_one(points: Points, labels: NDArray[np.intp]) -> bool:
    """Whether the windows labelled 0 and those labelled 1 are of one person.

    `points` are voiceprints, shape (windows, 256); windows with other labels do not count.
    """
    if not {0, 1} <= set(labels.tolist()):
        return True
    return _likest(means(points, labels, 2)) >= SAME_VOICE


def means(points: Points, labels: NDArray[np.intp], number: int) -> Points:
    """The mean voiceprint of each voice, of length 1; zeros for a voice without any."""
    import numpy as np

    centres = np.zeros((number, points.shape[1]), np.float32)
    for label in range(number):
        if (labels == label).any():
            centres[label] = points[labels == label].mean(axis=0)
    return _normal(centres)


def _spread(number: int) -> NDArray[np.intp]:
    """At most MOST_WINDOWS of so many, evenly spread."""
    import numpy as np

    return np.linspace(0, number - 1, min(number, MOST_WINDOWS)).astype(np.intp)


def _affinity(points: Points) -> Points:
    """How much alike each two are, by the angle between them as seen from their mean.

    Two voices lie on opposite sides of the mean, however much alike they are on the whole;
    what is over a right angle apart is not alike at all.
    """
    import numpy as np

    directions = _normal(points - points.mean(axis=0))
    # A trace of likeness holds the graph together.
    likeness: Points = np.maximum(directions @ directions.T, 1e-6)
    return likeness


def _spectral(affinity: Points, number: int) -> NDArray[np.intp]:
    """A label for each window (Ng, Jordan and Weiss 2002)."""
    from sklearn.cluster import spectral_clustering

    labels: NDArray[np.intp] = spectral_clustering(
        affinity, n_clusters=number, random_state=SEED
    ).astype(int)
    return labels


def _likest(centres: Points) -> float:
    """The largest cosine between two of them."""
    import numpy as np

    cosines = centres @ centres.T
    return float(cosines[np.triu_indices(len(centres), 1)].max())


def _normal(points: Points) -> Points:
    import numpy as np

    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    normal: Points = points / np.maximum(lengths, 1e-9)
    return normal
