"""What machines say is set apart from what people say, and nothing of theirs with it."""

from __future__ import annotations

import re

import pytest

from callmon.call import Activity, Interval, Party, Segment
from callmon.speech.roles.announcements import (
    is_of_person,
    is_sure,
    read_phrases,
    set_announcements_apart,
)

MENU = "For billing, press two."


def said(
    speaker: str, text: str, start: float | None = None, party: Party | None = None
) -> Segment:
    end = None if start is None else start + 2.0
    return Segment(speaker=speaker, start=start, end=end, text=text, party=party)


def speakers(*segments: Segment) -> list[str]:
    apart, _ = set_announcements_apart(segments)
    return [segment.speaker for segment in apart]


def test_a_menu_on_the_agents_channel_is_a_voice_of_its_own() -> None:
    assert speakers(
        said("left", MENU), said("left", "Hi, I'm Lee."), said("right", "Hi.")
    ) == [
        "left (announcement)",
        "left",
        "right",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Your call is important to us.",
        "your call will be answered in the order it was received",
        "The estimated wait time is 6 minutes.",
        "Please leave a message after the tone.",
        "The person you are trying to reach is not available.",
        "You've reached Lee, I can't come to the phone, please leave a message.",
        "Para español, oprima el dos.",
        "To repeat these options, press star.",
    ],
)
def test_machines_are_recognised(text: str) -> None:
    assert is_sure(text)


@pytest.mark.parametrize(
    "text",
    [
        "I've been told for an hour that your call is important to us.",
        "It says press one for billing and then nothing happens.",
        "When you call back, press two for billing.",
        "Please hold while I transfer you.",
        "I'll put you through to the next available agent.",
        "This call is recorded.",
        "Thank you for holding.",
        "We appreciate your patience, sir.",
        "My voicemail is full.",
        "",
    ],
)
def test_people_are_not_taken_for_machines(text: str) -> None:
    assert not is_sure(text)


def test_a_notice_beside_a_menu_belongs_to_it() -> None:
    notice = "This call may be recorded for quality."
    assert speakers(said("left", notice), said("left", MENU), said("left", "I'm Lee.")) == [
        "left (announcement)",
        "left (announcement)",
        "left",
    ]


def test_a_notice_alone_may_be_said_by_a_person() -> None:
    assert speakers(said("left", "This call may be recorded.")) == ["left"]


def test_items_between_two_of_a_menu_belong_to_it() -> None:
    found = speakers(
        said("left", MENU), said("left", "Lost or stolen cards."), said("left", MENU)
    )
    assert set(found) == {"left (announcement)"}


def test_a_person_between_two_announcements_stays_a_person() -> None:
    agent = said("left", "I'm putting you on hold.")
    found = speakers(said("left", MENU), agent, said("left", MENU), said("right", "Okay."))
    assert found[1] == "left"


def test_a_conversation_between_two_announcements_stays_one() -> None:
    talk = [
        said("left", "Which street?"),
        said("left", "Which town?"),
        said("left", "Good."),
    ]
    found = speakers(said("left", MENU), *talk, said("left", MENU))
    assert found[1:4] == ["left"] * 3


def test_a_voice_that_is_a_machine_but_for_a_remainder_is_one_as_a_whole() -> None:
    segments = [said("speaker 3", MENU)] * 4 + [said("speaker 3", "Acme.")]
    assert set(speakers(*segments)) == {"speaker 3 (announcement)"}


def test_labelled_segments_stay_as_they_are() -> None:
    assert speakers(said("Anna", MENU, party="agent")) == ["Anna"]


def test_the_time_of_announcements_leaves_the_voice() -> None:
    voice = Activity(
        speaker="left",
        channel=0,
        intervals=(Interval(start=0, end=2), Interval(start=5, end=9)),
    )
    other = Activity(speaker="right", channel=1, intervals=(Interval(start=3, end=4),))
    _, voices = set_announcements_apart(
        [said("left", MENU, 0.0), said("left", "I'm Lee.", 5.0)], (voice, other)
    )
    assert [(one.speaker, one.channel, one.intervals) for one in voices] == [
        ("left", 0, (Interval(start=5, end=9),)),
        ("left (announcement)", 0, (Interval(start=0, end=2),)),
        ("right", 1, (Interval(start=3, end=4),)),
    ]


def test_without_announcements_nothing_changes() -> None:
    segments = (said("left", "Hi, I'm Lee.", 0.0), said("right", "Hello.", 3.0))
    voices = (Activity(speaker="left", channel=0, intervals=()),)
    assert set_announcements_apart(segments, voices) == (segments, voices)


@pytest.mark.parametrize("kind", ["always", "sure", "likely", "person"])
def test_every_example_is_found_by_its_pattern(kind: str) -> None:
    for phrase in getattr(read_phrases(), kind):
        for example in phrase.examples:
            plain = " ".join(re.findall(r"\w+", example.replace("'", "")))
            assert re.search(rf"\b(?:{phrase.pattern})\b", plain), example


def test_no_example_of_a_machine_has_a_person_in_it() -> None:
    phrases = read_phrases()
    examples = [e for p in (*phrases.sure, *phrases.likely) for e in p.examples]
    assert [example for example in examples if is_of_person(example)] == []
