"""How far a run is, and how long the rest will take."""

from __future__ import annotations

from collections.abc import Mapping

SHARES: Mapping[str, float] = {
    "audio": 0.13,
    "transcript": 0.80,
    "speakers": 0.03,
    "tones": 0.03,
    "judgement": 0.01,
}
"""The usual share of each step in the time of a run, measured on the sample calls; only
the evenness of the progress depends on it."""


def overall(step: str, share: float) -> float:
    """The share of a run that is done, 0 to 1, within a step of which `share` is done."""
    steps = list(SHARES)
    before = sum(SHARES[each] for each in steps[: steps.index(step)])
    return min(before + SHARES[step] * min(max(share, 0.0), 1.0), 1.0)


def seconds_left(
    progress: float, *, duration: float | None, speeds: Mapping[str, float]
) -> float | None:
    """Seconds that a run still takes, by what earlier runs took.

    Args:
        progress: Of the run, as `overall` gives it.
        duration: Of the recording, in seconds; None while nobody knows.
        speeds: Seconds of computing for each minute of a call, by step.

    Returns:
        None where the duration is not known or no run has been measured.
    """
    if duration is None or not speeds:
        return None
    left = 0.0
    before = 0.0
    for step, share in SHARES.items():
        done = min(max((progress - before) / share, 0.0), 1.0)
        left += (1.0 - done) * speeds.get(step, 0.0)
        before += share
    return left * duration / 60
