"""This caller's ordinary voice in this call, that every turn is compared with."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from callmon.call import Measure
from callmon.tone.arousal import arousal_of
from callmon.tone.prosody import Prosody

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_SECONDS: Final = 8.0
LEAST_TURNS: Final = 3
"""Below these, one turn decides what is ordinary: the median pitch of a speaker settles
within a semitone after about 8 s of speech, and a middle needs a turn on each side."""
FIRST_GUESS: Final = 0.35
"""Quantile of each measure from which the ordinary voice is looked for: in the calm part,
even of a call that is raised in half of its turns."""
FAR: Final = 1.5
"""Arousal over the first guess from which a turn has no say in what is ordinary. One that
is just raised still has: without it the ordinary voice would slip down into a subdued one.
This and the first guess were chosen on five of the ten speakers of `models/tone/README.md`.
Looking again from what was found slips up into the raised voice, on the same five."""
MEDIAN_VARIANCE: Final = math.pi / 2
"""Of the median of n normal values, in their variance divided by n."""
SPREAD_PER_DEVIATION: Final = 1.4826
"""Standard deviations of a normal distribution per median absolute deviation."""
WIDEST_SPREAD: Final = 2.0
"""In least spreads. With few turns one that differs makes the spread as large as itself
and hides itself; turns that scatter wider are not one way of speaking."""


@dataclass(frozen=True)
class Scale:
    """How a measure is shown and compared."""

    unit: str
    least_spread: float
    """A calm speaker's turns differ so much by what is said. A few turns differ less by
    chance, and then every small step would seem large."""
    relative: bool = False
    """Shown as the difference from the ordinary value, which is then 0."""


SCALES: Final[Mapping[str, Scale]] = {
    # Questions and accents move the median of a short turn by a semitone or more.
    "pitch": Scale(unit="semitones", least_spread=1.5, relative=True),
    # Vowels differ by about 4 dB in their own level, and 25 % nearer to the telephone
    # is 2 dB. Relative, because the gain of the line is in every level.
    "loudness": Scale(unit="dB", least_spread=2.0, relative=True),
    # Open vowels have more of the high frequencies than closed ones; a turn has many.
    "balance": Scale(unit="dB", least_spread=1.5, relative=True),
    # One syllable more or less in a turn of a second and a half.
    "rate": Scale(unit="syllables/s", least_spread=0.7),
    # The rest is shown and has no weight: none of it told raised from calm voices.
    # One accent more or less at the end of the range.
    "pitch_range": Scale(unit="semitones", least_spread=3.0),
    # One pause of half a second more or less in a turn of five.
    "pause_share": Scale(unit="of the turn", least_spread=0.1),
    "longest_pause": Scale(unit="s", least_spread=0.5),
}


@dataclass(frozen=True)
class Ordinary:
    """Where a measure of this caller ordinarily lies, and how far calm turns scatter."""

    value: float
    spread: float
    """Standard deviation of a further calm turn, over the scale's least spread."""


def ordinary_voice(turns: Sequence[Prosody]) -> Mapping[str, Ordinary]:
    """The ordinary value and spread of each measure over all scorable turns.

    The median of the turns that are not far raised over a first guess on the calm side: in
    a calm call all turns have a say, in an upset one the calm ones.

    Raises:
        ValueError: no turns.
    """
    import numpy as np

    if not turns:
        raise ValueError("no turns: an ordinary voice needs at least one")
    values = {name: np.array([getattr(turn, name) for turn in turns]) for name in SCALES}
    guess = {
        name: Ordinary(float(np.quantile(values[name], FIRST_GUESS)), scale.least_spread)
        for name, scale in SCALES.items()
    }
    arousal = np.array([arousal_of(distances(turn, guess)) for turn in turns])
    # The calmest are kept whatever comes, since a middle needs a turn on each side.
    calmest = np.sort(arousal)[: min(LEAST_TURNS, len(turns))].max()
    calm = arousal <= max(FAR, calmest)
    return {
        name: _ordinary(values[name][calm], scale.least_spread)
        for name, scale in SCALES.items()
    }


def enough_speech(turns: Sequence[Prosody]) -> bool:
    """Whether an ordinary voice can be known from these scorable turns."""
    seconds = sum(turn.seconds for turn in turns)
    return len(turns) >= LEAST_TURNS and seconds >= LEAST_SECONDS


def distances(turn: Prosody, ordinary: Mapping[str, Ordinary]) -> Mapping[str, float]:
    """How far each measure of a turn is from the ordinary one, in spreads."""
    return {
        name: (getattr(turn, name) - usual.value) / usual.spread
        for name, usual in ordinary.items()
    }


def compare(turn: Prosody, ordinary: Mapping[str, Ordinary]) -> Mapping[str, Measure]:
    """Each measure of a turn beside the caller's ordinary one."""
    return {
        name: Measure(
            value=getattr(turn, name) - ordinary[name].value * SCALES[name].relative,
            unit=SCALES[name].unit,
            baseline=ordinary[name].value * (not SCALES[name].relative),
            distance=distance,
            ordinary=ordinary[name].value if name == "pitch" else None,
        )
        for name, distance in distances(turn, ordinary).items()
    }


def _ordinary(values: NDArray[np.float64], least_spread: float) -> Ordinary:
    import numpy as np

    middle = float(np.median(values))
    spread = SPREAD_PER_DEVIATION * float(np.median(np.abs(values - middle)))
    widest = WIDEST_SPREAD * least_spread
    # A further turn also differs by how uncertain the middle of a few turns is.
    unsure = math.sqrt(1 + MEDIAN_VARIANCE / len(values))
    return Ordinary(value=middle, spread=min(max(spread, least_spread), widest) * unsure)
