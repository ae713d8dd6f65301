"""The picture over a call's sound: whose voice is in which lane, the customer's tone, the
moments and the findings."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from callmon.call import Analysis, Party, Turn, Voice
from callmon.report import wording
from callmon.report.moments import Moment
from callmon.review.findings.views import FindingView
from callmon.review.pages.transcript import voice_name

WIDTH: Final = 1000.0
"""Of the drawing, whatever the width on the screen."""
HEIGHT: Final = 60.0
RANGE: Final = (-2.0, 4.0)
"""Shown spreads from the caller's ordinary voice, as in the report."""
CHANNELS: Final = {"left": 0, "right": 1}


@dataclass(frozen=True)
class Stretch:
    """The voice in one sentence or turn."""

    left: float
    right: float
    y: float
    label: str


@dataclass(frozen=True)
class ToneCurve:
    """The customer's voice, drawn `WIDTH` by `HEIGHT`."""

    band_top: float
    band_height: float
    """Of the ordinary, from -1 to 1."""
    curves: tuple[str, ...]
    stretches: tuple[Stretch, ...]
    gaps: tuple[Stretch, ...]
    """Where nothing is claimed, and why."""


@dataclass(frozen=True)
class Region:
    """Something on the time line."""

    mark: str
    start: float
    end: float
    label: str
    kind: str
    """For its colour and form: the outcome of a moment, the severity of a finding."""
    target: str
    """The id of the finding, or blank."""


@dataclass(frozen=True)
class Picture:
    """All of it; what is not in `sound` is drawn by the server."""

    duration: float
    sound: dict[str, Any]
    """For the script that draws the lanes."""
    tone: ToneCurve | None
    moments: tuple[Region, ...]
    findings: tuple[Region, ...]

    @property
    def is_separate(self) -> bool:
        """Whether each party has a channel of their own, so that one can be quieter."""
        lanes = self.sound["lanes"]
        return (
            not any(lane["shared"] for lane in lanes)
            and len({lane["channel"] for lane in lanes}) == 2
        )


def draw(
    analysis: Analysis,
    known: Sequence[Moment],
    findings: Sequence[FindingView],
    *,
    duration: float | None,
) -> Picture | None:
    """None for a call without sound, whose turns have no times."""
    ends = [turn.end for turn in analysis.turns if turn.end is not None]
    whole = duration or analysis.recording.duration or max(ends, default=0.0)
    if whole <= 0:
        return None
    return Picture(
        duration=whole,
        sound={"duration": whole, "lanes": _lanes(analysis), "silent": _silent(analysis)},
        tone=_tone(analysis, whole),
        moments=tuple(
            Region(
                mark=moment.letter,
                start=moment.opportunity.start,
                end=moment.opportunity.end,
                label=f"Moment {moment.letter}, {moment.opportunity.emotion}:"
                f" {wording.OUTCOMES[moment.verdict].lower()}",
                kind=moment.verdict,
                target="",
            )
            for moment in known
            if moment.opportunity.start is not None and moment.opportunity.end is not None
        ),
        findings=tuple(
            Region(
                mark=str(number),
                start=each.start,
                end=each.end,
                label=f"Finding {number}: {_said(each)}",
                kind=(each.machine.severity if each.machine else None) or "low",
                target=each.id,
            )
            for number, each in enumerate(findings, start=1)
            if each.start is not None and each.end is not None
        ),
    )


def _said(finding: FindingView) -> str:
    if finding.machine is None:
        return "to be judged without the machine"
    kind = finding.machine.kind
    return "nothing to raise" if kind == "none" else wording.FINDINGS[kind]


def _lanes(analysis: Analysis) -> list[dict[str, Any]]:
    """A lane for agent and customer each; while nobody knows who they are, for the two
    voices that say most."""
    timed = [turn for turn in analysis.turns if turn.start is not None]
    parties: tuple[Party, ...] = ("agent", "customer")
    if not any(turn.party in parties for turn in timed):
        said = Counter(turn.speaker for turn in timed if turn.party == "unknown")
        return [
            _lane("unknown", speaker, [t for t in timed if t.speaker == speaker])
            for speaker in sorted(dict(said.most_common(2))) or [""]
        ]
    lanes = []
    for party in parties:
        turns = [turn for turn in timed if turn.party == party]
        speakers = Counter(turn.speaker for turn in turns).most_common(1)
        lanes.append(_lane(party, speakers[0][0] if speakers else "", turns))
    return lanes


def _lane(party: Party, speaker: str, turns: Sequence[Turn]) -> dict[str, Any]:
    """Of the channel of this voice, and when it speaks: on a channel that both share, what
    is not theirs is left out of their lane."""
    return {
        "party": party,
        "voice": speaker if party == "unknown" else party,
        "name": voice_name(party, speaker),
        "channel": CHANNELS.get(speaker, 0),
        "shared": speaker not in CHANNELS,
        "speaks": [[turn.start, turn.end] for turn in turns],
    }


def _silent(analysis: Analysis) -> list[list[float]]:
    """Stretches that may be skipped."""
    dynamics = analysis.dynamics
    stretches = (*dynamics.silences, *dynamics.hold) if dynamics else ()
    return sorted([each.start, each.end] for each in stretches)


def _tone(analysis: Analysis, whole: float) -> ToneCurve | None:
    tones = {tone.turn: tone for tone in analysis.tones}
    runs: list[list[Stretch]] = [[]]
    gaps: list[Stretch] = []
    for turn in analysis.turns:
        tone = tones.get(turn.index)
        # The voice is read of the customer only.
        if tone is None or turn.party != "customer":
            continue
        parts: list[tuple[float | None, float | None, Voice]] = [
            (part.start, part.end, part) for part in tone.parts
        ]
        for start, end, voice in parts or [(turn.start, turn.end, tone)]:
            if start is None or end is None:
                continue
            left, right = _x(start, whole), _x(end, whole)
            if voice.arousal is None or not math.isfinite(voice.arousal):
                why = voice.unscorable or "no reason given"
                label = f"{wording.clock(start)}: voice not judged, {why}"
                gaps.append(Stretch(left, right, HEIGHT / 2, label))
                runs.append([])
            else:
                how = wording.TONES[voice.label] if voice.label else "voice"
                label = (
                    f"{wording.clock(start)}: {how}, {voice.arousal:+.1f} from this"
                    f" caller's ordinary, confidence {wording.percent(voice.confidence)}"
                )
                runs[-1].append(Stretch(left, right, _y(voice.arousal), label))
    stretches = tuple(each for run in runs for each in run)
    if not stretches and not gaps:
        return None
    return ToneCurve(
        band_top=_y(1.0),
        band_height=_y(-1.0) - _y(1.0),
        curves=tuple(_path(run) for run in runs if run),
        stretches=stretches,
        gaps=tuple(gaps),
    )


def _path(run: Sequence[Stretch]) -> str:
    points = [f"{x} {each.y}" for each in run for x in (each.left, each.right)]
    return "M" + " L".join(points)


def _x(second: float, whole: float) -> float:
    return round(min(max(second / whole, 0.0), 1.0) * WIDTH, 2)


def _y(arousal: float) -> float:
    lowest, highest = RANGE
    share = (highest - min(max(arousal, lowest), highest)) / (highest - lowest)
    return round(HEIGHT * share, 2)
