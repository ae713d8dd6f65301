"""How well labels agree, and how sure one can be of it. Pure functions, no libraries.

Agreement is worked out from a table of pairs of labels, `Cells`: how often (or with which
weight) a moment got the one label here and the other there. Such tables can be added, so
that one is made for each call, and resampling calls is adding tables.

Where chance alone would give the same, a statistic is None: nothing was measured.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import sqrt
from typing import Literal, TypeVar

Label = TypeVar("Label", str, int, float)
Cells = Mapping[tuple[Label, Label], float]
Range = tuple[float, float]

Z = 1.959964
"""Standard normal deviate of a two-sided 95 % interval."""

RESAMPLES = 500
"""Of a bootstrap. The ends of a 95 % interval then move by about a twentieth of its width
from one seed to another, which is finer than anything that is decided by them."""

GROUPS = 100
"""At most so many clusters are resampled; of more, several are put together by chance.
Groups made by chance are as independent as what they hold, and the spread over a hundred
of them is known to about 7 % (1 / sqrt(2 (n - 1)))."""

TOO_MANY_UNDEFINED = 0.2
"""Share of resamples without a value above which no interval is given."""


def contingency(pairs: Iterable[tuple[Label, Label]]) -> Cells[Label]:
    """The table of two raters: the first's labels by row, the second's by column."""
    return Counter(pairs)


def kappa(
    cells: Cells[Label],
    *,
    weights: Literal["none", "linear", "quadratic"] = "none",
    order: Sequence[Label] = (),
) -> float | None:
    """Cohen's kappa between the raters of a table: 1 agree, 0 as by chance.

    Weighted kappa counts a disagreement by how far apart the labels are in `order`, which
    has to hold all of them. Cells may have weights that are no counts, so that a sample
    stands for what it was drawn from. None when one rater's labels leave chance nothing
    to disagree about.

    Cohen, "A coefficient of agreement for nominal scales", 1960; "Weighted kappa", 1968.
    """
    apart = _apart(weights, order)
    total = sum(cells.values())
    rows, columns = _margins(cells)
    expected = sum(
        row_weight * column_weight * apart(row, column)
        for row, row_weight in rows.items()
        for column, column_weight in columns.items()
    )
    if not expected:
        return None
    observed = sum(weight * apart(*pair) for pair, weight in cells.items())
    return 1 - observed * total / expected


def coincidences(values: Sequence[Label]) -> Cells[Label]:
    """What one moment adds to the table for `alpha`, from everyone who labelled it.

    Each ordered pair of values of two raters counts 1 / (m - 1), for m values. A moment
    with one value has nothing to pair it with and adds nothing: that is how missing
    values are dealt with.
    """
    counts = Counter(values)
    pairs = {
        (first, second): number * (other - (first == second))
        for first, number in counts.items()
        for second, other in counts.items()
    }
    return {pair: number / (len(values) - 1) for pair, number in pairs.items() if number}


def alpha(
    cells: Cells[Label],
    *,
    metric: Literal["nominal", "ordinal", "interval"] = "nominal",
    order: Sequence[Label] = (),
) -> float | None:
    """Krippendorff's alpha of a table that `coincidences` added up: any number of raters.

    `ordinal` takes the labels' ranks from `order`, or from the labels themselves; for
    `interval` the labels are numbers. None when all labels are the same.

    Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011.
    """
    counts, _ = _margins(cells)
    total = sum(counts.values())
    apart = _squared(metric, counts, order or sorted(counts))
    labels = list(counts)
    expected = 2 * sum(
        counts[first] * counts[second] * apart(first, second)
        for index, first in enumerate(labels)
        for second in labels[:index]
    )
    if not expected:
        return None
    observed = sum(weight * apart(*pair) for pair, weight in cells.items())
    return 1 - (total - 1) * observed / expected


def added(tables: Iterable[Cells[Label]]) -> Cells[Label]:
    """The tables as one."""
    total: dict[tuple[Label, Label], float] = {}
    for cells in tables:
        for pair, weight in cells.items():
            total[pair] = total.get(pair, 0.0) + weight
    return total


def bootstrap(
    clusters: Sequence[Cells[Label]],
    statistic: Callable[[Cells[Label]], float | None],
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Range | None:
    """The 95 % percentile interval of a statistic over tables, one for each call.

    Whole calls are drawn, with replacement, since moments of one call are not independent
    of each other. None for fewer than two calls, or when more than a fifth of the draws
    leave the statistic without a value.

    Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 8 and 13.
    """
    chance = random.Random(seed)  # noqa: S311
    shuffled = chance.sample(clusters, len(clusters))
    groups = [added(shuffled[first::GROUPS]) for first in range(min(GROUPS, len(clusters)))]
    if len(groups) < 2:
        return None
    pairs = list(added(groups))
    rows = [[group.get(pair, 0.0) for pair in pairs] for group in groups]
    values = []
    for _ in range(resamples):
        sums = map(sum, zip(*chance.choices(rows, k=len(rows)), strict=True))
        cells = {pair: weight for pair, weight in zip(pairs, sums, strict=True) if weight}
        value = statistic(cells)
        if value is not None:
            values.append(value)
    values.sort()
    if len(values) < (1 - TOO_MANY_UNDEFINED) * resamples:
        return None
    return _percentile(values, 0.025), _percentile(values, 0.975)


def wilson(share: float, trials: float) -> Range:
    """The 95 % interval of a share that was seen in so many trials.

    `trials` need not be whole: that of a weighted sample is `effective`. Without trials
    nothing is known.

    Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
    """
    if not trials:
        return 0.0, 1.0
    spread = Z * sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2))
    middle = share + Z**2 / (2 * trials)
    scale = 1 + Z**2 / trials
    # At the ends the exact values are 0 and 1; rounding may miss them on either side.
    low = 0.0 if share <= 0 else (middle - spread) / scale
    high = 1.0 if share >= 1 else (middle + spread) / scale
    return max(low, 0.0), min(high, 1.0)


def effective(weights: Iterable[float]) -> float:
    """How many draws of equal weight tell as much as these: (sum w)² / sum w².

    Kish, "Survey Sampling", 1965, section 11.7.
    """
    weights = list(weights)
    squares = sum(weight**2 for weight in weights)
    return sum(weights) ** 2 / squares if squares else 0.0


def difference(first: tuple[int, int], second: tuple[int, int]) -> tuple[float, Range]:
    """The first share less the second, each as (hits, trials), and its 95 % interval.

    Newcombe, "Interval estimation for the difference between independent proportions",
    1998, method 10. Both need a trial at least.
    """
    one, two = first[0] / first[1], second[0] / second[1]
    (low_1, high_1), (low_2, high_2) = wilson(one, first[1]), wilson(two, second[1])
    gap = one - two
    return gap, (
        gap - sqrt((one - low_1) ** 2 + (high_2 - two) ** 2),
        gap + sqrt((high_1 - one) ** 2 + (two - low_2) ** 2),
    )


def ratio(
    above: float, above_range: Range, below: float, below_range: Range
) -> tuple[float, float]:
    """The 95 % interval of `above / below`, from those of two independent estimates.

    `below` and the lower end of its interval are over 0; the upper end of the ratio is
    infinite where that leaves no bound.

    Newcombe, "MOVER-R confidence intervals for ratios and products of two independently
    estimated quantities", 2016, equation for R = above / below.
    """
    product = above * below
    low, high = above_range
    small, large = below_range

    def end(near: float, far: float, sign: int) -> float:
        left = far * (2 * below - far)
        right = near * (2 * above - near)
        if left <= 0:
            return float("inf") if sign > 0 else 0.0
        return (product + sign * sqrt(max(product**2 - left * right, 0.0))) / left

    return max(end(low, large, -1), 0.0), end(high, small, 1)


def _margins(cells: Cells[Label]) -> tuple[dict[Label, float], dict[Label, float]]:
    rows: dict[Label, float] = {}
    columns: dict[Label, float] = {}
    for (row, column), weight in cells.items():
        rows[row] = rows.get(row, 0.0) + weight
        columns[column] = columns.get(column, 0.0) + weight
    return rows, columns


def _apart(
    weights: Literal["none", "linear", "quadratic"], order: Sequence[Label]
) -> Callable[[Label, Label], float]:
    """How much a disagreement counts."""
    if weights == "none":
        return lambda first, second: float(first != second)
    rank = {label: number for number, label in enumerate(order)}
    power = 1 if weights == "linear" else 2
    return lambda first, second: float(abs(rank[first] - rank[second]) ** power)


def _squared(
    metric: Literal["nominal", "ordinal", "interval"],
    counts: Mapping[Label, float],
    order: Sequence[Label],
) -> Callable[[Label, Label], float]:
    """The metric's difference, squared."""
    if metric == "nominal":
        return lambda first, second: float(first != second)
    if metric == "interval":
        return lambda first, second: (float(first) - float(second)) ** 2
    # Ranks run on through the values that were given: the middle of each label's stretch.
    middle: dict[Label, float] = {}
    passed = 0.0
    for label in order:
        count = counts.get(label, 0.0)
        middle[label] = passed + count / 2
        passed += count
    return lambda first, second: (middle[first] - middle[second]) ** 2


def _percentile(values: Sequence[float], share: float) -> float:
    """By linear interpolation between the two nearest."""
    place = share * (len(values) - 1)
    lower = int(place)
    upper = min(lower + 1, len(values) - 1)
    return values[lower] + (place - lower) * (values[upper] - values[lower])
