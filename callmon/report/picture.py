"""The call as a picture: who speaks when, the customer's tone, and where to look.

Here is the geometry; `templates/picture.svg` draws it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from callmon.call import Analysis, Interval, Party
from callmon.intervals import difference, intersection, seconds, union
from callmon.report import tone_curve, wording
from callmon.report.axis import (
    GREATEST_WIDTH,
    GUTTER,
    LEAST_SCALE,
    MARGIN,
    PLAIN_WIDTH,
    Axis,
    Block,
    Tick,
    span,
)
from callmon.report.moments import Moment, NumberedFinding
from callmon.report.tone_curve import ToneLane

LANE: Final = 24.0
LANE_GAP: Final = 12.0
MARK: Final = 20.0
"""Width and height of a finding's mark, height of a moment's."""
MOMENT_MARK: Final = 36.0
"""Width of a moment's mark: letter and outcome."""
MOST_MARK_ROWS: Final = 5


@dataclass(frozen=True)
class Lane:
    party: Party
    name: str
    y: float
    height: float
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class FindingMark:
    x: float
    y: float
    seen: NumberedFinding


@dataclass(frozen=True)
class MomentMark:
    x: float
    y: float
    left: float
    width: float
    """The span of the customer's moment."""
    bracket_y: float
    moment: Moment


@dataclass(frozen=True)
class Picture:
    """Everything that the template draws."""

    width: float
    height: float
    left: float
    right: float
    duration: float
    findings: tuple[FindingMark, ...]
    lanes: tuple[Lane, ...]
    lanes_top: float
    lanes_bottom: float
    moments: tuple[MomentMark, ...]
    silences: tuple[Block, ...]
    holds: tuple[Block, ...]
    redacted: tuple[Block, ...]
    overlaps: tuple[Block, ...]
    tone: ToneLane | None
    ticks: tuple[Tick, ...]
    axis_y: float
    description: str


def draw(
    analysis: Analysis,
    moments: Sequence[Moment],
    findings: Sequence[NumberedFinding],
) -> Picture | None:
    """The picture, or None for a call without times."""
    duration = _duration(analysis)
    if duration is None:
        return None
    axis = Axis(
        duration=duration,
        span=min(max(PLAIN_WIDTH, duration * LEAST_SCALE), GREATEST_WIDTH),
    )
    finding_marks = _finding_marks(axis, findings)
    lanes_top = max((m.y for m in finding_marks), default=-MARK) + MARK + 14.0
    lanes = _lanes(axis, analysis, top=lanes_top)
    lanes_bottom = lanes_top + len(lanes) * (LANE + LANE_GAP) - LANE_GAP
    moment_marks = _moment_marks(axis, moments, top=lanes_bottom + 8.0)
    tone_top = max((m.y + MARK for m in moment_marks), default=lanes_bottom) + 18.0
    tone = tone_curve.draw(axis, analysis, top=tone_top)
    axis_y = tone_top + (tone_curve.HEIGHT + 14.0 if tone else 0.0)
    dynamics = analysis.dynamics
    return Picture(
        width=GUTTER + axis.span + MARGIN,
        height=axis_y + 24.0,
        left=GUTTER,
        right=GUTTER + axis.span,
        duration=duration,
        findings=finding_marks,
        lanes=lanes,
        lanes_top=lanes_top,
        lanes_bottom=lanes_bottom,
        moments=moment_marks,
        silences=_blocks(axis, dynamics.silences if dynamics else (), "Silence of"),
        holds=_blocks(axis, dynamics.hold if dynamics else (), "On hold for"),
        redacted=_blocks(axis, dynamics.redacted if dynamics else (), "Cut out for"),
        overlaps=_blocks(axis, _overlaps(analysis), "Two voices for"),
        tone=tone,
        ticks=axis.ticks(),
        axis_y=axis_y,
        description=_description(analysis, moments, findings, duration),
    )


def _duration(analysis: Analysis) -> float | None:
    """Of the recording; of the turns when a transcript with times came alone."""
    ends = [turn.end for turn in analysis.turns if turn.end is not None]
    duration = analysis.recording.duration or max(ends, default=0.0)
    return duration if math.isfinite(duration) and duration > 0 else None


def _blocks(axis: Axis, times: Sequence[Interval], what: str) -> tuple[Block, ...]:
    return tuple(
        axis.block(time, f"{what} {wording.amount(time.duration)}") for time in times
    )


def _without_speech(analysis: Analysis) -> tuple[Interval, ...]:
    dynamics = analysis.dynamics
    if dynamics is None:
        return ()
    return (*dynamics.silences, *dynamics.hold, *dynamics.redacted)


