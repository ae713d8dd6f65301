"""The guide of the rubric that is in use, for a page."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from callmon.empathy.rubric_file import load_rubric, read_text
from callmon.guide.contents import Guide, make_guide


@dataclass(frozen=True)
class Written:
    """A guide, and the file that it is written from."""

    guide: Guide
    sha256: str
    language: str


def read_guide(path: Path | None) -> Written:
    """Of the packaged rubric, or of the one in `path`. Raises BadSettings."""
    return _read(path, hashlib.sha256(read_text(path).encode()).hexdigest())


@lru_cache(maxsize=4)
def _read(path: Path | None, sha256: str) -> Written:
    # Every example of a rubric is run when it is loaded, which takes half a second.
    rubric = load_rubric(path)
    return Written(guide=make_guide(rubric), sha256=sha256, language=rubric.language)
