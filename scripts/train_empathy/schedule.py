"""How long the training goes on, and how fast it learns at each point."""

from __future__ import annotations

from dataclasses import dataclass

WARM, LEAST = 0.06, 0.01
"""The rate rises over this share of the go, and falls in a line to this share of itself."""


@dataclass(frozen=True)
class Length:
    """How long to train: one of the two."""

    minutes: float | None
    steps: int | None

    def progress(self, *, steps: int, seconds: float) -> float:
        """0 at the beginning, 1 at the end."""
        if self.steps is not None:
            return steps / self.steps
        assert self.minutes is not None
        return seconds / (60 * self.minutes)


def share_of_rate(progress: float) -> float:
    """Of the highest rate, at this point of the go: up, and down in a line."""
    if progress < WARM:
        return progress / WARM
    return max(LEAST, (1 - progress) / (1 - WARM))
