"""The lists of words in `words.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


@cache
def listed(name: str) -> frozenset[str]:
    """The list of that name."""
    return frozenset(_lists()[name].split())


@cache
def _lists() -> dict[str, str]:
    written = files("callmon.redaction").joinpath("words.toml").read_text(encoding="utf-8")
    return tomllib.loads(written)
