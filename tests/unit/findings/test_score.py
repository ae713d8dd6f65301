from __future__ import annotations

import doctest

import pytest

from callmon.call import Outcome, Part, Response
from callmon.findings import score as module
from callmon.findings.score import score
from tests.unit.findings.moments import did, moment


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


def test_the_parts_count_the_windows_of_scorable_negative_moments() -> None:
    def answer(moment: str, *held, recovery: bool = False) -> Response:
        return Response(opportunity=moment, turn=2, behaviours=held, recovery=recovery)

    moments = [
        moment(1, id="o0"),
        moment(3, id="o1"),
        moment(5, id="o2", valence="positive", emotion="joy"),
        moment(7, id="o3"),
    ]
    named = did(2, "acknowledgement", "specific")
    responses = [
        answer("o0", named, did(2, "mirroring"), did(2, "commitment", "vague")),
        answer("o1", did(4, "exploration"), did(4, "resolution_done")),
        answer("o1", named, recovery=True),
        answer("o2", named),
        answer("o3", named),
    ]
    judged = outcomes("met", "missed", "met", "impeded")
    parts = score(judged, moments, responses).parts
    assert parts.understood == Part(count=2, of=2, share=1.0)
    assert parts.acknowledged == Part(count=1, of=2, share=0.5)
    assert parts.acted == Part(count=1, of=2, share=0.5)


def test_without_a_negative_moment_the_parts_are_empty() -> None:
    assert score(outcomes("impeded")).parts.acted == Part(count=0, of=0, share=None)
