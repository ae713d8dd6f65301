"""Findings gained and lost."""

from __future__ import annotations

from typing import Any

from callmon.call import Finding
from callmon.jobs.reanalysis import difference
from tests.unit.report.sample import analysis

ANALYSIS = analysis()

(SAMPLE, *_) = ANALYSIS.findings


def finding(**changes: Any) -> Finding:
    return SAMPLE.model_copy(update=changes)


def changes(before: list[Finding], after: list[Finding]) -> tuple[int, int]:
    found = difference(
        ANALYSIS.model_copy(update={"findings": tuple(before)}),
        ANALYSIS.model_copy(update={"findings": tuple(after)}),
    )
    return len(found.gained), len(found.lost)


def test_the_same_findings_are_no_difference() -> None:
    assert (
        difference(ANALYSIS, ANALYSIS).gained == difference(ANALYSIS, ANALYSIS).lost == ()
    )


def test_findings_of_one_kind_at_one_time_are_the_same_whatever_their_words() -> None:
    before = finding(start=10.0, end=14.0)
    after = finding(id="f9", start=12.0, end=20.0, turn=7, summary="In other words.")
    assert changes([before], [after]) == (0, 0)


def test_another_kind_or_another_time_is_another_finding() -> None:
    before = finding(start=10.0, end=14.0)
    assert changes([before], [before.model_copy(update={"kind": "dead_air"})]) == (1, 1)
    assert changes([before], [finding(start=14.0, end=18.0)]) == (1, 1)


def test_each_finding_is_matched_once() -> None:
    one = finding(start=10.0, end=14.0)
    assert changes([one], [one, one]) == (1, 0)
    assert changes([one, one], [one]) == (0, 1)


def test_without_times_the_turn_decides() -> None:
    one = finding(start=None, end=None, turn=3)
    assert changes([one], [finding(start=5.0, end=6.0, turn=3)]) == (0, 0)
    assert changes([one], [finding(start=None, end=None, turn=4)]) == (1, 1)


def test_all_findings_of_a_first_analysis_are_gained() -> None:
    found = difference(None, ANALYSIS)
    assert (found.gained, found.lost) == (ANALYSIS.findings, ())
