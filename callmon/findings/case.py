"""Everything that is known about a call when findings are made, ready to look up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from callmon.call import (
    Behaviour,
    Commitment,
    Dynamics,
    Evidence,
    Opportunity,
    Outcome,
    Response,
    Rung,
    Tone,
    Turn,
)
from callmon.findings.rules import Rules
from callmon.plain import plain, roots

DECIDING: Mapping[Rung, frozenset[str]] = {
    "dismissed": frozenset({"dismissal"}),
    "sorry_only": frozenset({"apology", "sympathy"}),
}


@dataclass(frozen=True)
class Case:
    """One call, as the earlier stages left it."""

    opportunities: Sequence[Opportunity]
    responses: Sequence[Response]
    outcomes: Sequence[Outcome]
    behaviours: Sequence[Behaviour]
    commitments: Sequence[Commitment]
    turns: Sequence[Turn]
    tones: Sequence[Tone]
    dynamics: Dynamics | None
    rules: Rules

    @property
    def of_substance(self) -> list[Turn]:
        return [turn for turn in self.turns if not turn.backchannel]

    @property
    def by_agent(self) -> list[Turn]:
        return [turn for turn in self.of_substance if turn.party == "agent"]

    def turn(self, index: int) -> Turn:
        return next(turn for turn in self.turns if turn.index == index)

    def outcome(self, opportunity: Opportunity) -> Outcome:
        return next(o for o in self.outcomes if o.opportunity == opportunity.id)

    def window(self, opportunity: Opportunity) -> list[Response]:
        """The responses within the window, in order."""
        return [
            response
            for response in self.responses
            if response.opportunity == opportunity.id and not response.recovery
        ]

    def held(self, opportunity: Opportunity) -> list[Behaviour]:
        """What the agent did within the window, in order."""
        return [b for response in self.window(opportunity) for b in response.behaviours]

    def deciding(self, opportunity: Opportunity) -> list[Behaviour]:
        """The behaviours that set a low rung: the dismissal, or the sorry."""
        names = DECIDING.get(self.outcome(opportunity).rung or "ignored", frozenset())
        return [b for b in self.held(opportunity) if b.behaviour in names]

    def content_of(self, indices: Sequence[int]) -> frozenset[str]:
        """The content of these turns together."""
        return frozenset().union(*(self._content[index] for index in indices))

    @cached_property
    def _content(self) -> Mapping[int, frozenset[str]]:
        """Of each turn, by index."""
        return {
            turn.index: roots(turn.text, common=self.rules.common) for turn in self.turns
        }

    def told(self, opportunity: Opportunity) -> bool:
        """Whether a problem was told in it: negative, with content, and in the words. A
        voice alone tells of none."""
        words = self.content_of(opportunity.turns)
        in_words = opportunity.valence == "negative" and opportunity.cue != "vocal"
        return in_words and len(words) >= self.rules.told_words

    def telling_words(self, opportunity: Opportunity) -> tuple[str, float | None]:
        """The customer's words for the problem, and their second: the first quote that is
        long enough to tell it, else the turn."""
        for evidence in opportunity.evidence:
            words = roots(evidence.quote, common=self.rules.common)
            if len(words) >= self.rules.told_words:
                return evidence.quote, evidence.start
        turn = self.turn(opportunity.turns[0])
        return turn.text.strip(), turn.start

    def hands_over(self, quote: str) -> bool:
        """Whether the promise is to put the caller through, and nothing for the matter."""
        return self.rules.holds("hands_over", plain(quote))


def proof(item: Behaviour) -> Evidence:
    """The behaviour's own words as evidence."""
    return Evidence(
        turn=item.turn, start=item.start, end=item.end, quote=item.quote, source=item.source
    )


def whole_turn(turn: Turn, source: str) -> Evidence:
    """A turn's words as evidence."""
    return Evidence(
        turn=turn.index,
        start=turn.start,
        end=turn.end,
        quote=turn.text.strip(),
        source=source,
    )
