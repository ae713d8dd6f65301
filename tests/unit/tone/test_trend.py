"""How a caller's voice goes on over the call."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from callmon.call import Tone, Turn, VoiceTrend
from callmon.tone.trend import voice_trend


def trend(
    arousal: Sequence[float | None], *, timed: bool = True, apart: float = 30.0
) -> VoiceTrend | None:
    """Of a customer with a turn of four seconds each half a minute."""
    tones = [
        Tone(
            turn=index,
            arousal=value,
            label=None if value is None else "ordinary",
            confidence=0.8,
            measures={},
            unscorable=None if value is not None else "Too much noise.",
        )
        for index, value in enumerate(arousal)
    ]
    turns = [
        Turn(
            index=index,
            party="customer",
            party_confidence=1.0,
            start=apart * index if timed else None,
            end=apart * index + 4 if timed else None,
            text="",
            speaker="right",
        )
        for index in range(len(arousal))
    ]
    return voice_trend(tones, turns)


def test_voice_that_settles_has_a_falling_slope_per_minute() -> None:
    found = trend([3.0, 2.5, 2.0, 1.5, 1.0, 0.5])
    assert found is not None
    assert (found.turns, found.per_minute) == (6, -1.0)
    assert (found.first, found.last) == (2.75, 0.75)
    assert found.interval == (-1.0, -1.0)


def test_one_odd_turn_does_not_turn_the_trend() -> None:
    found = trend([3.0, 2.5, 2.0, 9.0, 1.0, 0.5, 0.0])
    assert found is not None
    assert found.per_minute == pytest.approx(-1.0)


def test_voice_that_only_scatters_has_an_interval_around_zero() -> None:
    found = trend([0.4, -0.3, 0.5, -0.5, 0.3, -0.4, 0.4])
    assert found is not None
    assert found.interval is not None
    assert found.interval[0] < 0 < found.interval[1]


def test_unscorable_turns_have_no_part_in_it() -> None:
    found = trend([None, 2.0, None, 1.0, 0.0])
    assert found is not None
    assert (found.turns, found.first, found.last) == (3, 2.0, 0.0)


def test_four_turns_have_no_interval() -> None:
    found = trend([1.0, 1.0, 0.0, 0.0])
    assert found is not None
    assert found.interval is None


def test_two_turns_are_no_trend() -> None:
    assert trend([2.0, None, 0.0]) is None


def test_turns_without_times_are_no_trend() -> None:
    assert trend([2.0, 1.0, 0.0], timed=False) is None


def test_turns_at_one_time_are_no_trend() -> None:
    assert trend([2.0, 1.0, 0.0], apart=0.0) is None
