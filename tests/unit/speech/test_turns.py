"""Turns and backchannels, as the coding scheme defines them."""

from __future__ import annotations

import pytest

from callmon.call import Activity, Interval, Role, Segment, Turn, Word
from callmon.speech.turns import build_turns, is_backchannel_text, is_question

ROLES = {
    "left": Role(party="agent", confidence=0.9),
    "right": Role(party="customer", confidence=0.8),
}


def said(
    speaker: str, text: str, start: float | None = None, end: float | None = None
) -> Segment:
    return Segment(speaker=speaker, start=start, end=end, text=text)


def turns(*segments: Segment, activities: tuple[Activity, ...] = ()) -> tuple[Turn, ...]:
    return build_turns(segments, ROLES, activities)


def shown(found: tuple[Turn, ...]) -> list[tuple[str, str, bool]]:
    return [(turn.speaker, turn.text, turn.backchannel) for turn in found]


def test_segments_of_one_voice_are_one_turn_even_over_a_long_pause() -> None:
    found = turns(said("left", "Let me check.", 0, 1), said("left", "I see it.", 9, 10))
    assert shown(found) == [("left", "Let me check. I see it.", False)]
    assert (found[0].start, found[0].end) == (0, 10)


def test_the_other_voice_ends_a_turn() -> None:
    found = turns(
        said("left", "Good morning.", 0, 1), said("right", "My bill is wrong.", 2, 4)
    )
    assert [turn.party for turn in found] == ["agent", "customer"]
    assert [turn.party_confidence for turn in found] == [0.9, 0.8]


def test_a_backchannel_is_a_turn_of_its_own_and_ends_nothing() -> None:
    found = turns(
        said("right", "It broke in March", 0, 2),
        said("left", "Mm-hmm.", 2.1, 2.5),
        said("right", "and again in May.", 2.6, 5),
    )
    assert shown(found) == [
        ("right", "It broke in March and again in May.", False),
        ("left", "Mm-hmm.", True),
    ]
    assert [turn.index for turn in found] == [0, 1]


def test_a_backchannel_over_the_others_speech_is_one() -> None:
    found = turns(said("right", "It broke and broke.", 0, 6), said("left", "yeah", 3, 3.3))
    assert found[1].backchannel


def test_content_is_never_a_backchannel() -> None:
    found = turns(
        said("right", "It broke", 0, 2),
        said("left", "In March", 2.1, 2.5),
        said("right", "no in May", 2.6, 5),
    )
    assert len(found) == 3


def test_okay_that_begins_a_turn_belongs_to_it() -> None:
    found = turns(
        said("left", "It will come on Friday.", 0, 2),
        said("right", "Okay.", 2.5, 2.9),
        said("right", "And who pays?", 3.8, 5),
    )
    assert shown(found)[1] == ("right", "Okay. And who pays?", False)


def test_okay_at_the_end_of_the_call_is_a_turn() -> None:
    found = turns(
        said("left", "It will come on Friday.", 0, 2), said("right", "Okay.", 2.5, 3)
    )
    assert not found[1].backchannel


def test_yes_to_a_question_is_an_answer() -> None:
    found = turns(
        said("left", "Is that the blue one?", 0, 2),
        said("right", "Yes.", 2.5, 2.9),
        said("left", "Thank you.", 3.5, 4),
    )
    assert not any(turn.backchannel for turn in found)
    assert len(found) == 3


def test_yes_in_a_question_that_goes_on_at_once_is_a_backchannel() -> None:
    found = turns(
        said("left", "You know the blue one?", 0, 2),
        said("right", "Yeah.", 2.1, 2.4),
        said("left", "That one is sold out.", 2.5, 4),
    )
    assert found[1].backchannel


def test_without_times_the_order_decides() -> None:
    found = turns(
        said("right", "It broke in March"),
        said("left", "okay"),
        said("right", "and again in May"),
        said("left", "I am sorry"),
    )
    assert shown(found) == [
        ("right", "It broke in March and again in May", False),
        ("left", "okay", True),
        ("left", "I am sorry", False),
    ]
    assert found[0].start is None


@pytest.mark.parametrize(("length", "backchannel"), [(0.4, True), (2.0, False)])
def test_a_sound_without_words_is_a_backchannel_only_when_short(
    length: float, *, backchannel: bool
) -> None:
    found = turns(said("right", "It broke.", 0, 6), said("left", "", 3, 3 + length))
    assert found[1].backchannel is backchannel


