"""Of which callmon a run is: a worker takes those of its own or an older one.

A newer one may have another order of steps, another form of what is kept, another rubric:
an older worker would analyse its runs wrongly and nobody would see it.
"""

from __future__ import annotations

import re
from typing import Final

from callmon import __version__

FORMAT: Final = 1
"""Raised between two releases too, with whatever an older worker would do wrong: the order
of the steps of a job, the form of the documents that they keep, that of an analysis."""

STAMP: Final = f"{__version__}+{FORMAT}"
"""What runs and workers of this callmon carry."""

_OLDEST: Final = (0, 0, 0, 0)


def order(stamp: str | None) -> tuple[int, int, int, int] | None:
    """By which stamps are ordered; None for one that this callmon cannot read.

    Without a stamp, or with the `1` of the first releases, it is the oldest.
    """
    if stamp is None or stamp == "1":
        return _OLDEST
    found = re.fullmatch(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})[^+]*\+(\d{1,9})", stamp)
    if found is None:
        return None
    major, minor, patch, form = map(int, found.groups())
    return major, minor, patch, form


def is_newer(stamp: str | None, than: str | None) -> bool:
    """Whether only newer workers may take it; so too what cannot be read."""
    one, other = order(stamp), order(than)
    return one is None or other is None or one > other


def release(stamp: str | None) -> str:
    """For people: `0.2.0`."""
    return "an early version" if order(stamp) == _OLDEST else str(stamp).partition("+")[0]
