"""The response ladder: how far an answer goes toward the feeling, and what that makes."""

from __future__ import annotations

from collections.abc import Sequence

from callmon.call import Behaviour, Opportunity, OutcomeName, Rung, Turn
from callmon.findings.rules import Rules
from callmon.plain import plain

TOWARD_PROBLEM = frozenset(
    {
        "commitment",
        "resolution_done",
        "exploration",
        "ownership",
        "reassurance",
        "mirroring",
    }
)
"""Behaviours that work on the matter, and are no word for the feeling."""


ACTED = frozenset({"concrete", "timed"})
"""Levels of a commitment that say what will be done."""


def rung(
    opportunity: Opportunity,
    behaviours: Sequence[Behaviour],
    window: Sequence[Turn],
    rules: Rules,
) -> Rung:
    """The highest step of the response ladder that the window reaches."""
    names = {behaviour.behaviour for behaviour in behaviours}
    levels = {
        behaviour.level
        for behaviour in behaviours
        if behaviour.behaviour == "acknowledgement"
    }
    if opportunity.valence == "positive":
        if "specific" in levels:
            return "acknowledged_specific"
        return "acknowledged" if levels else "ignored"
    met = "specific" in levels or ("generic" in levels and "mirroring" in names)
    if met and any(acts(behaviour) for behaviour in behaviours):
        return "full"
    if "dismissal" in names:
        return "dismissed"
    if "specific" in levels:
        return "acknowledged_specific"
    if "generic" in levels:
        return "acknowledged"
    if names & {"apology", "sympathy"}:
        return "sorry_only"
    if names & TOWARD_PROBLEM or any(
        rules.holds("troubleshooting", plain(turn.text)) for turn in window
    ):
        return "solved_only"
    return "ignored"


def acts(behaviour: Behaviour) -> bool:
    """Whether something is done or will be: not a promise that says nothing of what."""
    return behaviour.behaviour == "resolution_done" or (
        behaviour.behaviour == "commitment" and behaviour.level in ACTED
    )


def outcome_of(
    opportunity: Opportunity, reached: Rung, behaviours: Sequence[Behaviour]
) -> OutcomeName:
    """The scheme's table from rung and strength to met, partial or missed."""
    names = {behaviour.behaviour for behaviour in behaviours}
    if reached in ("full", "acknowledged_specific"):
        return "met"
    if opportunity.valence == "positive":
        if reached == "acknowledged":
            return "met"
        return "partial" if "rapport" in names else "missed"
    if reached == "acknowledged":
        return "met" if opportunity.strength == 1 else "partial"
    if reached in ("sorry_only", "solved_only") and "mirroring" in names:
        return "partial"
    return "missed"
