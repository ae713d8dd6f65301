"""Where the customer waits: announced by the agent, until the agent is back."""

from __future__ import annotations

import pytest

from callmon.call import Interval, Turn, Word
from callmon.speech.hold import Announcement, find_hold, is_announcement, read_wording

Spans = tuple[tuple[float, float], ...]
LONG = "and now I can tell you what happened with the order that you placed last month"


def agent(text: str, start: float, end: float, *, timed: bool = True) -> Turn:
    """A turn with its words spread evenly over it, or without times of words."""
    texts = text.split()
    step = (end - start) / max(len(texts), 1)
    words = tuple(
        Word(text=word, start=start + i * step, end=start + (i + 1) * step, confidence=1)
        for i, word in enumerate(texts)
    )
    return Turn(
        index=0,
        party="agent",
        party_confidence=1.0,
        start=start,
        end=end,
        text=text,
        words=words if timed else (),
        speaker="left",
    )


def joined(*turns: Turn) -> Turn:
    """One turn over all of them, as when the other says nothing in between."""
    return turns[0].model_copy(
        update={
            "end": turns[-1].end,
            "text": " ".join(turn.text for turn in turns),
            "words": tuple(word for turn in turns for word in turn.words),
        }
    )


def spans(*pairs: tuple[float, float]) -> tuple[Interval, ...]:
    return tuple(Interval(start=start, end=end) for start, end in pairs)


def held(
    *turns: Turn,
    left: Spans,
    right: Spans = (),
    other: Spans = (),
    redacted: Spans = (),
    seconds: float = 60.0,
) -> list[tuple[float, float]]:
    found = find_hold(
        turns,
        agent=spans(*left),
        customer=spans(*right),
        other=spans(*other),
        redacted=spans(*redacted),
        duration=seconds,
    )
    return [(hold.start, hold.end) for hold in found]


ASKED = agent("Let me put you on hold while I check.", 0, 4)
BACK = agent("Thank you for holding.", 40, 60)


def test_the_customer_waits_from_the_announcement_until_the_agent_is_back() -> None:
    assert held(ASKED, BACK, left=((0, 4), (40, 60))) == [(4, 40)]


def test_a_silence_that_nobody_announced_is_no_hold() -> None:
    asked = agent("Your order was sent on Monday.", 0, 4)
    assert held(asked, BACK, left=((0, 4), (40, 60))) == []


def test_the_hold_begins_after_the_customers_assent() -> None:
    assert held(ASKED, BACK, left=((0, 4), (40, 60)), right=((4.4, 5),)) == [(5, 40)]


def test_one_turn_that_goes_on_after_the_wait_announces_it_too() -> None:
    turn = joined(ASKED, BACK)
    assert held(turn, left=((0, 4), (40, 60))) == [(4, 40)]


def test_what_is_announced_after_a_silence_does_not_excuse_it() -> None:
    turn = joined(agent("I see.", 0, 4), agent("Bear with me a moment.", 40, 60))
    assert held(turn, left=((0, 4), (40, 60))) == []


def test_a_word_dated_back_into_the_silence_is_not_said_before_it() -> None:
    word = Word(text="Bear with me.", start=4.5, end=41, confidence=1)
    turn = agent("I see.", 0, 4)
    turn = turn.model_copy(update={"words": (*turn.words, word), "end": 60})
    assert held(turn, left=((0, 4), (40, 60))) == []


def test_what_was_announced_long_ago_excuses_nothing() -> None:
    turn = agent(f"Let me check. Here it is, {LONG}, {LONG}.", 0, 30)
    assert held(turn, agent("So.", 50, 60), left=((0, 30), (50, 60))) == []


def test_an_announcement_is_good_for_one_hold() -> None:
    found = held(
        ASKED,
        agent("I have it here.", 40, 42),
        agent("So.", 58, 60),
        left=((0, 4), (40, 42), (58, 60)),
    )
    assert found == [(4, 40)]


def test_a_short_wait_is_a_pause() -> None:
    assert held(ASKED, agent("So.", 8.9, 12), left=((0, 4), (8.9, 12)), seconds=12) == []


def test_a_murmur_of_the_agent_does_not_end_the_hold() -> None:
    murmur = agent("Hm.", 20, 20.5)
    found = held(ASKED, murmur, BACK, left=((0, 4), (20, 20.5), (40, 60)))
    assert found == [(4, 40)]


def test_sound_without_words_in_the_agents_channel_does_not_end_the_hold() -> None:
    assert held(ASKED, BACK, left=((0, 4), (10, 30), (40, 60))) == [(4, 40)]


def test_a_remark_of_the_customer_stays_in_the_hold() -> None:
    assert held(ASKED, BACK, left=((0, 4), (40, 60)), right=((20, 21),)) == [(4, 40)]


def test_who_tells_a_story_is_not_waiting() -> None:
    found = held(ASKED, BACK, left=((0, 4), (40, 60)), right=((7, 30),))
    assert found == [(30, 40)]


def test_a_call_that_ends_on_hold_is_held_to_its_end() -> None:
    assert held(ASKED, left=((0, 4),)) == [(4, 60)]


def test_silence_after_the_goodbye_is_no_hold() -> None:
    last = agent("I'll check that and write to you. Goodbye.", 0, 4)
    assert held(last, left=((0, 4),)) == []


def test_a_recording_that_plays_is_a_hold_without_an_announcement() -> None:
    asked = agent("Your order was sent on Monday.", 0, 4)
    assert held(asked, BACK, left=((0, 4), (40, 60)), other=((10, 20),)) == [(4, 40)]


def test_waiting_before_an_agent_has_spoken_is_none() -> None:
    assert held(BACK, left=((40, 60),), other=((2, 20),)) == []


def test_redacted_sound_is_no_hold() -> None:
    found = held(ASKED, BACK, left=((0, 4), (40, 60)), redacted=((10, 30),))
    assert found == [(4, 10), (30, 40)]


def test_without_times_of_words_the_turn_before_announces() -> None:
    turns = (
        agent("Let me put you on hold.", 0, 4, timed=False),
        agent("Thank you for holding.", 40, 60, timed=False),
    )
    assert held(*turns, left=((0, 4), (40, 60))) == [(4, 40)]


def test_a_call_without_an_agent_has_no_hold() -> None:
    customer = ASKED.model_copy(update={"party": "customer"})
    assert held(customer, left=(), right=((0, 4),)) == []


@pytest.mark.parametrize("entry", read_wording().announcement, ids=lambda e: e.says)
def test_the_examples_of_every_announcement(entry: Announcement) -> None:
    assert [text for text in entry.examples if not is_announcement(text)] == []
    assert [text for text in entry.counterexamples if is_announcement(text)] == []