def _lanes(axis: Axis, analysis: Analysis, *, top: float) -> tuple[Lane, ...]:
    """Agent and customer, even if one is mute; other voices where there are any."""
    present = {turn.party for turn in analysis.turns}
    if not present or present & {"agent", "customer"}:
        present |= {"agent", "customer"}
    parties = [party for party in wording.PARTIES if party in present]
    quiet = _without_speech(analysis)
    return tuple(
        Lane(
            party=party,
            name=wording.PARTIES[party],
            y=top + position * (LANE + LANE_GAP),
            height=LANE,
            blocks=tuple(
                axis.block(
                    speech,
                    f"{wording.PARTIES[party]}, {wording.clock(turn.start)}: {turn.text}",
                    turn.index,
                )
                for turn in analysis.turns
                if turn.party == party
                for speech in difference(span(turn), quiet)
            ),
        )
        for position, party in enumerate(parties)
    )


def _overlaps(analysis: Analysis) -> tuple[Interval, ...]:
    """Where two parties' turns lie over each other and two voices were heard.

    A turn also lasts over the other's backchannel in its pauses; without overlapped
    seconds of its own such a pair is no overlap.
    """
    heard = [turn for turn in analysis.turns if turn.overlap > 0]
    spans = {
        party: union(time for turn in heard if turn.party == party for time in span(turn))
        for party in wording.PARTIES
    }
    both = [
        shared
        for first, second in combinations(spans.values(), 2)
        for shared in intersection(first, second)
    ]
    cuts = analysis.dynamics.interruptions if analysis.dynamics else ()
    return union([*both, *(Interval(start=i.start, end=i.end) for i in cuts)])


def _finding_marks(
    axis: Axis, findings: Sequence[NumberedFinding]
) -> tuple[FindingMark, ...]:
    timed = [seen for seen in findings if seen.finding.start is not None]
    centres = [axis.x(seen.finding.start or 0.0) for seen in timed]
    rows = _rows(centres, width=MARK)
    deepest = max(rows, default=0)
    return tuple(
        FindingMark(x=x, y=2.0 + (deepest - row) * (MARK + 4.0), seen=seen)
        for seen, x, row in zip(timed, centres, rows, strict=True)
    )


def _moment_marks(
    axis: Axis, moments: Sequence[Moment], *, top: float
) -> tuple[MomentMark, ...]:
    timed = [m for m in moments if m.opportunity.start is not None]
    spans = [
        (axis.x(m.opportunity.start or 0.0), axis.x(m.opportunity.end or 0.0))
        for m in timed
    ]
    centres = [(left + max(left, right)) / 2 for left, right in spans]
    return tuple(
        MomentMark(
            x=x,
            y=top + 8.0 + row * (MARK + 4.0),
            left=left,
            width=max(right - left, 2.0),
            bracket_y=top,
            moment=moment,
        )
        for moment, (left, right), x, row in zip(
            timed, spans, centres, _rows(centres, width=MOMENT_MARK), strict=True
        )
    )


def _rows(centres: Sequence[float], *, width: float) -> list[int]:
    """The row of each mark so that neighbours do not cover each other."""
    filled: list[float] = []
    rows: list[int] = []
    for centre in centres:
        free = (row for row, last in enumerate(filled) if centre - last >= width + 4.0)
        row = next(free, len(filled))
        if row == MOST_MARK_ROWS:
            row = min(range(MOST_MARK_ROWS), key=filled.__getitem__)
        filled[row : row + 1] = [centre]
        rows.append(row)
    return rows


def _description(
    analysis: Analysis,
    moments: Sequence[Moment],
    findings: Sequence[NumberedFinding],
    duration: float,
) -> str:
    """What the picture shows, for who cannot see it."""
    told = [f"A call of {wording.clock(duration)} with {len(analysis.turns)} turns."]
    if analysis.dynamics:
        told.append(
            f"Nobody speaks for {wording.amount(analysis.dynamics.silence)}, two voices "
            f"for {wording.amount(analysis.dynamics.overlap)}."
        )
        if hold := seconds(analysis.dynamics.hold):
            told.append(f"The customer is on hold for {wording.amount(hold)}.")
        if redacted := seconds(analysis.dynamics.redacted):
            told.append(f"{wording.amount(redacted)} are cut out of the recording.")
    told += [
        f"Moment {m.letter} at {wording.clock(m.opportunity.start)}: "
        f"{m.opportunity.emotion}, "
        f"{wording.OUTCOMES[m.verdict].lower()}."
        for m in moments
    ]
    told += [
        f"Finding {seen.number} at {wording.clock(seen.finding.start)}: "
        f"{wording.FINDINGS[seen.finding.kind]}."
        for seen in findings
    ]
    return " ".join(told)
