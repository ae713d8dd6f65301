"""What a reviewer sees of a call: the findings, and the moments that were done well."""

from __future__ import annotations

from collections.abc import Sequence

from callmon.call import (
    Behaviour,
    Commendation,
    Commitment,
    Dynamics,
    Finding,
    Opportunity,
    Outcome,
    Response,
    Tone,
    Turn,
)
from callmon.findings import of_call, of_opportunities
from callmon.findings.case import Case
from callmon.findings.rules import Rules


def find_findings(
    opportunities: Sequence[Opportunity],
    responses: Sequence[Response],
    outcomes: Sequence[Outcome],
    behaviours: Sequence[Behaviour],
    commitments: Sequence[Commitment],
    turns: Sequence[Turn],
    tones: Sequence[Tone],
    dynamics: Dynamics | None,
    rules: Rules,
) -> tuple[tuple[Finding, ...], tuple[Commendation, ...]]:
    """The findings in order of their turns, named f1, f2, …, and the commendations.

    Without `dynamics`, as in a chat, nothing is said about interruptions and silence.
    """
    case = Case(
        opportunities=opportunities,
        responses=responses,
        outcomes=outcomes,
        behaviours=behaviours,
        commitments=commitments,
        turns=turns,
        tones=tones,
        dynamics=dynamics,
        rules=rules,
    )
    found = [
        *of_opportunities.missed_moments(case),
        *of_opportunities.untold_back(case),
        *of_opportunities.interruptions(case),
        *of_call.promises(case),
        *of_call.open_dates(case),
        *of_call.silences(case),
        *of_call.second_tellings(case),
        *of_call.scripts(case),
        *of_call.closing(case),
    ]
    shown = sorted((f for f in found if f.kind in rules.kinds), key=lambda f: f.turn)
    named = tuple(
        f.model_copy(update={"id": f"f{n}"}) for n, f in enumerate(shown, start=1)
    )
    return named, of_opportunities.commendations(case)
