"""The way from turns to findings: what the words of a call come to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from callmon.call import (
    Behaviour,
    Commendation,
    Commitment,
    Dynamics,
    Finding,
    Opportunity,
    Outcome,
    Response,
    Suppressed,
    Tone,
    Turn,
    Value,
)
from callmon.empathy.commitments import find_commitments
from callmon.empathy.opportunities import find_opportunities
from callmon.empathy.responses import find_behaviours
from callmon.empathy.rubric import Rubric
from callmon.empathy.text_model import Read
from callmon.findings.findings import find_findings
from callmon.findings.outcomes import judge
from callmon.findings.rules import Rules


class Judged(Value):
    """What the words of a call come to."""

    opportunities: tuple[Opportunity, ...]
    behaviours: tuple[Behaviour, ...]
    commitments: tuple[Commitment, ...]
    responses: tuple[Response, ...]
    outcomes: tuple[Outcome, ...]
    """One for each opportunity, in their order."""
    findings: tuple[Finding, ...]
    commendations: tuple[Commendation, ...]


def judge_words(
    turns: Sequence[Turn],
    rubric: Rubric,
    rules: Rules,
    reads: Sequence[Read] = (),
    *,
    started: datetime | None = None,
    duration: float | None = None,
    tones: Sequence[Tone] = (),
    dynamics: Dynamics | None = None,
    suppressed: Sequence[Suppressed] = (),
) -> Judged:
    """Judges turns by the rubric, its `rules` of the findings stage, and what the text
    model `reads` in the sentences; without that, by the patterns alone.

    `started` and `duration` (seconds) are those of the call, where they are known.
    """
    opportunities = find_opportunities(turns, tones, rubric, reads)
    behaviours = find_behaviours(turns, rubric, reads)
    commitments = find_commitments(turns, behaviours, rubric, started=started)
    responses, outcomes = judge(
        opportunities,
        behaviours,
        turns,
        rules,
        duration=duration,
        tones=tones,
        dynamics=dynamics,
        suppressed=suppressed,
    )
    findings, commendations = find_findings(
        opportunities,
        responses,
        outcomes,
        behaviours,
        commitments,
        turns,
        tones,
        dynamics,
        rules,
    )
    return Judged(
        opportunities=opportunities,
        behaviours=behaviours,
        commitments=commitments,
        responses=responses,
        outcomes=outcomes,
        findings=findings,
        commendations=commendations,
    )
