from __future__ import annotations

import pytest

from callmon.empathy.rubric import Rubric
from callmon.empathy.sentences import sentences
from callmon.empathy.undertakings import certain_level, deadline, undertakings


def when(text: str, rubric: Rubric) -> str | None:
    return deadline(sentences(text), rubric)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("By Friday I'll have it sorted.", "By Friday"),
        ("Tomorrow morning we'll ring you.", "Tomorrow morning"),
        ("Within two days you'll get a letter from us.", "Within two days"),
        ("Okay, so tomorrow I'll ring you.", "tomorrow"),
        ("and by three i will call you", "by three"),
    ],
)
def test_a_deadline_may_open_the_clause(text: str, said: str, rubric: Rubric) -> None:
    assert when(text, rubric) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I'll send the form, the label and the receipt by Friday.", "by Friday"),
        ("I'll send a new one, free of charge, on Friday.", "on Friday"),
        ("I'll credit it so that you have it by Friday.", "by Friday"),
        ("I'll send a new one, it'll be with you tomorrow.", "tomorrow"),
        ("I'll get it refunded today.", "today"),
        ("I'll make sure you have it on Monday.", "on Monday"),
        ("I'll send it today, Thursday is a holiday here.", "today"),
        ("I'll cancel it right now, okay?", "right now"),
        ("I'll do it now and send the receipt.", "now"),
        ("I'll be there on Friday, in the morning.", "on Friday, in the morning"),
        ("i will refund the fee today i will look into the other charge", "today"),
    ],
)
def test_a_deadline_stands_in_the_clause_of_the_undertaking(
    text: str, said: str, rubric: Rubric
) -> None:
    assert when(text, rubric) == said


@pytest.mark.parametrize(
    "text",
    [
        # before it
        "You've waited for three weeks, so I'll escalate it.",
        "It should have come on Monday, so I'll send a new one.",
        "it should have come on monday so i will send a new one",
        "I've been waiting for it since Monday, let me refund it.",
        "You called today and nobody rang back, so I'll ring you myself.",
        "Now, I'll send a technician.",
        "okay now i will send a technician",
        # after it
        "I'll send the form, anything else today?",
        "i will send the form anything else today",
        "I'll send the form, thanks for calling today.",
        "I'll refund it, because it came on Monday.",
        "I'll refund it, and the office is closed today.",
        "I'll leave it as it is for now.",
    ],
)
def test_a_time_in_another_clause_is_no_deadline(text: str, rubric: Rubric) -> None:
    assert when(text, rubric) is None


@pytest.mark.parametrize(
    "text",
    [
        "I'll find out what happened on Monday.",
        "I'll refund the charge that came out on Friday.",
        "I'll chase the parcel you ordered on Monday.",
        "I'll chase the one that should have come by Friday.",
        "I'll cancel today's delivery.",
        "I'll refund Monday's charge.",
        "I'll extend it until Friday.",
        "I'll keep it open for two weeks.",
        "I'll refund the charge from last Monday.",
        "I'll send it if you pay by Friday.",
        "I'll take off the interest, by 20 percent.",
    ],
)
def test_a_time_that_tells_of_something_else_is_no_deadline(
    text: str, rubric: Rubric
) -> None:
    assert when(text, rubric) is None


@pytest.mark.parametrize(
    "said",
    [
        "within the hour",
        "in the next hour",
        "in the morning",
        "first thing in the morning",
        "in an hour and a half",
        "in a day or two",
        "tonight at eight",
        "by 8 p.m",
        "by eight pm",
        "at 4 p.m. tomorrow",
        "at four p m tomorrow",
        "at half past three",
        "tomorrow between nine and eleven",
        "tomorrow between eight and noon",
        "the day after tomorrow",
        "right after this call",
        "next Tuesday at three",
    ],
)
def test_these_are_deadlines(said: str, rubric: Rubric) -> None:
    assert when(f"I'll call you {said}.", rubric) == said


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("I'll refund the fee today and I'll look into the rest.", [False, True]),
        ("I'll look into it and call you back by Friday.", [True, False]),
        ("I'll look into it and see why.", [True, True]),
        ("I'll refund the fee and call you.", [False, False]),
        ("I can escalate it if you like.", [True]),
        ("It goes out from here.", [False]),
    ],
)
def test_each_undertaking_is_judged_by_itself(
    text: str, levels: list[bool], rubric: Rubric
) -> None:
    (sentence,) = sentences(text)
    assert [u.vague for u in undertakings(sentence, rubric)] == levels


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("I'll get back to you by Friday with the result.", "concrete"),
        ("We'll be in touch within two days.", "concrete"),
        ("I'll look into it and I'll refund the fee.", "concrete"),
        ("I'll look into it and ring you tomorrow.", "concrete"),
        ("i will see what i can do and i will ring you by friday", "concrete"),
        ("I'll refund the fee, would you like me to send a voucher?", "concrete"),
        ("I'll look into it today.", "vague"),
        ("I'll keep an eye on it until Friday.", "vague"),
        ("I'll try to get it done today.", "vague"),
        ("I'll get back to you with the result.", "vague"),
        ("I'll look into it and let you know.", "vague"),
        ("I'll see what I can do, and you ordered it today.", "vague"),
        ("I can send it today if you like.", "vague"),
        ("I'll refund the fee today.", None),
        ("It goes out from here.", None),
    ],
)
def test_vague_words_win_only_where_nothing_firm_stands_beside_them(
    text: str, level: str | None, rubric: Rubric
) -> None:
    (sentence,) = sentences(text)
    assert certain_level(sentence, rubric) == level


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I'll refund the fee and I'll look into the other charge today.", None),
        ("I'll look into the other charge today and I'll refund the fee.", None),
        ("I'll refund it today, and I'll look into the rest by Friday.", "today"),
        ("I'll look into it today and call you back tomorrow.", "tomorrow"),
    ],
)
def test_the_deadline_is_that_of_what_is_firm(
    text: str, said: str | None, rubric: Rubric
) -> None:
    assert when(text, rubric) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I'll send it. You will have it on Friday.", "on Friday"),
        ("I'll refund it. It takes three to five days.", "takes three to five days"),
        ("I'll refund it. I will do it today.", "today"),
        ("I'll send it. I'll call you tomorrow.", None),
        ("I'll send it. Thursday is a holiday.", None),
        ("I'll send it. Thanks for calling today.", None),
    ],
)
def test_the_next_sentence_counts_where_it_goes_on_about_it(
    text: str, said: str | None, rubric: Rubric
) -> None:
    assert when(text, rubric) == said
