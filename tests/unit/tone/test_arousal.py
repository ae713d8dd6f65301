from __future__ import annotations

import pytest

from callmon.tone.arousal import (
    FARTHEST,
    KINDS,
    WEIGHTS,
    agreement,
    arousal_of,
    label_arousal,
)

STILL = dict.fromkeys(WEIGHTS, 0.0)


def test_weights_add_up_to_one_and_none_is_negative() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1.0)
    assert min(WEIGHTS.values()) > 0


def test_a_wrong_measure_counts_no_more_than_the_farthest() -> None:
    assert arousal_of(STILL | {"pitch": 100.0}) == WEIGHTS["pitch"] * FARTHEST


@pytest.mark.parametrize("one", sorted(KINDS))
def test_one_measure_alone_is_never_raised(one: str) -> None:
    distances = dict.fromkeys(KINDS, 0.9) | {one: 9.0}
    assert label_arousal(2.5, distances) == "ordinary"


@pytest.mark.parametrize("one", sorted(KINDS))
def test_one_measure_alone_is_never_lowered(one: str) -> None:
    distances = dict.fromkeys(KINDS, -0.9) | {one: -9.0}
    assert label_arousal(-2.5, distances) == "ordinary"


def test_loudness_and_balance_together_are_one_witness() -> None:
    distances = {"pitch": 0.5, "loudness": 3.0, "balance": 3.0, "rate": 0.5}
    assert label_arousal(1.5, distances) == "ordinary"


@pytest.mark.parametrize(
    ("arousal", "label"),
    [(0.99, "ordinary"), (1.0, "raised"), (1.99, "raised"), (2.0, "strongly_raised")],
)
def test_label_follows_arousal_where_two_kinds_are_raised(
    arousal: float, label: str
) -> None:
    distances = {"pitch": 3.0, "loudness": 3.0, "balance": 0.0, "rate": 0.0}
    assert label_arousal(arousal, distances) == label


def test_measures_that_disagree_make_less_sure() -> None:
    assert agreement(1.0, STILL | {"pitch": 3.0, "rate": 1.0}) == 1.0
    assert agreement(1.0, STILL | {"pitch": 3.0, "rate": -1.0}) == 0.75
    assert agreement(0.0, STILL) == 1.0
