from __future__ import annotations

import pytest

from callmon.call import Commitment, Turn
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
