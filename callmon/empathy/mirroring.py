"""Whether a sentence of the agent gives the customer's own content back.

Measured by the words with content that the two share. Published comparisons find that
this sees echo and restatement, and not reflection in quite other words.
"""

from __future__ import annotations

from callmon.call import Turn
from callmon.empathy.patterns import compile_patterns
from callmon.empathy.rubric import Rubric
from callmon.empathy.sentences import Sentence, plain_words
from callmon.plain import content


def content_of(turn: Turn, rubric: Rubric) -> frozenset[str]:
    """The stems of what a customer's turn says, as `mirrors` compares them."""
    return content(plain_words(turn.text), common=rubric.common)


def mirrors(sentence: Sentence, said: frozenset[str], rubric: Rubric) -> float | None:
    """The share of the sentence's content that is in `said`, the customer's own.

    None where it is no mirroring: too little is shared, or there is nothing before the
    part of the sentence that asks, promises, or reads a number back.
    """
    limits = rubric.mirroring
    plain = sentence.plain
    if other := compile_patterns(limits.never).search(plain):
        plain = plain[: other.start()]
    own = content(plain.split(), common=rubric.common)
    shared = own & said
    if not own or len(shared) / len(own) < limits.share:
        return None
    announced = compile_patterns(limits.forms).search(plain)
    about_customer = compile_patterns(limits.statements).search(plain)
    if announced and len(shared) >= limits.shared_with_form:
        return len(shared) / len(own)
    if (
        about_customer
        and not sentence.question
        and len(shared) >= limits.shared_without_form
    ):
        return len(shared) / len(own)
    return None
