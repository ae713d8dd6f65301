"""The customer's own name, as the customer gave it, so that its warm use can be seen."""

from __future__ import annotations

import re
from collections.abc import Sequence

from callmon.call import Turn
from callmon.empathy.patterns import compile_patterns
from callmon.empathy.rubric import Rubric
from callmon.empathy.sentences import Sentence, plain_words, sentences

LONGEST_ANSWER = 4
"""Words in which somebody who was asked for a name says nothing else."""


def names_given(turn: Turn, asked: Turn | None, rubric: Rubric) -> frozenset[str]:
    """The names in a customer's turn, in plain form; `asked` is the agent's turn before.

    "This is Maria" gives one; "this is ridiculous" none, as it has no capital.
    """
    capitals = {word.lower() for word in re.findall(r"\b[A-Z][^\W\d_]+", turn.text)}
    found: set[str] = set()
    introduced = compile_patterns(rubric.names.introductions)
    for sentence in sentences(turn.text):
        for match in introduced.finditer(sentence.plain):
            found.update(name for name in match.groups() if name in capitals)
    words = plain_words(turn.text)
    if asked and len(words) <= LONGEST_ANSWER and _asks_name(asked, rubric):
        found.update(word for word in words if word.isalpha() and word not in rubric.common)
    return frozenset(found)


def uses_name(sentence: Sentence, names: frozenset[str], rubric: Rubric) -> bool:
    """Whether the agent speaks to the customer by name, other than to check it."""
    if not names & set(sentence.words):
        return False
    return not compile_patterns(rubric.names.never).search(sentence.plain)


def _asks_name(turn: Turn, rubric: Rubric) -> bool:
    asked = compile_patterns(rubric.names.asked)
    return any(asked.search(sentence.plain) for sentence in _last(sentences(turn.text)))


def _last(parts: Sequence[Sentence]) -> Sequence[Sentence]:
    return parts[-2:]
