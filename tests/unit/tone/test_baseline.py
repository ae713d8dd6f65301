from __future__ import annotations

import math
from dataclasses import replace

import pytest

from callmon.tone.baseline import (
    SCALES,
    WIDEST_SPREAD,
    compare,
    enough_speech,
    ordinary_voice,
)
from callmon.tone.prosody import Prosody

CALM = Prosody(
    pitch=3.0,
    pitch_range=6.0,
    loudness=-25.0,
    balance=-6.0,
    rate=4.0,
    pause_share=0.0,
    longest_pause=0.0,
    seconds=3.0,
    voiced_seconds=1.5,
    snr=40.0,
    clipped=0.0,
)
UPSET = replace(CALM, pitch=8.0, loudness=-18.0, balance=0.0, rate=5.5)


def unsure(turns: int) -> float:
    """By how much a further turn scatters more when the middle is of so many."""
    return math.sqrt(1 + math.pi / 2 / turns)


def test_half_of_the_turns_upset_leaves_the_calm_half_ordinary() -> None:
    ordinary = ordinary_voice([CALM, UPSET] * 3)
    assert ordinary["pitch"].value == CALM.pitch
    assert ordinary["loudness"].value == CALM.loudness


def test_one_odd_turn_does_not_move_the_ordinary_voice() -> None:
    odd = replace(CALM, pitch=-9.0)
    assert ordinary_voice([CALM] * 6 + [odd])["pitch"].value == CALM.pitch


def test_equal_turns_have_the_least_spread_not_none() -> None:
    ordinary = ordinary_voice([CALM] * 5)
    assert {name: usual.spread for name, usual in ordinary.items()} == pytest.approx(
        {name: scale.least_spread * unsure(5) for name, scale in SCALES.items()}
    )


def test_fewer_turns_make_the_same_step_a_smaller_distance() -> None:
    few = compare(UPSET, ordinary_voice([CALM] * 3))["pitch"]
    many = compare(UPSET, ordinary_voice([CALM] * 30))["pitch"]
    assert few.value == many.value
    assert few.distance == pytest.approx(many.distance * unsure(30) / unsure(3))


def test_a_single_very_low_turn_of_three_cannot_make_the_spread_huge() -> None:
    low = replace(CALM, pitch=CALM.pitch - 12)
    spread = ordinary_voice([low, CALM, UPSET])["pitch"].spread
    widest = WIDEST_SPREAD * SCALES["pitch"].least_spread
    assert spread == pytest.approx(widest * unsure(3))


def test_spread_is_taken_from_the_calm_side_only() -> None:
    wild = [replace(UPSET, pitch=pitch) for pitch in (10.0, 15.0, 20.0)]
    spread = ordinary_voice([CALM] * 4 + wild)["pitch"].spread
    assert spread == pytest.approx(SCALES["pitch"].least_spread * unsure(4))


@pytest.mark.parametrize(
    ("turns", "seconds", "enough"),
    [(3, 3.0, True), (2, 10.0, False), (3, 2.5, False), (8, 1.0, True)],
)
def test_ordinary_voice_needs_three_turns_and_eight_seconds(
    turns: int, seconds: float, enough: bool
) -> None:
    assert enough_speech([replace(CALM, seconds=seconds)] * turns) is enough


def test_pitch_and_loudness_are_shown_as_difference_from_this_caller() -> None:
    measures = compare(UPSET, ordinary_voice([CALM] * 4))
    assert (measures["pitch"].value, measures["pitch"].unit) == (5.0, "semitones")
    assert (measures["loudness"].value, measures["loudness"].baseline) == (7.0, 0.0)


def test_rate_is_shown_in_syllables_beside_the_ordinary_rate() -> None:
    rate = compare(UPSET, ordinary_voice([CALM] * 4))["rate"]
    assert (rate.value, rate.baseline) == (5.5, 4.0)
    assert rate.distance == pytest.approx(1.5 / SCALES["rate"].least_spread / unsure(4))


def test_line_gain_divides_out() -> None:
    def over_line(turn: Prosody) -> Prosody:
        return replace(turn, loudness=turn.loudness + 11.0)

    calm = [CALM, replace(CALM, loudness=-27.0), CALM, UPSET]
    near = compare(UPSET, ordinary_voice(calm))
    far = compare(over_line(UPSET), ordinary_voice([over_line(turn) for turn in calm]))
    assert near == far


def test_calm_call_has_its_own_middle_as_ordinary() -> None:
    calm = [replace(CALM, pitch=pitch) for pitch in (2.0, 2.5, 3.0, 3.5, 4.0)]
    assert ordinary_voice(calm)["pitch"].value == 3.0


def test_just_raised_turns_have_a_say_far_raised_ones_have_none() -> None:
    just = replace(CALM, pitch=CALM.pitch + 2)
    ordinary = ordinary_voice([CALM, CALM, just, just, just, UPSET, UPSET])
    assert ordinary["pitch"].value == just.pitch
    assert ordinary["loudness"].value == CALM.loudness


def test_no_turns_have_no_ordinary_voice() -> None:
    with pytest.raises(ValueError, match="at least one"):
        ordinary_voice([])
