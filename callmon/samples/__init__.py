"""The bundled sample calls: role-played, spoken by speech synthesis.

Each has a sound (`NAME.ogg`), the dialogue it was made from with what should be found
in it (`NAME.toml`), and the times of its turns (`NAME.times.json`). They are made by
`scripts/make_demo_calls.py`.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from callmon.call import Segment

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Sample:
    """One sample call."""

    name: str
    recording: Path
    dialogue: dict[str, Any]
    """The dialogue file: `title`, `about`, `channels`, `turns`, `expected`."""

    def transcript(self) -> tuple[Segment, ...]:
        """The written dialogue, with the seconds at which each turn is spoken."""
        times = json.loads(
            self.recording.with_suffix(".times.json").read_text(encoding="utf-8")
        )
        return tuple(
            Segment(
                speaker=turn["party"],
                party=turn["party"],
                start=time["start"],
                end=time["end"],
                text=turn["text"],
            )
            for turn, time in zip(self.dialogue["turns"], times["turns"], strict=True)
        )


def samples() -> tuple[Sample, ...]:
    """All sample calls, by name."""
    return tuple(
        Sample(
            name=path.stem,
            recording=path.with_suffix(".ogg"),
            dialogue=tomllib.loads(path.read_text(encoding="utf-8")),
        )
        for path in sorted(FOLDER.glob("*.toml"))
    )


@cache
def _hashes() -> frozenset[str]:
    return frozenset(
        hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob("*.ogg")
    )


def is_sample(sha256: str) -> bool:
    """Whether the recording with this hash is one of the sample calls."""
    return sha256 in _hashes()
