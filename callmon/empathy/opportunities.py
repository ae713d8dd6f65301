"""Finds the customer's moments that a good agent should meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from callmon.call import Evidence, Opportunity, Tone, Turn
from callmon.empathy.cues import FoundCue, find_cues, strongest
from callmon.empathy.rubric import Rubric
from callmon.empathy.text_model import Read, by_turn

VOICE_CONFIDENCE = 0.7
"""Least confidence of a tone that makes an opportunity of its own."""

VOICE_CERTAINTY = 0.6
"""How often a person would agree that a strongly raised voice, with words that say
nothing of it, is a moment to meet. A loud voice alone is not anger."""

MANY_CUES = 3
"""Different cues in one run that make a moment strong: "repeated", in the scheme."""

Strength = Literal[1, 2, 3]
_STRENGTHS: dict[int, Strength] = {1: 1, 2: 2, 3: 3}


def find_opportunities(
    turns: Sequence[Turn],
    tones: Sequence[Tone],
    rubric: Rubric,
    reads: Sequence[Read] = (),
) -> tuple[Opportunity, ...]:
    """The empathic opportunities of a call, in order.

    A run of customer turns with no agent turn of substance between is one moment. Turns
    whose party is unknown are not judged. `reads` is what the text model says of all
    sentences; without it only the rubric's rules speak.
    """
    tone_of = {tone.turn: tone for tone in tones}
    read_of = by_turn(reads)
    found: list[Opportunity] = []
    for run in _runs(turns):
        cues = [
            cue
            for turn in run
            for cue in find_cues(turn, rubric, read_of.get(turn.index, ()))
        ]
        name = f"o{len(found) + 1}"
        if cues:
            found.append(_in_words(name, run, cues, tone_of))
        elif loud := [turn for turn in run if _strongly_raised(tone_of.get(turn.index))]:
            found.append(_in_voice(name, loud[0], tone_of[loud[0].index]))
    return tuple(found)


def _runs(turns: Sequence[Turn]) -> Iterator[list[Turn]]:
    """Customer turns with no turn of substance of anybody else between them."""
    run: list[Turn] = []
    for turn in turns:
        if turn.backchannel:
            continue
        if turn.party == "customer":
            run.append(turn)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _in_words(
    name: str, run: Sequence[Turn], cues: Sequence[FoundCue], tones: Mapping[int, Tone]
) -> Opportunity:
    best = strongest(cues)
    told = {cue.evidence.turn for cue in cues}
    spanned = [turn for turn in run if min(told) <= turn.index <= max(told)]
    confidence = best.certainty * min(turn.confidence for turn in spanned)
    return Opportunity(
        id=name,
        turns=tuple(turn.index for turn in spanned),
        start=spanned[0].start,
        end=spanned[-1].end,
        cue=best.cue,
        emotion=best.emotion,
        valence=best.valence,
        strength=_strength(cues, best, tones),
        confidence=round(confidence, 3),
        evidence=_distinct(cues),
    )


def _strength(
    cues: Sequence[FoundCue], best: FoundCue, tones: Mapping[int, Tone]
) -> Strength:
    same = [cue for cue in cues if cue.valence == best.valence]
    strength = max(cue.strength for cue in same)
    if len({cue.evidence.quote for cue in same}) >= MANY_CUES:
        strength += 1
    if best.cue == "implicit" and any(_raised(cue, tones) for cue in same):
        strength += 1
    return _STRENGTHS[min(strength, 3)]


def _distinct(cues: Sequence[FoundCue]) -> tuple[Evidence, ...]:
    """One piece of evidence for each quote: several rules may hold in one clause."""
    by_quote: dict[tuple[int, str], FoundCue] = {}
    for cue in cues:
        key = (cue.evidence.turn, cue.evidence.quote)
        by_quote[key] = strongest([by_quote[key], cue]) if key in by_quote else cue
    return tuple(cue.evidence for cue in by_quote.values())


def _in_voice(name: str, turn: Turn, tone: Tone) -> Opportunity:
    """The voice says that something is the matter; only a person can say what."""
    return Opportunity(
        id=name,
        turns=(turn.index,),
        start=turn.start,
        end=turn.end,
        cue="vocal",
        emotion="frustration",
        valence="negative",
        strength=1,
        confidence=round(VOICE_CERTAINTY * tone.confidence, 3),
        evidence=(
            Evidence(
                turn=turn.index,
                start=turn.start,
                end=turn.end,
                quote=turn.text.strip(),
                source="voice",
            ),
        ),
    )


def _raised(cue: FoundCue, tones: Mapping[int, Tone]) -> bool:
    """Whether the voice is raised in the sentence of the cue."""
    said = cue.evidence
    tone = tones.get(said.turn)
    return tone is not None and tone.within(said.start, said.end).label in (
        "raised",
        "strongly_raised",
    )


def _strongly_raised(tone: Tone | None) -> bool:
    return (
        tone is not None
        and tone.label == "strongly_raised"
        and tone.confidence >= VOICE_CONFIDENCE
    )
