"""What the judgement is measured against: a phrase list, and ConvoKit's strategies.

Neither was fitted to anything. The phrase list was written for this comparison from
common knowledge of what such products ship, before it met a labelled call.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from empathy_matching import (
    MISSED,
    OPPORTUNITIES,
    STRONG,
    Call,
    Judge,
    Judgement,
    Moment,
    Said,
)

from callmon.call import Turn
from callmon.plain import plain

PHRASES: Mapping[str, tuple[str, ...]] = {
    "acknowledgement": (
        "I understand",
        "I completely understand",
        "I totally understand",
        "I can understand",
        "I hear you",
        "I can imagine",
        "I can see why",
        "I can see how",
        "I know how",
        "I get it",
        "that must be",
        "that must have been",
        "that sounds",
        "understandable",
        "makes sense",
        "you're right",
        "I would feel the same",
        "your frustration",
        "how frustrating",
    ),
    "apology": (
        "sorry",
        "I apologize",
        "we apologize",
        "I apologise",
        "apologies",
        "the inconvenience",
    ),
    "sympathy": ("sorry to hear", "that's too bad", "that's terrible", "what a shame"),
    "reassurance": (
        "don't worry",
        "no worries",
        "rest assured",
        "I assure you",
        "happy to help",
        "in good hands",
    ),
    "commitment": ("I'll", "we'll", "I will", "I'm going to", "let me", "right away"),
    "patience_thanks": (
        "your patience",
        "thanks for waiting",
        "thank you for holding",
        "thank you for your understanding",
    ),
}
EMPATHY = frozenset({"acknowledgement", "apology", "sympathy", "reassurance"})
"""What a phrase list counts as empathy."""

NEGATIVE = """
    abysmal afraid angry annoyed annoying anxious appalled appalling ashamed awful bad broke
    broken cheated complain complaint confused confusing cried crying damaged desperate
    died disappointed disappointing disaster disgrace disgusted disgusting embarrassed
    embarrassing exhausted failed fault fed frustrated frustrating frustration furious hate
    horrible hurt ignored impossible incompetent insane insulting joke late lied lost mad
    mess miserable mistake nervous nightmare outraged outrageous overwhelmed pain panic
    pathetic poor problem ridiculous ripped rude sad scam scared shocked shocking sick
    stressed stressful struggling stuck stupid terrible terrified tired trouble
    unacceptable unfair unhappy upset upsetting useless waste wasted worried worry worse
    worst wrong
"""
ANSWERS = 2
"""Agent turns in which an empathy phrase is looked for."""

CONVOKIT_BEHAVIOURS = {
    "Apology": "apology",
    "Gratitude": "patience_thanks",
    "Reassurance": "reassurance",
}
"""ConvoKit's strategies that have a counterpart in the coding scheme."""
CONVOKIT_NEGATIVE = "feature_politeness_==HASNEGATIVE=="


def phrase_list() -> Judge:
    """Empathy phrases of the agent, and a list of negative words for the customer.

    A customer's turn with a negative word is an opportunity; it is met by an empathy
    phrase in the agent's next two turns, else missed.
    """
    phrases = {name: _any_of(map(plain, texts)) for name, texts in PHRASES.items()}
    negative = _any_of(NEGATIVE.split())

    def judge(call: Call) -> Judgement:
        said = [
            Said(turn.index, name, source=match.group())
            for turn in _of(call, "agent")
            for name, pattern in phrases.items()
            if (match := pattern.search(plain(turn.text)))
        ]
        kind_turns = {one.turn for one in said if one.behaviour in EMPATHY}
        moments: list[Moment] = []
        for run in _runs(call):
            words = negative.findall(plain(" ".join(turn.text for turn in run)))
            if not words:
                continue
            after = [t.index for t in _of(call, "agent") if t.index > run[-1].index]
            met = bool(kind_turns & set(after[:ANSWERS]))
            moments.append(
                Moment(
                    turns=tuple(turn.index for turn in run),
                    outcome="met" if met else "missed",
                    source=", ".join(words),
                )
            )
        return Judgement(moments, said)

    claims = {OPPORTUNITIES, STRONG, "outcome", MISSED, *PHRASES}
    return Judge("phrase list", frozenset(claims), judge)


def convokit() -> Judge:
    """ConvoKit's politeness strategies (Danescu-Niculescu-Mizil et al. 2013).

    A customer's turn with a word of its list of negative words (Hu and Liu 2004) is an
    opportunity. It has no counterpart for the rest of the scheme. Raises ImportError when
    ConvoKit is not installed (the extra `peers`).

    Its strategies expect parses by spaCy, whose models are no packages of the Python
    package index. They use a parse for a few verbs only, and look at words otherwise, so
    that a stand-in is enough: in "I apologize" and "I appreciate" the pronoun hangs on
    the next word, in "forgive me" and "excuse me" on the one before.
    """
    from convokit.politeness_collections.politeness_api.features import (
        politeness_strategies,
    )
    from convokit.politeness_collections.politeness_local import strategy_extractor

    def holds(turn: Turn) -> frozenset[str]:
        parse = [_stand_in_parse(sentence) for sentence in _sentences(turn.text)]
        local, _ = strategy_extractor.get_local_politeness_strategy_features(parse)
        wide, _ = politeness_strategies.get_politeness_strategy_features(parse)
        return frozenset(name for name, there in {**local, **wide}.items() if there)

    def judge(call: Call) -> Judgement:
        said = [
            Said(turn.index, CONVOKIT_BEHAVIOURS[name], source=name)
            for turn in _of(call, "agent")
            for name in holds(turn) & CONVOKIT_BEHAVIOURS.keys()
        ]
        moments = [
            Moment(tuple(turn.index for turn in run), source=CONVOKIT_NEGATIVE)
            for run in _runs(call)
            if any(CONVOKIT_NEGATIVE in holds(turn) for turn in run)
        ]
        return Judgement(moments, said)

    claims = {OPPORTUNITIES, STRONG, *CONVOKIT_BEHAVIOURS.values()}
    return Judge("ConvoKit", frozenset(claims), judge)


def _stand_in_parse(words: Sequence[str]) -> list[dict[str, Any]]:
    """Words in ConvoKit's form of a parse, `up` being the place of the head."""
    last = len(words) - 1
    parse: list[dict[str, Any]] = []
    for place, word in enumerate(words):
        if word in ("i", "we") and place < last:
            parse.append({"tok": word, "dep": "nsubj", "up": place + 1})
        elif word == "me" and place > 0:
            parse.append({"tok": word, "dep": "dobj", "up": place - 1})
        else:
            parse.append({"tok": word, "dep": "ROOT"})
    return parse


def _sentences(text: str) -> Iterator[list[str]]:
    """Words by sentence; `plain` writes contractions out, as "not worry" asks for."""
    for sentence in re.split(r"[.!?]+", text):
        if words := plain(sentence).split():
            yield words


def _any_of(texts: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, texts))})\b")


def _of(call: Call, party: str) -> list[Turn]:
    return [turn for turn in call.turns if turn.party == party and not turn.backchannel]


def _runs(call: Call) -> Iterator[list[Turn]]:
    """Customer turns with no agent turn of substance between: one opportunity at most."""
    run: list[Turn] = []
    for turn in call.turns:
        if turn.backchannel:
            continue
        if turn.party == "customer":
            run.append(turn)
        elif run:
            yield run
            run = []
    if run:
        yield run
