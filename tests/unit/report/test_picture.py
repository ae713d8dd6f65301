"""The geometry of the picture of a call."""

from __future__ import annotations

from itertools import pairwise

import pytest

from callmon.report import axis, moments, picture
from tests.unit.report import sample


def draw(call=None) -> picture.Picture | None:  # type: ignore[no-untyped-def]
    call = call or sample.analysis()
    known = moments.moments(call)
    return picture.draw(call, known, moments.findings(call, known))


@pytest.fixture(scope="module")
def drawn() -> picture.Picture:
    found = draw()
    assert found is not None
    return found


def test_a_second_lies_at_its_share_of_the_axis() -> None:
    time = axis.Axis(duration=90.0, span=900.0)

    assert time.x(0.0) == axis.GUTTER
    assert time.x(45.0) == axis.GUTTER + 450.0
    assert time.x(500.0) == axis.GUTTER + 900.0


def test_lanes_are_agent_and_customer_and_who_else_speaks(drawn: picture.Picture) -> None:
    assert [lane.party for lane in drawn.lanes] == ["agent", "customer", "other"]


def test_speakers_of_unknown_role_alone_get_no_empty_lanes_beside_them() -> None:
    call = sample.calm()
    unknown = tuple(turn.model_copy(update={"party": "unknown"}) for turn in call.turns)
    found = draw(call.model_copy(update={"turns": unknown}))

    assert found is not None
    assert [lane.party for lane in found.lanes] == ["unknown"]


def test_overlap_is_drawn_only_where_two_voices_were_heard(drawn: picture.Picture) -> None:
    assert [(o.start, o.end) for o in drawn.overlaps] == [(28.3, 29.5)]


def test_silence_of_the_call_is_drawn_with_its_length(drawn: picture.Picture) -> None:
    assert [s.label for s in drawn.silences] == ["Silence of 13 s"]


def test_hold_and_what_was_cut_out_are_drawn_and_told() -> None:
    call = sample.with_hold()
    found = draw(call)

    assert found is not None
    assert [(b.start, b.end, b.label) for b in found.holds] == [
        (34.9, 47.5, "On hold for 13 s")
    ]
    assert [(b.start, b.end, b.label) for b in found.redacted] == [
        (80.0, 84.0, "Cut out for 4.0 s")
    ]
    assert "on hold for 13 s" in found.description


def test_a_turn_that_lasts_over_a_silence_is_drawn_in_two_pieces() -> None:
    call = sample.calm()
    long = call.turns[6].model_copy(update={"end": 55.0})
    found = draw(call.model_copy(update={"turns": (long,)}))

    assert found is not None
    assert [(b.start, b.end) for b in found.lanes[1].blocks] == [(32.6, 34.9), (47.5, 55.0)]


def test_an_unscorable_turn_interrupts_the_tone_curve(drawn: picture.Picture) -> None:
    assert drawn.tone is not None
    assert [curve.count("L") + 1 for curve in drawn.tone.curves] == [3, 4]
    assert [gap.turn for gap in drawn.tone.gaps] == [6]
    assert "Too little speech" in drawn.tone.gaps[0].label


def test_a_more_aroused_voice_lies_higher_and_ordinary_lies_in_the_band(
    drawn: picture.Picture,
) -> None:
    assert drawn.tone is not None
    height = {point.turn: point.y for point in drawn.tone.points}
    band = drawn.tone.ordinary_top, drawn.tone.ordinary_top + drawn.tone.ordinary_height

    assert height[4] < height[1] < band[0]
    assert band[0] < height[3] < band[1]
    assert height[15] > band[1]


def test_a_tone_of_the_agent_is_never_drawn() -> None:
    forged = sample.analysis().model_copy(
        update={"tones": (sample.tone(2, 3.1, "strongly_raised"),)}
    )
    found = draw(forged)

    assert found is not None
    assert found.tone is None


def test_marks_close_together_get_rows_of_their_own() -> None:
    call = sample.analysis()
    crowd = tuple(
        call.findings[0].model_copy(update={"id": f"f{n}", "start": 10.0 + n / 10})
        for n in range(3)
    )
    found = draw(call.model_copy(update={"findings": crowd}))

    assert found is not None
    assert len({mark.y for mark in found.findings}) == 3


@pytest.mark.parametrize("duration", [0.4, 9.0, 245.4, 3600.0, 14_400.0, 1e6])
def test_the_axis_has_readable_ticks_at_any_length(duration: float) -> None:
    time = axis.Axis(
        duration=duration,
        span=min(max(axis.PLAIN_WIDTH, duration * axis.LEAST_SCALE), axis.GREATEST_WIDTH),
    )
    ticks = time.ticks()

    assert 1 <= len(ticks) <= axis.GREATEST_WIDTH / axis.LEAST_TICK + 1
    apart = [b.x - a.x for a, b in pairwise(ticks)]
    assert all(gap >= axis.LEAST_TICK - 1 for gap in apart)


def test_without_any_time_there_is_no_picture() -> None:
    assert draw(sample.chat()) is None


def test_a_transcript_with_times_is_drawn_without_sound() -> None:
    call = sample.calm()
    bare = call.recording.model_copy(update={"duration": None, "channels": None})
    found = draw(call.model_copy(update={"recording": bare, "dynamics": None, "tones": ()}))

    assert found is not None
    assert found.duration == 89.0
    assert found.tone is None
