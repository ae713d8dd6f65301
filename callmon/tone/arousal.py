"""How far a voice is raised over the caller's ordinary one, and what may be said of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callmon.call import ToneLabel

WEIGHTS: Final[Mapping[str, float]] = {
    "pitch": 0.5,
    "balance": 0.3,
    "loudness": 0.1,
    "rate": 0.1,
}
"""Pitch first, then the effort that is heard in the balance. The level of a voice changes
with the distance to the microphone and with the line, the rate is counted from a handful
of syllables. Weights learned from data were no better: see `models/tone/README.md`."""
KINDS: Final[Mapping[str, str]] = {
    "pitch": "pitch",
    "loudness": "effort",
    "balance": "effort",
    "rate": "rate",
}
"""Measures of one kind rise together whatever the reason: they are one witness."""
SUPPORT: Final = 2
"""Kinds that must be raised themselves. A loud voice alone is not anger."""
FARTHEST: Final = 3.0
"""Distances count up to three spreads: beyond lie errors of measuring."""
RAISED: Final = 1.0
STRONGLY_RAISED: Final = 2.0
LOWERED: Final = -1.0
"""Arousal, in the caller's own spreads: one turn in six of a calm call lies one spread
above the middle in one measure, far fewer in the mean of all."""


def arousal_of(distances: Mapping[str, float]) -> float:
    """The weighted mean of distances from ordinary, each within `FARTHEST`."""
    return sum(
        weight * max(-FARTHEST, min(FARTHEST, distances[name]))
        for name, weight in WEIGHTS.items()
    )


def label_arousal(arousal: float, distances: Mapping[str, float]) -> ToneLabel:
    """The label of an arousal: away from ordinary only with two kinds of measures."""
    raised = {kind for name, kind in KINDS.items() if distances[name] >= RAISED}
    lowered = {kind for name, kind in KINDS.items() if distances[name] <= LOWERED}
    if len(raised) >= SUPPORT and arousal >= RAISED:
        return "strongly_raised" if arousal >= STRONGLY_RAISED else "raised"
    if len(lowered) >= SUPPORT and arousal <= LOWERED:
        return "lowered"
    return "ordinary"


def agreement(arousal: float, distances: Mapping[str, float]) -> float:
    """Share of the distances that lie on the same side of ordinary as the arousal."""
    apart = {name: abs(distances[name]) for name in WEIGHTS}
    opposed = sum(far for name, far in apart.items() if distances[name] * arousal < 0)
    total = sum(apart.values())
    return 1 - opposed / total if total else 1.0
