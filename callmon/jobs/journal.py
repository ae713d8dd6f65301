"""What a worker tells people, and when; never a word of a call."""

from __future__ import annotations

import sys
import traceback
from datetime import UTC, datetime

from callmon.errors import CallmonError


def now() -> datetime:
    """The wall clock. Nothing waits by it: it may be set."""
    return datetime.now(UTC)


def report(message: str) -> None:
    """A line on standard error."""
    print(f"callmon: {message}", file=sys.stderr, flush=True)  # noqa: T201


def reason(error: Exception) -> str:
    """What is told of an error; of one that is a defect only its kind, for its message
    may hold what was said."""
    if isinstance(error, CallmonError):
        return str(error)
    if isinstance(error, MemoryError):
        return "There was not enough memory."
    trace = "".join(traceback.format_tb(error.__traceback__))
    report(f"a defect: {type(error).__name__}\n{trace}")
    return f"A defect in callmon: {type(error).__name__}. The worker's log has the place."
