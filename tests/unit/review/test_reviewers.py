"""How a reviewer judges, beside the others and beside their own earlier verdicts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from callmon.review.calibration.reviewers import ReviewerView, reviewers
from callmon.store.reviews.calibration import Labelled
from tests.unit.review.test_estimates import MADE, labelled

MONDAY = date(2026, 9, 7)


def verdicts(reviewer: str, confirmed: list[bool], *, week: int, **more: object) -> list:
    """One verdict each on findings of one week's calls."""
    made = replace(MADE, week=MONDAY + timedelta(weeks=week))
    return [
        labelled(
            1000 * week + 100 * ord(reviewer[0]) + number,
            subject=f"f{week}-{number}",
            recording_id=f"call {week}-{number}",
            reviewer=reviewer,
            label="missed_empathy" if right else "none",
            made=made,
            **more,
        )
        for number, right in enumerate(confirmed)
    ]


def of(reviewer: str, given: list[Labelled]) -> ReviewerView:
    return next(each for each in reviewers(given) if each.reviewer == reviewer)


def test_reviewers_who_say_the_same_agree_whoever_they_are() -> None:
    said = [True, False, True, True, False] * 4
    given = [*verdicts("ann", said, week=0), *verdicts("bob", said, week=0)]

    ann = of("ann", given)

    assert ann.with_others.value == 1
    assert ann.agreeing.value == 1
    assert ann.agreeing.n == 20


def test_a_reviewer_who_differs_from_two_who_agree_stands_out() -> None:
    said = [True, False, True, True, False] * 4
    given = [
        *verdicts("ann", said, week=0),
        *verdicts("bob", said, week=0),
        *verdicts("eve", [not each for each in said], week=0),
    ]

    assert (of("eve", given).agreeing.value, of("ann", given).agreeing.value) == (0, 0.5)


def test_of_moments_that_nobody_else_judged_no_agreement_is_told() -> None:
    assert of("ann", verdicts("ann", [True], week=0)).with_others.value is None


def test_who_confirms_less_than_before_drifts() -> None:
    given = [
        *verdicts("ann", [True] * 18 + [False] * 2, week=0),
        *verdicts("ann", [True] * 6 + [False] * 14, week=8),
        *verdicts("bob", [True] * 16 + [False] * 4, week=0),
        *verdicts("bob", [True] * 16 + [False] * 4, week=8),
    ]

    ann, bob = of("ann", given).drift, of("bob", given).drift

    assert ann is not None
    assert ann.value == pytest.approx(-0.6)
    assert ann.drifting
    assert bob is not None
    assert not bob.drifting


def test_who_got_other_kinds_of_findings_does_not_drift() -> None:
    """Everybody dismisses one kind and confirms the other; the mix changes."""
    joy = {"machine": "missed_joy"}
    given = [
        *verdicts("ann", [True] * 20, week=0),
        *verdicts("ann", [False] * 20, week=8, **joy),
        *verdicts("bob", [True] * 20, week=1),
        *verdicts("bob", [False] * 20, week=9, **joy),
    ]

    drift = of("ann", given).drift

    assert drift is not None
    assert (drift.value, drift.expected) == (-1, -1)
    assert not drift.drifting


def test_without_verdicts_on_both_sides_nothing_is_said_of_drift() -> None:
    given = [*verdicts("ann", [True] * 9, week=8), *verdicts("bob", [True] * 9, week=8)]

    assert of("ann", given).drift is None


def test_weeks_stand_beside_what_others_would_have_confirmed() -> None:
    given = [
        *verdicts("ann", [True, False], week=0),
        *verdicts("bob", [True, True, True, False], week=1),
    ]

    (week,) = of("ann", given).weeks

    assert (week.week, week.judged, week.confirmed, week.expected) == (MONDAY, 2, 1, 0.75)


def test_the_median_time_and_the_blind_ones_are_told() -> None:
    given = [
        labelled(1, seconds=10.0, blind=True),
        labelled(2, subject="f2", seconds=30.0),
        labelled(3, subject="f3", seconds=20.0),
        labelled(4, subject="f4"),
    ]

    ann = of("ann", given)

    assert (ann.judged, ann.blind, ann.seconds) == (4, 1, 20.0)
