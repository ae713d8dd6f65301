"""The response window: which agent turns answer a moment, and what stood in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from callmon.call import Interval, Opportunity, Turn
from callmon.findings.rules import Rules
from callmon.intervals import difference, seconds


@dataclass(frozen=True)
class Window:
    """The agent turns that answer an opportunity, and why there may be none."""

    turns: tuple[Turn, ...]
    closed_by: Literal["turns", "opportunity", "talk", "end"]
    led_away: bool
    """Whether a hold, a recording or another agent's voice came before the first answer."""

    @property
    def end(self) -> float | None:
        return self.turns[-1].end if self.turns else None


def response_window(
    opportunity: Opportunity,
    following: Sequence[Opportunity],
    turns: Sequence[Turn],
    rules: Rules,
    *,
    hold: Sequence[Interval] = (),
    redacted: Sequence[Interval] = (),
) -> Window:
    """Two agent turns of substance, the next opportunity, or 45 seconds of talk.

    Hold, recorded announcements and what was cut out of the sound are no talk.
    """
    next_turn = min((later.turns[0] for later in following), default=None)
    masked = [*hold, *redacted]
    answers: list[Turn] = []
    closed_by: Literal["turns", "opportunity", "talk", "end"] = "end"
    recorded = False
    talk = 0.0
    for turn in turns:
        if turn.index <= opportunity.turns[-1] or turn.backchannel:
            continue
        if next_turn is not None and turn.index >= next_turn:
            closed_by = "opportunity"
            break
        if turn.party == "other":
            recorded = recorded or not answers
            continue
        if talk >= rules.window_talk_seconds:
            closed_by = "talk"
            break
        if turn.party in ("agent", "unknown"):
            answers.append(turn)
            if len(answers) == rules.window_turns:
                closed_by = "turns"
                break
        if turn.start is not None and turn.end is not None:
            spoken = Interval(start=turn.start, end=turn.end)
            talk += seconds(difference([spoken], masked))
    first = answers[0] if answers else None
    return Window(
        turns=tuple(answers),
        closed_by=closed_by,
        led_away=recorded
        or _held(opportunity, first, hold)
        or _another_voice(opportunity, first, turns),
    )


def comes_again(opportunity: Opportunity, later: Opportunity, rules: Rules) -> bool:
    """Whether the later moment is the same feeling, soon enough to be about the same."""
    if later.emotion != opportunity.emotion or later.turns[0] <= opportunity.turns[-1]:
        return False
    if opportunity.end is None or later.start is None:
        return later.turns[0] - opportunity.turns[-1] <= rules.again_within_turns
    return later.start - opportunity.end <= rules.again_within_seconds


def _held(opportunity: Opportunity, first: Turn | None, hold: Sequence[Interval]) -> bool:
    """Whether the customer was put on hold within the moment or before its answer."""
    if opportunity.start is None:
        return False
    until = first.start if first is not None else None
    return any(
        held.end > opportunity.start and (until is None or held.start < until)
        for held in hold
    )


def _another_voice(
    opportunity: Opportunity, first: Turn | None, turns: Sequence[Turn]
) -> bool:
    """Whether the first answer is by an agent who had not heard the moment."""
    before = [
        turn.speaker
        for turn in turns
        if turn.party == "agent" and turn.index < opportunity.turns[-1]
    ]
    return first is not None and bool(before) and first.speaker != before[-1]
