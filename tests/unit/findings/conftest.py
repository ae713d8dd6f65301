"""Moments and turns made by hand, so that one thing at a time differs."""

from __future__ import annotations

import pytest

from callmon.empathy.rubric_file import load_rubric
from callmon.findings.rules import Rules, load_rules


@pytest.fixture(scope="session")
def rules() -> Rules:
    rubric = load_rubric()
    return load_rules(rubric.findings, common=rubric.common)
