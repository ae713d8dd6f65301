from __future__ import annotations

import doctest

import pytest

from callmon.call import Outcome
from callmon.findings import score as module
from callmon.findings.score import score


def outcomes(*names: str) -> list[Outcome]:
    return [
        Outcome(
            opportunity=f"o{i}",
            outcome=name,
            rung=None,
            delay=None,
            recovered=False,
            reason=None,
        )
        for i, name in enumerate(names)
    ]


def test_the_worked_example_holds() -> None:
    result = doctest.testmod(module)
    assert (result.attempted > 0, result.failed) == (True, 0)


@pytest.mark.parametrize("names", [(), ("impeded",), ("impeded", "unscorable")])
def test_without_a_scorable_opportunity_there_is_no_score(names) -> None:
    judged = score(outcomes(*names))
    assert (judged.value, judged.interval) == (None, None)


def test_the_counts_are_kept() -> None:
    judged = score(outcomes("met", "partial", "missed", "impeded", "unscorable", "met"))
    counts = (judged.met, judged.partial, judged.missed, judged.impeded, judged.unscorable)
    assert counts == (2, 1, 1, 1, 1)


@pytest.mark.parametrize(
    ("names", "value", "interval"),
    [(["met"], 1.0, (0.207, 1.0)), (["missed"] * 10, 0.0, (0.0, 0.278))],
)
def test_wilsons_interval_is_wide_for_few_and_stays_within_the_scale(
    names, value, interval
) -> None:
    judged = score(outcomes(*names))
    assert (judged.value, judged.interval) == (value, interval)
