"""Sums become figures, and nothing is told of too few moments."""

from __future__ import annotations

from datetime import date

import pytest

from callmon.review.reports.figures import (
    LEAST,
    groups,
    median,
    settling,
    stretches,
    trend,
    unsaid,
)
from callmon.store.reports.groups import OfCalls, OfPromises, Sums

MONDAYS = [date(2026, 11, day) for day in (2, 9, 16, 23)]


def of_agent(name: str | None, sums: Sums):
    return groups({name: {MONDAYS[0]: sums}}, {}, {}, {})


def test_a_person_with_nineteen_moments_is_not_there_and_with_twenty_is() -> None:
    assert of_agent("Ann", Sums(met=LEAST - 1, impeded=50, unscorable=50)) == []
    (ann,) = of_agent("Ann", Sums(met=10, partial=4, missed=6))
    assert (ann.opportunities, ann.score) == (20, 0.6)
    low, high = ann.interval
    assert low == pytest.approx(0.387, abs=0.001)
    assert high == pytest.approx(0.781, abs=0.001)


def test_groups_come_by_name_whatever_their_score() -> None:
    sums = {
        "bob": Sums(met=30),
        "Ann": Sums(missed=30),
        None: Sums(met=30),
        "Zoe": Sums(met=9),
    }
    shown = groups({name: {MONDAYS[0]: each} for name, each in sums.items()}, {}, {}, {})
    assert [group.name for group in shown] == ["Ann", "bob", None]


def test_weeks_are_put_together_until_they_hold_enough() -> None:
    weeks = dict(
        zip(MONDAYS, (Sums(met=15), Sums(met=5), Sums(missed=25), Sums(met=5)), strict=True)
    )
    first, second = trend(weeks)
    assert (first.first_week, first.last_week, first.opportunities) == (
        MONDAYS[0],
        MONDAYS[1],
        20,
    )
    assert (second.first_week, second.last_week) == (MONDAYS[2], MONDAYS[3])
    assert (second.opportunities, second.score) == (30, 5 / 30)


def test_a_trend_of_too_few_moments_is_empty() -> None:
    assert trend({MONDAYS[0]: Sums(met=19)}) == ()


def test_weeks_of_nothing_go_to_the_stretch_before() -> None:
    assert stretches(dict(zip(MONDAYS, (20, 0, 19, 0), strict=True))) == [MONDAYS]
    assert stretches(dict(zip(MONDAYS, (0, 20, 0, 20), strict=True))) == [
        MONDAYS[:2],
        MONDAYS[2:],
    ]


def test_who_has_few_moments_in_all_teams_is_left_out() -> None:
    moments = {("Ann", "x"): 10, ("Ann", "y"): 9, ("Bob", "x"): 10, ("Bob", "y"): 10}
    assert unsaid(moments, of_teams=False) == {"Ann"}
    assert unsaid({}, of_teams=True) == frozenset()


def test_those_with_few_stay_where_their_team_has_enough_of_them() -> None:
    moments = {
        ("Ann", "x"): 10,
        ("Bob", "x"): 10,
        ("Cy", "y"): 19,
        (None, "y"): 40,
        ("Di", "y"): 25,
    }
    assert unsaid(moments, of_teams=True) == {"Cy"}
    assert unsaid(moments, of_teams=False) == {"Ann", "Bob", "Cy"}


def test_who_is_left_out_of_one_team_is_left_out_of_all_and_may_take_others_along() -> None:
    # Ann is alone in y, so she is in no sum; then Bob is alone in x.
    moments = {("Ann", "x"): 5, ("Ann", "y"): 5, ("Bob", "x"): 15}
    assert unsaid(moments, of_teams=True) == {"Ann", "Bob"}


def test_calls_and_promises_stand_beside_the_moments() -> None:
    (ann,) = groups(
        {"Ann": {MONDAYS[0]: Sums(met=20)}},
        {"Ann": {1.5: 3, 4.0: 1}},
        {"Ann": OfCalls(calls=12, commendations=3)},
        {"Ann": OfPromises(open=1, kept=2, broken=3)},
    )
    assert (ann.calls, ann.commendations, ann.time_to_acknowledge) == (12, 3, 1.5)
    assert (ann.promises.made, ann.promises.kept, ann.promises.broken) == (6, 2, 3)


@pytest.mark.parametrize(
    ("counts", "middle"),
    [({}, None), ({2.0: 1}, 2.0), ({1.0: 1, 2.0: 1}, 1.5), ({1.0: 1, 2.0: 5, 9.0: 2}, 2.0)],
)
def test_the_median_is_that_of_all_values(counts: dict[float, int], middle: float) -> None:
    assert median(counts) == middle


def test_settling_has_the_interval_of_a_mean() -> None:
    values = [-1.0, -0.5, 0.0, 0.5]
    sums = Sums(
        settled=4, settling=sum(values), settling_squared=sum(v * v for v in values)
    )
    mean, interval = settling(sums)
    assert mean == -0.25
    assert interval == pytest.approx((-0.8826, 0.3826), abs=0.001)
    assert settling(Sums(settled=1, settling=-1.0, settling_squared=1.0)) == (-1.0, None)
    assert settling(Sums()) == (None, None)
