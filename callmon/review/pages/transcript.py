"""The transcript as the page of a call shows it: word by word, each with its second."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from callmon.call import Analysis, Measure, Party, Tone, Turn
from callmon.report.wording import PARTIES

MEASURES: Final = {
    "pitch": "Pitch",
    "loudness": "Loudness",
    "balance": "Sharpness",
    "rate": "Pace",
    "pitch_range": "Range of pitch",
    "pause_share": "Share of pauses",
    "longest_pause": "Longest pause",
}
RELATIVE: Final = frozenset({"pitch", "loudness", "balance"})
"""Counted from the caller's ordinary voice."""
SHARE: Final = "of the turn"
"""The unit of what is shown in percent."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a turn's text."""

    text: str
    start: float | None
    """When it is said; null between words, and where no times are known."""
    marked: bool
    """Whether a judgement rests on it."""


@dataclass(frozen=True)
class Measured:
    """A measure of the voice, as it is shown."""

    name: str
    value: str
    ordinary: str
    distance: str


@dataclass(frozen=True)
class Line:
    """One turn."""

    turn: Turn
    by: str
    """Who says it, in words."""
    pieces: tuple[Piece, ...]
    tone: Tone | None
    """Of the customer, where it is away from the ordinary."""
    measured: tuple[Measured, ...]
    """What that rests on."""


def lines(analysis: Analysis, *, first: int, last: int) -> tuple[Line, ...]:
    """Turns [first, last) in the order of the document."""
    tones = {
        tone.turn: tone for tone in analysis.tones if tone.label not in (None, "ordinary")
    }
    quotes = _quotes(analysis)
    found = []
    for turn in analysis.turns[first:last]:
        tone = tones.get(turn.index) if turn.party == "customer" else None
        found.append(
            Line(
                turn=turn,
                by=voice_name(turn.party, turn.speaker),
                pieces=tuple(_pieces(turn, quotes.get(turn.index, ()))),
                tone=tone,
                measured=() if tone is None else tuple(_measured(tone)),
            )
        )
    return tuple(found)


def voice_name(party: Party, speaker: str) -> str:
    """The party, or which voice it is while nobody knows whose."""
    if party != "unknown":
        return PARTIES[party]
    side = {"left": "Left voice", "right": "Right voice"}
    return side.get(speaker) or speaker.capitalize() or PARTIES[party]


def _measured(tone: Tone) -> Iterator[Measured]:
    for name, measure in tone.measures.items():
        if name in MEASURES and math.isfinite(measure.distance):
            yield Measured(
                name=MEASURES[name],
                value=_amount(name, measure, measure.value),
                ordinary="0"
                if name in RELATIVE
                else _amount(name, measure, measure.baseline),
                distance=f"{measure.distance:+.1f}",
            )


def _amount(name: str, measure: Measure, value: float) -> str:
    if measure.unit == SHARE:
        return f"{value:.0%}".replace("%", " %")
    sign = "+" if name in RELATIVE and value >= 0 else ""
    return f"{sign}{value:.1f} {measure.unit}".replace("-", "−")


def _quotes(analysis: Analysis) -> dict[int, list[str]]:
    """Words that carry a judgement, by turn."""
    found: dict[int, list[str]] = {}
    resting = (
        *(each.evidence for each in analysis.opportunities),
        *(each.evidence for each in analysis.findings),
        *(each.evidence for each in analysis.commendations),
    )
    for evidence in chain.from_iterable(resting):
        if evidence.quote:
            found.setdefault(evidence.turn, []).append(evidence.quote)
    return found


def _pieces(turn: Turn, quotes: list[str] | tuple[str, ...]) -> Iterator[Piece]:
    """The text cut at its words; words that are not in it are passed over."""
    spans = [(at, at + len(q)) for q in quotes if (at := turn.text.find(q)) >= 0]

    def marked(begin: int, end: int) -> bool:
        return any(begin < last and end > first for first, last in spans)

    position = 0
    for word in turn.words:
        text = word.text.strip()
        at = turn.text.find(text, position) if text else -1
        if at < 0:
            continue
        if at > position:
            yield Piece(turn.text[position:at], None, marked(position, at))
        position = at + len(text)
        yield Piece(text, round(word.start, 2), marked(at, position))
    if position < len(turn.text):
        rest = turn.text[position:]
        yield Piece(rest, None, marked(position, len(turn.text)))
