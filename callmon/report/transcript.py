"""The transcript with its marks: every turn cut where a quote begins or ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from callmon.call import Analysis, Tone, Turn
from callmon.report import wording
from callmon.report.moments import Moment, NumberedFinding, behaviours_of


@dataclass(frozen=True)
class Mark:
    """Words of a turn that carry a judgement."""

    first: int
    last: int
    """Characters `text[first:last]`."""
    label: str
    """For example `moment A` or `specific acknowledgement`."""


@dataclass(frozen=True)
class Piece:
    """A stretch of text under the same marks."""

    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One turn as the reader sees it."""

    turn: Turn
    pieces: tuple[Piece, ...]
    moments: tuple[Moment, ...]
    """The moments that begin in this turn."""
    findings: tuple[NumberedFinding, ...]
    """The findings placed at this turn."""
    behaviours: tuple[str, ...]
    tone: Tone | None
    """The customer's voice where it is away from the ordinary."""


def lines(
    analysis: Analysis,
    moments: Sequence[Moment],
    findings: Sequence[NumberedFinding],
) -> tuple[Line, ...]:
    """Every turn with what was found in it. Quotes that are not in it mark nothing."""
    tones = {
        tone.turn: tone for tone in analysis.tones if tone.label not in (None, "ordinary")
    }
    return tuple(
        Line(
            turn=turn,
            pieces=cut(turn.text, _marks(analysis, turn, moments)),
            moments=tuple(m for m in moments if m.turn == turn.index),
            findings=tuple(f for f in findings if f.finding.turn == turn.index),
            behaviours=tuple(
                dict.fromkeys(map(wording.behaviour, behaviours_of(analysis, turn)))
            ),
            # A tone belongs to the customer; nothing is shown of another's voice.
            tone=tones.get(turn.index) if turn.party == "customer" else None,
        )
        for turn in analysis.turns
    )


def cut(text: str, marks: Sequence[Mark]) -> tuple[Piece, ...]:
    """The text in pieces; marks may overlap, a piece carries the labels of all."""
    edges = sorted({0, len(text), *(m.first for m in marks), *(m.last for m in marks)})
    return tuple(
        Piece(
            text=text[first:last],
            labels=tuple(
                dict.fromkeys(m.label for m in marks if m.first <= first and last <= m.last)
            ),
        )
        for first, last in pairwise(edges)
    )


def _marks(analysis: Analysis, turn: Turn, moments: Sequence[Moment]) -> tuple[Mark, ...]:
    quoted = [
        (evidence.quote, f"moment {moment.letter}")
        for moment in moments
        for evidence in moment.opportunity.evidence
        if evidence.turn == turn.index
    ]
    quoted += [
        (said.quote, wording.behaviour(said)) for said in behaviours_of(analysis, turn)
    ]
    return tuple(
        Mark(first=at, last=at + len(quote), label=label)
        for quote, label in quoted
        if quote and (at := _find(quote, turn.text)) >= 0
    )


def _find(quote: str, text: str) -> int:
    """Where the quote begins, at best letter for letter; -1 where it is not said."""
    at = text.find(quote)
    if at >= 0:
        return at
    folded = text.lower()
    # Some letters change their length in lower case; their places would be wrong.
    return folded.find(quote.lower()) if len(folded) == len(text) else -1
