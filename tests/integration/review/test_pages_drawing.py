"""What pages draw and cut up, from values made by hand."""

from __future__ import annotations

from datetime import date

import pytest

from callmon.call import Analysis, Tone, Word
from callmon.report import moments
from callmon.review.pages import chart, timeline
from callmon.review.pages.chart import Point
from callmon.review.pages.transcript import lines
from tests.integration.review.made import make_analysis, make_turn
from tests.unit.report import sample


def test_every_word_has_its_second_and_the_text_stays_as_it_is() -> None:
    (first, *_) = lines(make_analysis(), first=0, last=80)

    assert "".join(piece.text for piece in first.pieces) == first.turn.text
    assert [piece.start for piece in first.pieces if piece.text == "calling,"] == [2.88]


def test_words_that_are_not_in_the_text_lose_nothing_of_it() -> None:
    turn = make_turn(0, "agent", "How are you?")
    strange = Word(text="elsewhere", start=1.0, end=2.0, confidence=0.5)
    analysis = make_analysis().model_copy(
        update={"turns": (turn.model_copy(update={"words": (strange, *turn.words)}),)}
    )
    (line,) = lines(analysis, first=0, last=1)

    assert "".join(piece.text for piece in line.pieces) == "How are you?"


def test_words_that_carry_a_judgement_are_marked() -> None:
    line = lines(make_analysis(), first=1, last=2)[0]
    marked = "".join(piece.text for piece in line.pieces if piece.marked)

    assert marked == "the third time"


def test_only_the_customer_has_a_tone() -> None:
    tones = tuple(
        Tone(
            turn=turn,
            arousal=2.0,
            label="raised",
            confidence=0.8,
            measures={},
            unscorable=None,
        )
        for turn in (0, 1)
    )
    analysis = make_analysis(tones=tones)
    picture = timeline.draw(analysis, (), (), duration=60.0)

    assert [line.tone is not None for line in lines(analysis, first=0, last=2)] == [
        False,
        True,
    ]
    assert picture is not None
    assert picture.tone is not None
    assert len(picture.tone.stretches) == 1


def test_the_lanes_are_those_of_the_channels() -> None:
    picture = timeline.draw(make_analysis(), (), (), duration=60.0)
    assert picture is not None
    agent, customer = picture.sound["lanes"]

    assert (agent["party"], agent["channel"], agent["shared"]) == ("agent", 0, False)
    assert (customer["party"], customer["channel"]) == ("customer", 1)


def test_voices_on_one_channel_are_told_apart_by_when_they_speak() -> None:
    analysis = make_analysis()
    turns = tuple(
        turn.model_copy(update={"speaker": f"speaker {1 + turn.index % 2}"})
        for turn in analysis.turns
    )
    mono = analysis.model_copy(update={"turns": turns})
    picture = timeline.draw(mono, (), (), duration=60.0)
    assert picture is not None
    agent, customer = picture.sound["lanes"]

    assert agent["shared"]
    assert agent["speaks"] == [[1.0, 6.0], [13.0, 18.0], [25.0, 30.0]]
    assert customer["speaks"] == [[7.0, 12.0], [19.0, 24.0], [31.0, 36.0]]


def unknown(*speakers: str) -> Analysis:
    """A call of voices of whom nobody knows who they are."""
    analysis = make_analysis()
    turns = tuple(
        turn.model_copy(update={"party": "unknown", "speaker": speaker})
        for turn, speaker in zip(analysis.turns, speakers, strict=False)
    )
    return analysis.model_copy(update={"turns": turns})


def test_voices_of_whom_nobody_knows_who_they_are_have_their_lanes_and_names() -> None:
    analysis = unknown("right", "left", "right")
    picture = timeline.draw(analysis, (), (), duration=60.0)
    assert picture is not None
    left, right = picture.sound["lanes"]

    assert (left["name"], left["channel"]) == ("Left voice", 0)
    assert (right["name"], right["channel"]) == ("Right voice", 1)
    assert right["speaks"] == [[1.0, 6.0], [13.0, 18.0]]
    assert picture.is_separate
    assert [line.by for line in lines(analysis, first=0, last=3)] == [
        "Right voice",
        "Left voice",
        "Right voice",
    ]


def test_of_many_unknown_voices_the_two_that_say_most_have_a_lane() -> None:
    analysis = unknown(*(f"speaker {n}" for n in (3, 1, 3, 2, 1)))
    picture = timeline.draw(analysis, (), (), duration=60.0)
    assert picture is not None
    names = [lane["name"] for lane in picture.sound["lanes"]]
    assert names == ["Speaker 1", "Speaker 3"]
    assert not picture.is_separate


def test_a_call_in_which_nobody_speaks_has_a_lane_all_the_same() -> None:
    picture = timeline.draw(unknown(), (), (), duration=60.0)
    assert picture is not None
    assert [lane["speaks"] for lane in picture.sound["lanes"]] == [[]]


def test_a_talk_without_times_has_no_picture() -> None:
    chat = sample.chat()
    assert timeline.draw(chat, moments.moments(chat), (), duration=None) is None


def test_a_chart_has_its_weeks_from_left_to_right_and_the_whole_at_the_top() -> None:
    drawn = chart.draw(
        [
            Point(date(2026, 11, 2), 0.0, (0.0, 0.2)),
            Point(date(2026, 11, 9), 1.0, (0.8, 1.0)),
            Point(date(2026, 11, 30), 0.5, None),
        ]
    )
    assert drawn is not None

    assert [mark.x for mark in drawn.marks] == [9.0, 31.25, 98.0]
    assert [mark.y for mark in drawn.marks] == [144.0, 26.0, 85.0]
    assert drawn.marks[0].label == "2 Nov: 0 % (0 % to 20 %)"
    assert (
        drawn.band == "M9.0 120.4 L31.25 26.0 L98.0 85.0 L98.0 85.0 L31.25 49.6 L9.0 144.0Z"
    )


def test_a_point_is_met_from_halfway_to_the_one_beside_it() -> None:
    drawn = chart.draw([Point(date(2026, 11, day), 0.5, None) for day in (2, 9, 16)])
    assert drawn is not None

    assert [(mark.left, mark.width) for mark in drawn.marks] == [
        (0.0, 31.25),
        (31.25, 44.5),
        (75.75, 24.25),
    ]
    assert [mark.anchor for mark in drawn.marks] == ["start", "middle", "end"]


@pytest.mark.parametrize("number", [0, 1])
def test_one_week_is_no_trend(number: int) -> None:
    assert chart.draw([Point(date(2026, 11, 2), 0.5, None)] * number) is None
