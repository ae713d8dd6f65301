"""What the processes of a worker have to know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from callmon.empathy.rubric import Rubric
from callmon.jobs.steps import Engines, Plan
from callmon.store.calls.recordings import StoredRecording


@dataclass(frozen=True)
class Setup:
    """All that a child needs, in a form that can be sent to a new process."""

    database: str = field(repr=False)
    """URLs; they may hold passwords."""
    queue: str = field(repr=False)
    media: str = field(repr=False)
    locks: Path
    """Folder of the lock files."""
    load: Callable[[], Engines] = field(repr=False)
    plan: Callable[[StoredRecording], Plan] = field(repr=False)
    read_rubric: Callable[[bytes], Rubric]
    """Of the bytes of its file."""
    max_attempts: int
    step_limit: float = 0.0
    """How many times the length of a call a step may take; 0 is no limit."""
    control_share: float = 0.0
    """Share of the review queue that are moments which were not flagged."""
    traces: str | None = None
    """Where traces go; null: nowhere."""
