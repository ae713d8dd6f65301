"""Everything that is known about a call when findings are made, ready to look up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
from callmon.findings.words import content

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
        text = " ".join(self.turn(index).text for index in indices)
        return content(text, self.rules.common)

    def told(self, opportunity: Opportunity) -> bool:
        """Whether a problem was told in it: negative, with content."""
        words = self.content_of(opportunity.turns)
        return opportunity.valence == "negative" and len(words) >= self.rules.told_words

    def voice_after(self, opportunity: Opportunity) -> float | None:
        """By how much the caller's arousal changed from the moment to the turn after the
        answer, in robust deviations; None where one of the two was not measured."""
        answers = self.window(opportunity)
        if not answers:
            return None
        arousal = {t.turn: t.arousal for t in self.tones if t.arousal is not None}
        during = [arousal[i] for i in opportunity.turns if i in arousal]
        after = [i for i in sorted(arousal) if i > answers[0].turn]
        return arousal[after[0]] - max(during) if during and after else None


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
