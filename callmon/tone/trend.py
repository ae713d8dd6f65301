"""How a caller's voice goes on over the call, from turn to turn."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

from callmon.call import Tone, Turn, VoiceTrend

LEAST_TURNS: Final = 3
"""One for each third of the call."""
LEAST_FOR_INTERVAL: Final = 5
"""Under five turns no order of them is rarer than one in twenty: no 95 % interval."""
SECONDS_PER_MINUTE: Final = 60.0


def voice_trend(tones: Sequence[Tone], turns: Sequence[Turn]) -> VoiceTrend | None:
    """The slope of arousal over the scorable turns of a call; None under three of them.

    The median of the slopes between all pairs of turns, which one odd turn does not move,
    with the interval that belongs to it (Theil 1950, Sen 1968).
    """
    times = {
        turn.index: (turn.start + turn.end) / 2 / SECONDS_PER_MINUTE
        for turn in turns
        if turn.start is not None and turn.end is not None
    }
    course = sorted(
        (times[tone.turn], tone.arousal)
        for tone in tones
        if tone.arousal is not None and tone.turn in times
    )
    minutes = [minute for minute, _ in course]
    arousal = [value for _, value in course]
    if len(course) < LEAST_TURNS or minutes[0] == minutes[-1]:
        return None
    from scipy import stats

    slope = stats.theilslopes(arousal, minutes, alpha=0.95)
    interval = (round(float(slope.low_slope), 3), round(float(slope.high_slope), 3))
    third = len(course) // 3
    return VoiceTrend(
        turns=len(course),
        per_minute=round(float(slope.slope), 3),
        interval=interval if len(course) >= LEAST_FOR_INTERVAL else None,
        first=round(median(arousal[:third]), 3),
        last=round(median(arousal[-third:]), 3),
    )
