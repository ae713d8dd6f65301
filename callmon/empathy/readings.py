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
from callmon.plain import stem

CUSTOMER_CONTEXT = 14
"""Words of context for a customer's sentence: a feeling is mostly told in the sentence
itself, and the context tells what "it" is. Context is most of what reading a call costs,
so there is no more of it than that takes."""

CUSTOMER_WORDS = 22
"""Of sentence and context together, at least: what few words mean hangs on what was said
before them."""

AGENT_CONTEXT = 26
"""Words of context for an agent's sentence: what it answers."""

OWN_CONTEXT = 10
"""Of either, words that the same party said before in the same turn: the third sentence of
an answer must still be read with the customer's words in sight."""

ECHOED, ECHOED_TURNS = 8, 2
"""Of an agent's context, words that the customer said in the latest turns and the sentence
says again, with those around them: what is given back may lie far before."""

SHORT = 3
"""Letters. That a word no longer than this is said again means nothing; every letter more
makes an echo of it likelier."""

ECHO = 3
"""Letters beyond `SHORT`, of all words together, from which it is an echo."""

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


Said = tuple[str, Sequence[str]]
"""A party and its words."""


def readings(turns: Sequence[Turn]) -> tuple[Reading, ...]:
    """The sentences of the agent's and the customer's turns of substance, in order."""
    found: list[Reading] = []
    before: list[Said] = []
    for turn in turns:
        if turn.backchannel or turn.party not in ("agent", "customer"):
            continue
        party: Literal["agent", "customer"] = (
            "agent" if turn.party == "agent" else "customer"
        )
        own: list[str] = []
        for sentence in sentences(turn.text, turn=turn.index):
            said = [*before, (party, own[-OWN_CONTEXT:])]
            context = (
                _answered(sentence.words, said)
                if party == "agent"
                else _latest(said, _room(sentence.words))
            )
            found.append(
                Reading(
                    turn=turn.index,
                    party=party,
                    sentence=sentence,
                    text=f"{party} {sentence.plain}",
                    context=" ".join(f"{who} {' '.join(words)}" for who, words in context),
                )
            )
            own.extend(sentence.words)
        if own:
            before.append((party, own))
    return tuple(found)


def _room(sentence: Sequence[str]) -> int:
    """Words of context for a customer's sentence."""
    return max(CUSTOMER_CONTEXT, CUSTOMER_WORDS - len(sentence))


def _answered(sentence: Sequence[str], said: Sequence[Said]) -> list[Said]:
    """What an agent's sentence answers: the last words, and before them those that it
    echoes, where the last do not hold them."""
    latest = _latest(said, AGENT_CONTEXT)
    near = [word for who, words in latest if who == "customer" for word in words]
    heard = [words for who, words in said if who == "customer"][-ECHOED_TURNS:]
    told = [word for words in heard for word in words]
    again = {stem(word): len(word) - SHORT for word in sentence if len(word) > SHORT}
    worth = {word: again.get(stem(word), 0) for word in {*told, *near}}

    def echo(words: Sequence[str]) -> int:
        return sum(worth[word] for word in set(words))

    starts = range(max(len(told) - ECHOED, 0) + 1)
    echoed = max((told[at : at + ECHOED] for at in starts), key=echo)
    if echo(echoed) < max(ECHO, echo(near) + 1):
        return latest
    return [("customer", echoed), *_latest(said, AGENT_CONTEXT - ECHOED)]


def _latest(said: Sequence[Said], room: int) -> list[Said]:
    """The last words, the latest turn last, each with its party."""
    parts: list[Said] = []
    for speaker, words in reversed(said):
        if room <= 0:
            break
        if words:
            kept = _shortened(words, room)
            parts.append((speaker, kept))
            room -= len(kept)
    return parts[::-1]


def _shortened(words: Sequence[str], room: int) -> Sequence[str]:
    if len(words) <= room:
        return words
    head = min(LONGEST_HEAD, room // 3)
    return [*words[:head], *words[len(words) - (room - head) :]]
