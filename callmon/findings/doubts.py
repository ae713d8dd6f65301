"""Why the words of a moment or of its answer are too uncertain to judge."""

from __future__ import annotations

from collections.abc import Sequence

from callmon.call import Interval, Opportunity, Suppressed, Turn
from callmon.findings.rules import Rules
from callmon.findings.windows import Window
from callmon.intervals import clip, seconds

OWN_CHANNEL = frozenset({"left", "right"})
"""Voices with a channel each: a second one leaves their words clear."""

LOST = frozenset({"no_speech", "loop", "unlikely"})
"""Reasons for which recognised words were left out where somebody may have spoken. The
others are about places where nobody did."""

LOST_SECONDS = 1.0
"""Of lost words, from which an acknowledgement may have been among them: "I understand
how frustrating that is" takes about two seconds, "I see" half of one."""


def doubt_of(turns: Sequence[Turn], rules: Rules) -> str | None:
    """Why the turns are too uncertain to judge, or None."""
    party = min(turn.party_confidence for turn in turns)
    if party < rules.party_confidence or any(turn.party == "unknown" for turn in turns):
        return rules.wording["unsure_party"].format(share=f"{party:.2f}")
    words = min(turn.confidence for turn in turns)
    if words < rules.word_confidence:
        return rules.wording["unsure_words"].format(share=f"{words:.2f}")
    return None


def drowned(turn: Turn, rules: Rules) -> str | None:
    """Why an answer's words are unsure under another voice in the same channel."""
    if turn.speaker in OWN_CHANNEL or turn.start is None or turn.end is None:
        return None
    if turn.overlap <= rules.overlap_share * (turn.end - turn.start):
        return None
    return rules.wording["unsure_overlap"].format(seconds=f"{turn.overlap:.1f}")


def lost_words(
    opportunity: Opportunity,
    window: Window,
    told: Sequence[Turn],
    suppressed: Sequence[Suppressed],
    rules: Rules,
) -> str | None:
    """Why words of the answer may be missing from the transcript, or None."""
    if opportunity.end is None or window.end is None:
        return None
    customer = {turn.speaker for turn in told}
    lost = clip(
        [
            Interval(start=words.start, end=words.end)
            for words in suppressed
            if words.reason in LOST and words.speaker not in customer
        ],
        start=opportunity.end,
        end=window.end,
    )
    if seconds(lost) < LOST_SECONDS:
        return None
    return rules.wording["unsure_lost"].format(seconds=f"{seconds(lost):.1f}")
