"""What the agent undertakes for this customer: the action, and by when."""

from __future__ import annotations

import re
from collections.abc import Sequence

from callmon.call import Behaviour, Commitment, CommitmentLevel, Turn
from callmon.empathy.rubric import Rubric, compile_patterns
from callmon.empathy.sentences import Sentence, sentences


def find_commitments(
    turns: Sequence[Turn], behaviours: Sequence[Behaviour], rubric: Rubric
) -> tuple[Commitment, ...]:
    """The commitments among the behaviours, with action and deadline as they were said."""
    by_index = {turn.index: turn for turn in turns}
    found: list[Commitment] = []
    for behaviour in behaviours:
        if behaviour.behaviour != "commitment":
            continue
        parts = sentences(by_index[behaviour.turn].text, turn=behaviour.turn)
        place = next(
            (i for i, part in enumerate(parts) if behaviour.quote in part.original), 0
        )
        when = deadline(parts[place : place + 2], rubric) if parts else None
        found.append(
            Commitment(
                turn=behaviour.turn,
                action=_action(behaviour.quote, when, rubric),
                deadline=when,
                level=_level(behaviour),
                quote=behaviour.quote,
                start=behaviour.start,
                end=behaviour.end,
            )
        )
    return tuple(found)


def deadline(parts: Sequence[Sentence], rubric: Rubric) -> str | None:
    """When the first sentence's promise is due, in the words in which it was said.

    The second sentence counts where it goes on about the promise: "I'll send a new one.
    You will have it on Friday."
    """
    when = compile_patterns(rubric.commitments.deadlines)
    goes_on = re.compile(rf"^(?:{'|'.join(rubric.commitments.continued)})")
    for place, part in enumerate(parts[:2]):
        if place and not goes_on.search(part.plain):
            return None
        matches = list(when.finditer(part.plain))
        if matches:
            longest = max(matches, key=lambda match: match.end() - match.start())
            return part.words_at(*longest.span())
    return None


def _level(behaviour: Behaviour) -> CommitmentLevel:
    if behaviour.level == "timed" or behaviour.level == "vague":
        return behaviour.level
    return "concrete"


def _action(quote: str, when: str | None, rubric: Rubric) -> str:
    """The quote without "I will" at its beginning and without the deadline at its end."""
    parts = sentences(quote)
    if not parts:
        return quote
    part = parts[0]
    lead = re.match(rf"(?:{'|'.join(rubric.commitments.lead_ins)}) ", part.plain)
    action = quote[part.place(lead.end(), lead.end() + 1)[0] :] if lead else quote
    if when and action.endswith(when):
        action = action[: -len(when)]
    return action.strip(" .,;:!?") or quote
