"""Agreement of two labelings of the same calls, with bootstrap intervals.

Everything is a list of `Item`: one thing that either side said, with both words. Figures
are sums over calls, so that calls can be drawn again: turns of one call are alike, and
drawing turns would give intervals that are too narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
SEED = 20261122
LEVEL = (2.5, 97.5)
"""Percentiles of a 95 % interval (Efron 1979, the percentile method)."""

Sums = NDArray[np.float64]
"""Shape (..., m): what a figure is computed from, added up over calls."""
Rates = dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Item:
    """One thing that was labelled, found, or both."""

    call: str
    measure: str
    turn: int
    labelled: str | None
    """The labelers' word; None when they saw nothing there."""
    found: str | None
    """The machine's word; None when it saw nothing there."""
    source: str = ""
    """What the machine's word rests on."""

    @property
    def agrees(self) -> bool:
        return self.labelled == self.found


@dataclass(frozen=True)
class Scale:
    """How the items of a measure are counted, and the rates that follow."""

    key: str
    """The rate that stands for the measure in a table."""
    counts: tuple[str, ...]
    """Names of the first sums, which are told beside the rates."""
    size: int
    count: Callable[[Item], int]
    """The place among the sums to which an item adds one."""
    rates: Callable[[Sums], Rates]


def _presence_place(item: Item) -> int:
    if item.labelled is None:
        return 1
    return 2 if item.found is None else 0


def _presence_rates(sums: Sums) -> Rates:
    hit, false, miss = np.moveaxis(sums, -1, 0)
    return {
        "f1": _share(2 * hit, 2 * hit + false + miss),
        "precision": _share(hit, hit + false),
        "recall": _share(hit, hit + miss),
    }


PRESENCE = Scale("f1", ("hit", "false", "miss"), 3, _presence_place, _presence_rates)
"""There or not there; there is no number of things that both rightly left out."""

EXACT = Scale(
    "exact",
    ("same", "other"),
    2,
    lambda item: int(not item.agrees),
    lambda sums: {"exact": _share(sums[..., 0], sums.sum(axis=-1))},
)
"""The share of the same word among the things that both sides saw."""


def weighted_kappa(steps: Sequence[str]) -> Scale:
    """Cohen's kappa (1968) with quadratic weights over ordered words.

    An item with a word on one side only is counted as left out, and is no part of kappa.
    """
    place = {word: i for i, word in enumerate(steps)}
    size = len(steps)
    at = np.arange(size)
    far = ((at[:, None] - at[None, :]) / (size - 1)) ** 2

    def count(item: Item) -> int:
        if item.labelled is None or item.found is None:
            return 0
        return 1 + place[item.labelled] * size + place[item.found]

    def rates(sums: Sums) -> Rates:
        table = sums[..., 1:].reshape(*sums.shape[:-1], size, size)
        total = table.sum(axis=(-1, -2))
        chance = table.sum(axis=-1)[..., :, None] * table.sum(axis=-2)[..., None, :]
        seen = (table * far).sum(axis=(-1, -2)) * total
        return {"kappa": 1 - _share(seen, (chance * far).sum(axis=(-1, -2)))}

    return Scale("kappa", ("left out",), 1 + size * size, count, rates)


def figures(
    items: Sequence[Item],
    calls: Sequence[str],
    *,
    scale: Scale,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> dict[str, Any]:
    """Rates of one measure with their intervals, and counts.

    `calls` are all calls that were judged, also those without an item; each draw takes as
    many of them, with replacement. A rate is None where nothing can be said of it, and an
    interval where that holds for more than half of the draws. A handful of items that all
    agree has an interval of no width: that is the method's limit, and the counts tell it.
    """
    row = {call: i for i, call in enumerate(calls)}
    sums = np.zeros((len(calls), scale.size))
    for item in items:
        sums[row[item.call], scale.count(item)] += 1
    total = sums.sum(axis=0)
    draws = np.random.default_rng(seed).multinomial(
        len(calls), np.full(len(calls), 1 / len(calls)), size=resamples
    )
    drawn = scale.rates(draws @ sums)
    report: dict[str, Any] = {}
    for name, rate in scale.rates(total).items():
        report[name] = None if np.isnan(rate) else round(float(rate), 3)
        report[f"{name} interval"] = _interval(drawn[name])
    report["items"] = len(items)
    report |= {name: int(total[i]) for i, name in enumerate(scale.counts)}
    return report


def by_measure(items: Sequence[Item]) -> Mapping[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.measure, []).append(item)
    return found


def _share(part: Sums, whole: Sums) -> Sums:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def _interval(rates: Sums) -> tuple[float, float] | None:
    known = rates[~np.isnan(rates)]
    if 2 * len(known) < len(rates) or not len(known):
        return None
    low, high = np.percentile(known, LEVEL)
    return round(float(low), 3), round(float(high), 3)
