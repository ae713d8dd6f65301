"""Moments and turns made by hand, so that one thing at a time differs."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import callmon
from callmon.findings.rules import Rules, load_rules

RUBRIC = Path(callmon.__file__).parent / "empathy" / "rubrics" / "en.toml"


@pytest.fixture(scope="session")
def rules() -> Rules:
    data = tomllib.loads(RUBRIC.read_text(encoding="utf-8"))
    section = data["findings"]
    section["common_words"] = data["phrases"]["common"]
    return load_rules(section)
