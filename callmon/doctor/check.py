"""What was seen of one part of a running installation."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal

from callmon.call import Value

State = Literal["ok", "warning", "broken"]

SILENT: Final = timedelta(minutes=2)
"""A worker that was not heard of for so long counts as gone, as for the other workers."""


class Check(Value):
    """A part, and what to do about it."""

    name: str
    state: State
    found: str
    """A sentence for people."""
    advice: str | None = None
    """What to do; null where nothing has to be done."""
