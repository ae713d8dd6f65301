"""The customer's voice as a curve, sentence by sentence, with its gaps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from callmon.call import Analysis, Interval, Measure, Tone, Turn, Voice
from callmon.report import wording
from callmon.report.axis import Axis, Block, span

HEIGHT: Final = 76.0
RANGE: Final = (-2.0, 4.0)
"""Shown spreads from the caller's ordinary voice; beyond it the curve is clipped."""


@dataclass(frozen=True)
class TonePoint:
    x: float
    y: float
    left: float
    right: float
    turn: int
    start: float
    label: str


@dataclass(frozen=True)
class ToneLane:
    """The customer's voice over the call."""

    top: float
    height: float
    ordinary_top: float
    ordinary_height: float
    """The band from -1 to 1."""
    curves: tuple[str, ...]
    """SVG path data, one for each run of points without a gap."""
    points: tuple[TonePoint, ...]
    gaps: tuple[Block, ...]
    """Stretches of which nothing is claimed, with the reason."""


def draw(axis: Axis, analysis: Analysis, *, top: float) -> ToneLane | None:
    """The customer's turns with a tone, long ones part by part.

    A stretch without a claim interrupts the curve.
    """
    tones = {tone.turn: tone for tone in analysis.tones}
    runs: list[list[TonePoint]] = [[]]
    gaps: list[Block] = []
    for turn in analysis.turns:
        tone = tones.get(turn.index)
        # The voice is read of the customer only; another's is never drawn.
        if tone is None or turn.party != "customer":
            continue
        for time, voice in _stretches(turn, tone):
            if voice.arousal is None or not math.isfinite(voice.arousal):
                reason = voice.unscorable or "no reason given"
                label = f"{wording.clock(time.start)}: voice not judged: {reason}"
                gaps.append(axis.block(time, label, turn.index))
                runs.append([])
                continue
            left, right = axis.x(time.start), axis.x(time.end)
            runs[-1].append(
                TonePoint(
                    x=round((left + right) / 2, 2),
                    y=_y(voice.arousal, top),
                    left=left,
                    right=right,
                    turn=turn.index,
                    start=time.start,
                    label=_label(voice, time.start),
                )
            )
    points = tuple(point for run in runs for point in run)
    if not points and not gaps:
        return None
    ordinary = _y(1.0, top)
    return ToneLane(
        top=top,
        height=HEIGHT,
        ordinary_top=ordinary,
        ordinary_height=_y(-1.0, top) - ordinary,
        curves=tuple(
            "M" + " L".join(f"{point.x} {point.y}" for point in run)
            for run in runs
            if len(run) > 1
        ),
        points=points,
        gaps=tuple(gaps),
    )


def _stretches(turn: Turn, tone: Tone) -> list[tuple[Interval, Voice]]:
    """What is drawn of a turn: its parts, else the whole; nothing without times."""
    if tone.parts:
        return [(Interval(start=part.start, end=part.end), part) for part in tone.parts]
    return [(time, tone) for time in span(turn)]


def _y(arousal: float, top: float) -> float:
    lowest, highest = RANGE
    share = (highest - min(max(arousal, lowest), highest)) / (highest - lowest)
    return round(top + HEIGHT * share, 2)


def _label(voice: Voice, start: float) -> str:
    """The numbers behind one point of the curve."""
    how = wording.TONES[voice.label] if voice.label else "voice"
    measures = "".join(
        f"; {name.replace('_', ' ')} {_amount(m)}" for name, m in voice.measures.items()
    )
    return (
        f"{wording.clock(start)}: {how}, {voice.arousal:+.1f} from this caller's "
        f"ordinary, confidence {wording.percent(voice.confidence)}{measures}"
    )


def _amount(measure: Measure) -> str:
    """A measure beside the usual one; where that is 0 it is the difference from it."""
    if measure.baseline == 0:
        return f"{measure.value:+.1f} {measure.unit}"
    return f"{measure.value:.1f} {measure.unit} (usual {measure.baseline:.1f})"
