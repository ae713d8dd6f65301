"""The score of a call: the share of its moments that were met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from math import sqrt

from callmon.call import Behaviour, Opportunity, Outcome, Part, Parts, Response, Score
from callmon.findings.ladder import acts

Z = 1.959964
"""Standard normal deviate of a two-sided 95 % interval."""

SCORABLE = frozenset({"met", "partial", "missed"})


def score(
    outcomes: Sequence[Outcome],
    opportunities: Sequence[Opportunity] = (),
    responses: Sequence[Response] = (),
) -> Score:
    """The met share of the scorable opportunities, a partial one counting half.

    The interval is Wilson's (1927), with the half counted as a share of a success. For two
    met, one partial and one missed the value is 2.5 / 4; an impeded one is left out. What
    the answers were made of stands beside it in `parts`, and does not change the value.

    >>> names = ["met", "met", "partial", "missed", "impeded"]
    >>> judged = score([
    ...     Outcome(opportunity=f"o{i}", outcome=name, rung=None, delay=None,
    ...             recovered=False, reason=None)
    ...     for i, name in enumerate(names)
    ... ])
    >>> judged.value, judged.interval
    (0.625, (0.219, 0.908))
    """
    count = Counter(outcome.outcome for outcome in outcomes)
    scorable = count["met"] + count["partial"] + count["missed"]
    value = (count["met"] + count["partial"] / 2) / scorable if scorable else None
    return Score(
        value=None if value is None else round(value, 4),
        met=count["met"],
        partial=count["partial"],
        missed=count["missed"],
        impeded=count["impeded"],
        unscorable=count["unscorable"],
        interval=None if value is None else wilson(value, scorable),
        parts=_parts(outcomes, opportunities, responses),
    )


def wilson(share: float, trials: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share seen in so many trials."""
    spread = Z * sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2))
    middle = share + Z**2 / (2 * trials)
    scale = 1 + Z**2 / trials
    low, high = (middle - spread) / scale, (middle + spread) / scale
    return round(max(low, 0.0), 3), round(min(high, 1.0), 3)


def _parts(
    outcomes: Sequence[Outcome],
    opportunities: Sequence[Opportunity],
    responses: Sequence[Response],
) -> Parts:
    """In how many of the scorable negative moments the window held each part."""
    negative = {o.id for o in opportunities if o.valence == "negative"}
    asked = [
        outcome.opportunity
        for outcome in outcomes
        if outcome.outcome in SCORABLE and outcome.opportunity in negative
    ]

    def part(wanted: Callable[[Behaviour], bool]) -> Part:
        held = {
            response.opportunity
            for response in responses
            if not response.recovery and any(map(wanted, response.behaviours))
        }
        count = len(held.intersection(asked))
        share = round(count / len(asked), 4) if asked else None
        return Part(count=count, of=len(asked), share=share)

    return Parts(
        understood=part(lambda b: b.behaviour in ("exploration", "mirroring")),
        acknowledged=part(lambda b: b.behaviour == "acknowledgement"),
        acted=part(acts),
    )
