"""Recognises the voices of one block of a long call in the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAME_VOICE = 0.5
"""Least cosine of the embeddings of one voice in two blocks. The published pipeline 3.1
joins the voices of windows at 0.75 (its 0.7045 is the distance of unit vectors); minutes of
speech give steadier embeddings than windows, but a voice changes over a call, and one
person taken for two is worse than the opposite where the pairs are found together. Not
measured: those weights cannot be had without their licence."""


class KnownVoices:
    """The voices of the blocks so far: the sum of the embeddings of each, by its name."""

    def __init__(self) -> None:
        self._sums: dict[str, NDArray[np.float64]] = {}

    def recognise(
        self,
        embeddings: Mapping[str, NDArray[np.float64]],
        weights: Mapping[str, float],
    ) -> dict[str, str]:
        """A name for each speaker of a block: that of a known voice, or a new one.

        `embeddings` are vectors of any length, `weights` seconds of speech. Each known
        voice is given once at most, so that the likenesses sum up highest.
        """
        import numpy as np
        from scipy.optimize import linear_sum_assignment

        units = {label: _unit(vector) for label, vector in embeddings.items()}
        labels, known = list(units), list(self._sums)
        names: dict[str, str] = {}
        if labels and known:
            # (speakers of this block, known voices)
            alike = (
                np.stack([units[label] for label in labels])
                @ np.stack([_unit(self._sums[name]) for name in known]).T
            )
            for row, column in zip(*linear_sum_assignment(-alike), strict=True):
                if alike[row, column] >= SAME_VOICE:
                    names[labels[row]] = known[column]
        for label in labels:
            name = names.setdefault(label, f"voice {len(self._sums) + 1}")
            self._sums[name] = (
                self._sums.get(name, np.zeros_like(units[label]))
                + weights[label] * units[label]
            )
        return names


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    """The vector at length 1; zero stays zero, which is what a voice too short has."""
    import numpy as np

    vector = np.nan_to_num(np.asarray(vector, dtype=np.float64))
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector
