"""Against published examples, and against the libraries that engineers trust."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

import krippendorff
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from callmon.agreement import (
    added,
    alpha,
    bootstrap,
    coincidences,
    contingency,
    difference,
    effective,
    kappa,
    ratio,
    wilson,
)

# Krippendorff 2011, example C: four observers, twelve units, 0 is a missing value.
OBSERVERS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3),
    (0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0),
)


def table_of(units: Sequence[Sequence[int]]) -> dict[tuple[int, int], float]:
    return added(coincidences([value for value in unit if value]) for unit in units)


@pytest.mark.parametrize(
    ("metric", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_alpha_is_that_of_the_published_example(metric, published) -> None:
    units = list(zip(*OBSERVERS, strict=True))

    assert alpha(table_of(units), metric=metric) == pytest.approx(published, abs=0.0005)


@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval"])
@pytest.mark.parametrize("seed", range(5))
def test_alpha_is_that_of_the_library_on_random_labels(metric, seed) -> None:
    chance = random.Random(seed)
    units = [
        [
            min(7, max(1, truth + chance.randint(-2, 2))) * (chance.random() > 0.3)
            for _ in "abc"
        ]
        for truth in chance.choices(range(1, 8), k=60)
    ]
    data = np.array(units, dtype=float).T
    data[data == 0] = np.nan

    theirs = krippendorff.alpha(reliability_data=data, level_of_measurement=metric)

    assert alpha(table_of(units), metric=metric) == pytest.approx(theirs)


def test_alpha_takes_the_order_of_words_as_given() -> None:
    order = ("ignored", "sorry_only", "full")
    words = [("ignored", "full"), ("sorry_only", "sorry_only"), ("full", "full")]
    numbers = [tuple(order.index(word) for word in unit) for unit in words]

    by_words = alpha(added(map(coincidences, words)), metric="ordinal", order=order)

    assert by_words == alpha(added(map(coincidences, numbers)), metric="ordinal")


def test_a_moment_that_one_reviewer_labelled_tells_nothing_of_agreement() -> None:
    assert coincidences(["missed_empathy"]) == {}


def test_alpha_is_undefined_where_all_labels_are_the_same() -> None:
    assert alpha(added([coincidences(["none", "none"])] * 9)) is None


def test_kappa_is_that_of_a_published_table() -> None:
    # Fleiss, Levin and Paik, "Statistical Methods for Rates and Proportions", table 18.1.
    rows = ((75, 1, 4), (5, 4, 1), (0, 0, 10))
    cells = {(i, j): n for i, row in enumerate(rows) for j, n in enumerate(row)}

    assert kappa(cells) == pytest.approx(0.676, abs=0.0005)


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
@pytest.mark.parametrize("seed", range(5))
def test_kappa_is_that_of_scikit_learn_on_random_labels(weights, seed) -> None:
    chance = random.Random(seed)
    first = chance.choices(range(5), k=80)
    second = [min(4, max(0, label + chance.randint(-1, 1))) for label in first]
    named = None if weights == "none" else weights

    theirs = cohen_kappa_score(first, second, weights=named, labels=range(5))

    ours = kappa(
        contingency(zip(first, second, strict=True)), weights=weights, order=range(5)
    )
    assert ours == pytest.approx(theirs)


def test_kappa_takes_weights_of_a_sample() -> None:
    counted = kappa({("yes", "yes"): 5, ("no", "no"): 30, ("no", "yes"): 10})

    assert kappa({("yes", "yes"): 0.5, ("no", "no"): 3, ("no", "yes"): 1}) == pytest.approx(
        counted
    )


@pytest.mark.parametrize("cells", [{}, {("none", "none"): 12}])
def test_kappa_is_undefined_where_chance_has_nothing_to_disagree_about(cells) -> None:
    assert kappa(cells) is None


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [
        # Newcombe, "Two-sided intervals for the single proportion", 1998, table I.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_intervals_are_the_published_ones(hits, trials, low, high) -> None:
    assert wilson(hits / trials, trials) == pytest.approx((low, high), abs=0.00006)


def test_without_trials_every_share_is_possible() -> None:
    assert wilson(0.0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        # Newcombe, "Interval estimation for the difference ...", 1998, table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_differences_of_shares_have_the_published_interval(
    first, second, low, high
) -> None:
    gap, interval = difference(first, second)

    assert gap == pytest.approx(first[0] / first[1] - second[0] / second[1])
    assert interval == pytest.approx((low, high), abs=0.00006)


def test_equal_weights_count_each_draw_and_a_heavy_one_counts_for_less() -> None:
    assert effective([3.0] * 8) == pytest.approx(8)
    assert effective([1.0] * 8 + [100.0]) < 2
    assert effective([]) == 0


def test_the_interval_of_a_ratio_holds_the_true_one_nineteen_times_in_twenty() -> None:
    chance = random.Random(3)
    held = 0
    for _ in range(1000):
        hits = sum(chance.random() < 0.05 for _ in range(200))
        others = sum(chance.random() < 0.7 for _ in range(60))
        low, high = ratio(
            hits / 200, wilson(hits / 200, 200), others / 60, wilson(others / 60, 60)
        )
        held += low <= 0.05 / 0.7 <= high

    assert 0.93 <= held / 1000 <= 0.98


def test_a_ratio_of_nothing_seen_still_has_an_upper_end() -> None:
    low, high = ratio(0.0, wilson(0.0, 50), 0.8, wilson(0.8, 50))

    assert low == 0
    assert 0.07 < high < 0.12


def test_a_bootstrap_is_the_same_for_the_same_seed() -> None:
    clusters = [contingency([("a", "a"), ("a", "b")]), contingency([("b", "b")])] * 20

    assert bootstrap(clusters, kappa, seed=5) == bootstrap(clusters, kappa, seed=5)


def test_a_bootstrap_holds_the_value_and_narrows_with_more_calls() -> None:
    chance = random.Random(1)

    def calls(number: int) -> list[dict[tuple[str, str], float]]:
        labels = [chance.choice("ab") for _ in range(number)]
        return [
            contingency([(label, label if chance.random() < 0.8 else "a")])
            for label in labels
        ]

    widths = []
    for number in (30, 300, 3000):
        clusters = calls(number)
        low, high = bootstrap(clusters, kappa) or (1.0, 0.0)
        assert low < (kappa(added(clusters)) or 0) < high
        widths.append(high - low)

    assert all(narrow < wide for wide, narrow in pairwise(widths))


def test_moments_of_one_call_are_drawn_together() -> None:
    agreed, differed = [("a", "a"), ("b", "b")] * 10, [("a", "b"), ("b", "a")] * 10
    calls = [contingency(agreed), contingency(differed)] * 4
    moments = [contingency([pair]) for pair in (agreed + differed) * 4]

    by_call, by_moment = bootstrap(calls, kappa), bootstrap(moments, kappa)

    assert by_call is not None
    assert by_moment is not None
    assert by_call[1] - by_call[0] > 2 * (by_moment[1] - by_moment[0])


@pytest.mark.parametrize("calls", [0, 1])
def test_nothing_is_resampled_of_a_single_call(calls) -> None:
    assert bootstrap([contingency([("a", "a"), ("b", "a")])] * calls, kappa) is None


def test_no_interval_where_most_resamples_have_no_value() -> None:
    calls = [contingency([("a", "a")])] * 30 + [contingency([("b", "b")])]

    assert bootstrap(calls, kappa) is None
