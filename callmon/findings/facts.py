"""The facts of a moment as words: what the agent did, how the voice was, when it was."""

from __future__ import annotations

import re
from collections import Counter

from callmon.call import Opportunity, Turn, Voice
from callmon.findings.case import Case
from callmon.findings.ladder import acts
from callmon.findings.words import shortened
from callmon.intervals import clock
from callmon.plain import ROOT, placed_words, plain, stem

HEARD = {"pitch": 1.0, "loudness": 2.0}
"""Semitones and decibels. Less is within what any two sentences of one person differ by,
so it is not told."""

KEYWORDS = 3
"""Of a telling, to show what could have been given back."""

NAMES = 4
"""Letters from which on a word may name something."""

LAST_WORDS = 12
"""Of a turn, when its end is quoted."""


def did(case: Case, opportunity: Opportunity) -> str:
    """The agent's words that set the rung, else what the answers in the window did."""
    words = case.rules.wording
    deciding = case.deciding(opportunity)
    if deciding:
        return words["said"].format(answer=shortened(deciding[0].quote))
    answers = [move(case, case.turn(a.turn)) for a in case.window(opportunity)]
    if len(answers) > 1 and answers[0] != answers[1]:
        return words["then"].format(first=answers[0], second=answers[1])
    return answers[0] if answers else ""


def move(case: Case, turn: Turn) -> str:
    """What the agent did in the turn, in the words of a known move, else quoted."""
    text = plain(turn.text)
    for known in case.rules.moves:
        match = re.match(
            rf"(?:(?:okay|right|and|so|thank you|i see) ){{0,2}}{known.pattern}", text
        )
        if match:
            return known.says.format(**match.groupdict())
    return case.rules.wording["said"].format(answer=shortened(turn.text))


def plan_of(case: Case, opportunity: Opportunity) -> str:
    """The words of the answer that do something or promise it; empty without any."""
    return next((shortened(b.quote) for b in case.held(opportunity) if acts(b)), "")


def about(case: Case, opportunity: Opportunity) -> str:
    """What the answer could have named: the circumstance where one was told."""
    for evidence in reversed(opportunity.evidence):
        for rule in evidence.source.split(" + "):
            if rule in case.rules.circumstances:
                return case.rules.circumstances[rule]
    return case.rules.feelings[opportunity.emotion]


def voice(case: Case, opportunity: Opportunity) -> str:
    """How far the voice was from this caller's usual where the moment's words were said."""
    words = case.rules.wording
    tones = {tone.turn: tone for tone in case.tones}
    voices = [
        tones[said.turn].within(said.start, said.end)
        for said in opportunity.evidence
        if said.turn in tones
    ]
    raised = [voice for voice in voices if voice.label in ("raised", "strongly_raised")]
    if not raised:
        return ""
    loudest = max(raised, key=lambda voice: voice.arousal or 0.0)
    above = {name: _above(loudest, name) for name in HEARD}
    higher = "voice_higher_one" if round(above["pitch"]) == 1 else "voice_higher"
    heard = [
        words[text].format(amount=f"{above[name]:.0f}")
        for name, text in (("pitch", higher), ("loudness", "voice_louder"))
        if above[name] >= HEARD[name]
    ]
    if not heard:
        return words["voice_raised"] if opportunity.cue != "vocal" else ""
    measures = (
        words["both"].format(first=heard[0], second=heard[1]) if heard[1:] else heard[0]
    )
    return words["voice"].format(measures=measures)


def keywords(case: Case, text: str) -> list[str]:
    """The longest words that name something, as they were said and in their order."""
    rules = case.rules
    placed = list(placed_words(text))
    tokens = Counter(place for _, place in placed)
    once: dict[str, str] = {}
    for word, place in placed:
        whole = tokens[place] == 1 and word.isalpha() and len(word) >= NAMES
        if whole and word not in rules.common and not rules.holds("names_nothing", word):
            once.setdefault(stem(word)[:ROOT], text[slice(*place)])
    longest = sorted(once.values(), key=len, reverse=True)[:KEYWORDS]
    return [word for word in once.values() if word in longest]


def last_words(turn: Turn, *, until: float | None = None) -> str:
    """The end of the turn, or what was last begun before the second `until`: that was in
    the air when it went on."""
    heard = [w.text for w in turn.words if until is not None and w.start < until]
    words = " ".join(heard).split() or turn.text.split()
    start = "… " if len(words) > LAST_WORDS else ""
    return start + " ".join(words[-LAST_WORDS:]).rstrip(".,;:! ")


def at(second: float | None) -> str:
    """The time in brackets; nothing without a time.

    >>> at(62.8), at(None)
    (' (1:02)', '')
    """
    return "" if second is None else f" ({clock(second)})"


def seconds(delay: float) -> str:
    """Seconds or minutes in words for people.

    >>> seconds(0.4), seconds(12.2), seconds(130)
    ('a moment', '12 seconds', '2 minutes')
    """
    if delay < 1.5:
        return "a moment"
    if delay < 90:
        return f"{round(delay)} seconds"
    return f"{round(delay / 60)} minutes"


def _above(heard: Voice, name: str) -> float:
    measure = heard.measures.get(name)
    return measure.value - measure.baseline if measure else 0.0
