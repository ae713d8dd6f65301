"""This caller's ordinary voice in this call, that every turn is compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callmon.call import Measure
from callmon.tone.prosody import Prosody

LEAST_SECONDS = 8.0
LEAST_TURNS = 3
"""Below these, one turn decides what is ordinary: the median pitch of a speaker settles
within a semitone after about 8 s of speech, and a middle needs a turn on each side."""
ORDINARY_QUANTILE = 0.35
"""An upset caller may be raised in half of the turns. The median then lies at the border
of the calm half, whose own middle is the 0.25 quantile; in a call that is calm throughout
that quantile lies 0.67 spreads too low. 0.35 halves either error."""
SPREAD_PER_DISTANCE = 1.82
"""Standard deviations of a normal distribution per median distance of the values under
its 0.35 quantile (at -0.385) from it (their middle at -0.935): 1 / 0.55."""

WIDEST_SPREAD = 2.0
"""In least spreads. With few turns one that differs makes the spread as large as itself
and hides itself; turns that scatter wider are not one way of speaking."""


@dataclass(frozen=True)
class Scale:
    """How a measure is shown and compared."""

    unit: str
    least_spread: float
    """A calm speaker's turns differ so much by what is said. A few turns differ less by
    chance, and then every small step would seem large."""
    relative: bool
    """Shown as the difference from the ordinary value, which is then 0."""


SCALES: Mapping[str, Scale] = {
    # Questions and accents move the median of a short turn by a semitone or more.
    "pitch": Scale(unit="semitones", least_spread=1.5, relative=True),
    # Vowels differ by about 4 dB in their own level, and 25 % nearer to the telephone
    # is 2 dB. Relative, because the gain of the line is in every level.
    "loudness": Scale(unit="dB", least_spread=2.0, relative=True),
    # Open vowels have more of the high frequencies than closed ones; a turn has many.
    "balance": Scale(unit="dB", least_spread=1.5, relative=True),
    # One syllable more or less in a turn of a second and a half.
    "rate": Scale(unit="syllables/s", least_spread=0.7, relative=False),
}


@dataclass(frozen=True)
class Ordinary:
    """Where a measure of this caller ordinarily lies, and how far calm turns scatter."""

    value: float
    spread: float
    """Standard deviation, at least the scale's least spread."""


def ordinary_voice(turns: Sequence[Prosody]) -> Mapping[str, Ordinary]:
    """The ordinary value and spread of each measure over all scorable turns.

    Raises:
        ValueError: no turns.
    """
    measured = [_values(turn) for turn in turns]
    return {
        name: _ordinary([values[name] for values in measured], scale.least_spread)
        for name, scale in SCALES.items()
    }


def enough_speech(turns: Sequence[Prosody]) -> bool:
    """Whether an ordinary voice can be known from these scorable turns."""
    seconds = sum(turn.seconds for turn in turns)
    return len(turns) >= LEAST_TURNS and seconds >= LEAST_SECONDS


def compare(turn: Prosody, ordinary: Mapping[str, Ordinary]) -> Mapping[str, Measure]:
    """Each measure of a turn beside the caller's ordinary one."""
    values = _values(turn)
    return {
        name: Measure(
            value=values[name] - usual.value * SCALES[name].relative,
            unit=SCALES[name].unit,
            baseline=usual.value * (not SCALES[name].relative),
            distance=(values[name] - usual.value) / usual.spread,
        )
        for name, usual in ordinary.items()
    }


def _values(turn: Prosody) -> Mapping[str, float]:
    return {
        "pitch": turn.pitch,
        "loudness": turn.loudness,
        "balance": turn.balance,
        "rate": turn.rate,
    }


def _ordinary(values: Sequence[float], least_spread: float) -> Ordinary:
    import numpy as np

    middle = float(np.quantile(values, ORDINARY_QUANTILE))
    below = [middle - value for value in values if value <= middle]
    spread = SPREAD_PER_DISTANCE * float(np.median(below))
    widest = WIDEST_SPREAD * least_spread
    return Ordinary(value=middle, spread=min(max(spread, least_spread), widest))
