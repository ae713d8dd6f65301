"""What a finding rests on, as calibration counts it."""

from __future__ import annotations

from typing import Any

from callmon.review.findings.views import rules_of
from tests.integration.review.made import make_analysis, make_finding


class Flagged:
    kind = "missed_empathy"
    id = "3fd1-2-f1"


def test_a_finding_rests_on_each_rule_and_on_the_model_whatever_it_said() -> None:
    finding = make_finding()
    (evidence, *_) = finding.evidence
    sources = ("model 0.87 + wait.long", "model 0.91", "voice")
    finding = finding.model_copy(
        update={
            "id": "f1",
            "evidence": tuple(
                evidence.model_copy(update={"source": source}) for source in sources
            ),
        }
    )
    subject: Any = Flagged()
    analysis = make_analysis(findings=(finding,))
    assert rules_of(analysis, subject) == ("model", "voice", "wait.long")
