"""The text model's view of a call: every sentence, with what came before it.

Training reads its calls through the same functions, so that the model meets in the
product what it was trained on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from callmon.call import Turn
from callmon.empathy.sentences import Sentence, sentences

CUSTOMER_CONTEXT = 14
"""Words of context for a customer's sentence: a feeling is mostly told in the sentence
itself, and the context tells what "it" is. Context is most of what reading a call costs,
so there is no more of it than that takes."""

AGENT_CONTEXT = 26
"""Words of context for an agent's sentence: what it answers."""

OWN_CONTEXT = 10
"""Of either, words that the same party said before in the same turn: the third sentence of
an answer must still be read with the customer's words in sight."""

LONGEST_HEAD = 6
"""Of a long turn the first words are kept beside the last ones: what the matter is
about stands at its beginning."""


@dataclass(frozen=True)
class Reading:
    """A sentence in its context, in plain words with the parties named."""

    turn: int
    party: Literal["agent", "customer"]
    sentence: Sentence
    text: str
    context: str


def readings(turns: Sequence[Turn]) -> tuple[Reading, ...]:
    """The sentences of the agent's and the customer's turns of substance, in order."""
    found: list[Reading] = []
    before: list[tuple[str, list[str]]] = []
    for turn in turns:
        if turn.backchannel or turn.party not in ("agent", "customer"):
            continue
        party: Literal["agent", "customer"] = (
            "agent" if turn.party == "agent" else "customer"
        )
        own: list[str] = []
        for sentence in sentences(turn.text, turn=turn.index):
            found.append(
                Reading(
                    turn=turn.index,
                    party=party,
                    sentence=sentence,
                    text=f"{party} {sentence.plain}",
                    context=_context(before, (party, own[-OWN_CONTEXT:])),
                )
            )
            own.extend(sentence.words)
        if own:
            before.append((party, own))
    return tuple(found)


def _context(before: Sequence[tuple[str, list[str]]], own: tuple[str, list[str]]) -> str:
    """The last words before the sentence, the latest turn last, each with its party."""
    room = AGENT_CONTEXT if own[0] == "agent" else CUSTOMER_CONTEXT
    parts: list[str] = []
    for speaker, words in reversed([*before, own]):
        if room <= 0:
            break
        if words:
            kept = _shortened(words, room)
            parts.append(f"{speaker} {' '.join(kept)}")
            room -= len(kept)
    return " ".join(reversed(parts))


def _shortened(words: Sequence[str], room: int) -> Sequence[str]:
    if len(words) <= room:
        return words
    head = min(LONGEST_HEAD, room // 3)
    return [*words[:head], *words[len(words) - (room - head) :]]
