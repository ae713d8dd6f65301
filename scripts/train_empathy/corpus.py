"""The training calls: scenes of a call, labelled sentence by sentence."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SHARES = {"train": 0.86, "choose": 0.07, "judge": 0.07}
"""Of the scenes: what the model learns from, what the best of several models and the
thresholds are chosen on, and what neither has seen."""


@dataclass(frozen=True)
class Line:
    """A spoken sentence and its labels, such as `implicit:anxiety:2` or `apology`."""

    party: str
    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Scene:
    """A stretch of one call."""

    file: str
    """Name of the file that it stands in."""
    scenario: str
    trade: str
    who: str
    lines: tuple[Line, ...]

    @property
    def part(self) -> str:
        """By the scenario's name, so that no scenario stands on two sides."""
        place = int(hashlib.sha256(self.scenario.encode()).hexdigest()[:8], 16) / 2**32
        for part, share in SHARES.items():
            if place < share:
                return part
            place -= share
        return "judge"


JUDGING = ("judging.jsonl", "judging-2.jsonl", "judging-3.jsonl", "judging-4.jsonl")
"""Each by a writer of its own; no training step and no choice of a threshold reads them."""


def read_corpus(folder: Path) -> list[Scene]:
    """All scenes to learn from and to choose on, in the order of the files' names."""
    paths = [path for path in sorted(folder.glob("*.jsonl")) if path.name not in JUDGING]
    return [scene for path in paths for scene in read_file(path)]


def read_file(path: Path) -> Iterator[Scene]:
    for text in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(text)
        yield Scene(
            file=path.name,
            scenario=entry["scenario"],
            trade=entry["trade"],
            who=entry["who"],
            lines=tuple(
                Line(party=line[0], text=line[2], labels=tuple(line[1]))
                for line in entry["lines"]
            ),
        )
