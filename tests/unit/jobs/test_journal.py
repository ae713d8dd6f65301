"""What a worker tells of an error."""

from __future__ import annotations

import pytest

from callmon.errors import Transient
from callmon.jobs.journal import reason


def test_an_error_of_ours_tells_its_sentence() -> None:
    assert reason(Transient("The disk is full.")) == "The disk is full."


def test_of_a_defect_nothing_is_told_that_may_hold_what_was_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = "I want my money"
    try:
        raise KeyError(words)
    except KeyError as error:
        told = reason(error)

    shown = capsys.readouterr().err
    assert "KeyError" in told
    assert "test_journal.py" in shown
    assert words not in told + shown


def test_a_want_of_memory_is_no_defect() -> None:
    assert reason(MemoryError()) == "There was not enough memory."