def test_segments_are_put_in_order_of_time() -> None:
    found = turns(said("right", "Second.", 5, 6), said("left", "First.", 0, 1))
    assert [turn.text for turn in found] == ["First.", "Second."]


def test_a_speaker_without_a_role_is_unknown() -> None:
    assert turns(said("somebody", "Hello there.", 0, 1))[0].party == "unknown"


def test_overlap_is_measured_on_the_activity() -> None:
    left = Activity(speaker="left", channel=0, intervals=(Interval(start=0, end=5),))
    right = Activity(speaker="right", channel=1, intervals=(Interval(start=4, end=9),))
    found = turns(
        said("left", "Your number please", 0, 5),
        said("right", "It is four two", 4, 9),
        activities=(left, right),
    )
    assert [turn.overlap for turn in found] == [1.0, 1.0]


def test_overlap_counts_to_the_end_of_the_longest_segment() -> None:
    left = Activity(speaker="left", channel=0, intervals=(Interval(start=0, end=9),))
    right = Activity(speaker="right", channel=1, intervals=(Interval(start=6, end=8),))
    found = turns(
        said("left", "Your number please", 0, 9),
        said("left", "or your name", 2, 3),
        activities=(left, right),
    )
    assert [turn.overlap for turn in found] == [2.0]


def test_words_can_be_found_in_the_joined_text() -> None:
    words = (
        Word(text="Good", start=0.0, end=0.4, confidence=1.0),
        Word(text="morning.", start=0.5, end=1.0, confidence=1.0),
    )
    later = (Word(text="Hello.", start=2.0, end=2.5, confidence=1.0),)
    found = build_turns(
        [
            Segment(speaker="left", start=0, end=1, text="Good morning.", words=words),
            Segment(speaker="left", start=2, end=3, text="Hello.", words=later),
        ],
        ROLES,
        (),
    )
    assert found[0].locate(found[0].text.index("Hello"), len(found[0].text)) == (2.0, 2.5)


def test_confidence_is_weighted_by_length() -> None:
    found = build_turns(
        [
            Segment(speaker="left", start=0, end=1, text="a", confidence=0.0),
            Segment(speaker="left", start=1, end=2, text="bcd", confidence=1.0),
        ],
        ROLES,
        (),
    )
    assert found[0].confidence == pytest.approx(0.75)


def test_confidence_is_the_words_confidence_by_their_length() -> None:
    words = (
        Word(text="a", start=0.0, end=0.4, confidence=0.0),
        Word(text="bcd", start=0.5, end=1.0, confidence=1.0),
    )
    said_so = Segment(
        speaker="left", start=0, end=1, text="a bcd", words=words, confidence=0.1
    )
    (found,) = build_turns([said_so], ROLES, ())
    assert found.confidence == pytest.approx(0.75)


def test_a_recording_in_the_agents_channel_is_a_turn_of_its_own() -> None:
    recording = said("left", "Your call is important to us", 3, 6)
    found = turns(
        said("left", "Please hold", 0, 2),
        recording.model_copy(update={"party": "other"}),
        said("left", "Thanks for holding", 7, 9),
    )
    assert [(turn.party, turn.speaker) for turn in found] == [
        ("agent", "left"),
        ("other", "left"),
        ("agent", "left"),
    ]
    assert found[1].party_confidence == 1.0


def test_no_segments_give_no_turns() -> None:
    assert turns() == ()


@pytest.mark.parametrize(
    "text", ["Okay.", "mm-hmm", "Yeah, yeah, right.", "I see.", "Uh huh"]
)
def test_listening_signals(text: str) -> None:
    assert is_backchannel_text(text)


@pytest.mark.parametrize(
    "text", ["", "No.", "Thank you.", "Okay, okay, okay, okay", "I understand", "Right?"]
)
def test_what_is_no_listening_signal(text: str) -> None:
    assert not is_backchannel_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "Is it on?",
        "Fine. Is there anything else.",
        "and what is your name",
        "you have it?”",
    ],
)
def test_questions(text: str) -> None:
    assert is_question(text)


@pytest.mark.parametrize(
    "text", ["", "It is on.", "Is it on? Good.", "i will send it today"]
)
def test_no_questions(text: str) -> None:
    assert not is_question(text)
