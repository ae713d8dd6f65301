from __future__ import annotations

from datetime import datetime

import pytest

from callmon.call import Behaviour, Commitment, Turn
from callmon.empathy.commitments import find_commitments
from callmon.empathy.responses import find_behaviours
from callmon.empathy.rubric import Rubric


def commitments(turns: tuple[Turn, ...], rubric: Rubric) -> tuple[Commitment, ...]:
    return find_commitments(turns, find_behaviours(turns, rubric), rubric)


@pytest.mark.parametrize(
    ("text", "action", "deadline", "level"),
    [
        ("I will refund the fee by Friday.", "refund the fee", "by Friday", "timed"),
        ("We'll send it within 48 hours.", "send it", "within 48 hours", "timed"),
        ("I'll call you tomorrow morning.", "call you", "tomorrow morning", "timed"),
        ("I'll cancel the order right now.", "cancel the order", "right now", "timed"),
        ("I'll send a new one.", "send a new one", None, "concrete"),
        ("We'll look into it.", "look into it", None, "vague"),
        ("I'll call you at three.", "call you", "at three", "timed"),
        ("I'll send it by the fifth of May.", "send it", "by the fifth of May", "timed"),
        ("I'll refund the fee on the fifth.", "refund the fee", "on the fifth", "timed"),
        (
            "I'll send it to the flat at 12 Park Road.",
            "send it to the flat at 12 Park Road",
            None,
            "concrete",
        ),
        (
            "I'll put a refund on the second charge.",
            "put a refund on the second charge",
            None,
            "concrete",
        ),
        (
            "I'll send it by second class post.",
            "send it by second class post",
            None,
            "concrete",
        ),
        ("i will refund the fee by friday", "refund the fee", "by friday", "timed"),
        ("You've waited for weeks, so I'll ring them.", "ring them", None, "concrete"),
        ("I'll see what I can do, and ring you today.", "ring you", "today", "timed"),
        ("I'll get back to you by Friday.", "get back to you", "by Friday", "timed"),
        ("I'll look into it today.", "look into it", "today", "vague"),
    ],
)
def test_action_deadline_and_level_are_as_said(
    conversation, rubric, text: str, action: str, deadline: str | None, level: str
) -> None:
    (found,) = commitments(conversation(("agent", text)), rubric)
    assert (found.action, found.deadline, found.level) == (action, deadline, level)


def test_the_next_sentence_may_tell_the_day(conversation, rubric) -> None:
    turns = conversation(("agent", "I'll send a new one. You will have it on Friday."))
    assert commitments(turns, rubric)[0].deadline == "on Friday"


def test_a_day_of_something_else_is_no_deadline(conversation, rubric) -> None:
    turns = conversation(("agent", "I'll send a new one. Thursday is a holiday here."))
    assert commitments(turns, rubric)[0].level == "concrete"


STARTED = datetime.fromisoformat("2026-11-18T14:30")


def test_a_deadline_is_a_date_when_the_start_of_the_call_is_known(
    conversation, rubric
) -> None:
    turns = conversation(("agent", "I'll refund the fee by Friday."))
    behaviours = find_behaviours(turns, rubric)
    (dated,) = find_commitments(turns, behaviours, rubric, started=STARTED)
    (undated,) = find_commitments(turns, behaviours, rubric)
    assert (dated.due, undated.due) == ("2026-11-20", None)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("I'll refund the fee.", "agent"),
        ("Let me get that refunded for you.", "agent"),
        ("We'll send a new one.", "company"),
        ("A technician will call you tomorrow.", "company"),
        ("You'll receive a confirmation email today.", "company"),
        ("I will arrange for someone to call you.", "agent"),
    ],
)
def test_who_will_do_it(conversation, rubric, text: str, who: str) -> None:
    (found,) = commitments(conversation(("agent", text)), rubric)
    assert found.who == who


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("That is frustrating, so I'll refund the fee.", "refund the fee"),
        ("What I'm going to do is reorder the part.", "reorder the part"),
        ("By Friday I will refund the fee.", "refund the fee"),
    ],
)
def test_the_action_begins_after_who_undertakes_it(
    conversation, rubric, text: str, action: str
) -> None:
    (found,) = commitments(conversation(("agent", text)), rubric)
    assert found.action == action


def test_two_sentences_about_one_action_are_one_promise_as_most_exactly_said(
    conversation, rubric
) -> None:
    turns = conversation(
        ("agent", "I'll send a replacement out."),
        ("customer", "When will I get it?"),
        (
            "agent",
            "We'll send the replacement within 48 hours. I will email you the label.",
        ),
    )
    found = commitments(turns, rubric)
    assert [(c.turn, c.action, c.level) for c in found] == [
        (2, "send the replacement", "timed"),
        (2, "email you the label", "concrete"),
    ]


@pytest.mark.parametrize(
    ("later", "is_open"),
    [
        ("I've refunded the fee now.", False),
        ("Okay, that's all done for you.", False),
        ("I've cancelled the order.", True),
        ("Is there anything else?", True),
    ],
)
def test_a_promise_is_open_until_it_is_said_to_be_done(
    conversation, rubric, later: str, is_open: bool
) -> None:
    turns = conversation(
        ("agent", "I'll refund the fee."), ("customer", "Thanks."), ("agent", later)
    )
    assert commitments(turns, rubric)[0].open is is_open


def test_what_was_done_before_closes_no_promise(conversation, rubric) -> None:
    turns = conversation(
        ("agent", "I've refunded the first fee."),
        ("customer", "And the second one?"),
        ("agent", "I'll refund the second fee as well."),
    )
    assert [c.open for c in commitments(turns, rubric)] == [True]


@pytest.mark.parametrize("heard", ["second agent", "recording", "nobody"])
def test_a_hand_over_is_kept_when_another_voice_comes(
    conversation, rubric, heard: str
) -> None:
    turns = conversation(
        ("agent", "Let me put you through to the billing team."),
        ("other" if heard == "recording" else "agent", "Hello, billing, how can I help?"),
    )
    if heard == "second agent":
        turns = (turns[0], turns[1].model_copy(update={"speaker": "speaker 3"}))
    (through,) = commitments(turns, rubric)
    assert (through.level, through.open) == ("concrete", heard == "nobody")


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("I can escalate it if you like.", "model 0.71"),
        ("I'll see what I can do.", "model 0.71 + commit.vague"),
    ],
)
def test_certain_words_are_vague_whatever_the_model_makes_of_them(
    conversation, rubric, text: str, source: str
) -> None:
    turns = conversation(("agent", text))
    said = [
        b.model_copy(update={"level": "timed", "source": source})
        for b in find_behaviours(turns, rubric)
    ]
    (promise,) = find_commitments(turns, said, rubric)
    assert promise.level == "vague"


@pytest.mark.parametrize(
    ("text", "level", "is_open"),
    [
        ("Let me pull up the order.", "concrete", False),
        ("We'll look into it.", "vague", True),
        ("One moment, I will check the line for you.", "vague", False),
        ("I will see what I can do for you.", "vague", True),
    ],
)
def test_what_is_looked_up_on_the_line_is_kept_when_the_agent_goes_on(
    conversation, rubric, text: str, level: str, is_open: bool
) -> None:
    turns = conversation(("agent", text), ("customer", "Sure."), ("agent", "Here it is."))
    said = Behaviour(
        turn=0,
        behaviour="commitment",
        level=level,
        confidence=0.9,
        quote=text.rstrip("."),
        start=0.0,
        end=2.0,
        source="model 0.80",
    )
    (promise,) = find_commitments(turns, [said], rubric)
    assert promise.open is is_open
