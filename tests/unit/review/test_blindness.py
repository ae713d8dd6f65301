"""What is left of an analysis for who has still to judge the call."""

from __future__ import annotations

from callmon.review.recordings.blindness import unjudged
from tests.integration.review.made import make_analysis


def test_without_the_judgement_nothing_tells_of_it() -> None:
    shown = unjudged(make_analysis())
    assert shown.turns == make_analysis().turns
    assert (shown.findings, shown.opportunities, shown.outcomes) == ((), (), ())
    assert shown.score.value is None
    assert shown.warnings[-1].kind == "hidden"
