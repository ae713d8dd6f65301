"""Words weighed for the agent or the customer, and the phrases shown as reasons."""

from __future__ import annotations

import re

import pytest

from callmon.speech.roles.parlance import (
    LONGEST_GROUP,
    LONGEST_PHRASE,
    MOST_PHRASES,
    Opening,
    groups,
    read_openings,
    read_parlance,
    weigh,
)


def test_words_of_agents_weigh_for_the_agent() -> None:
    assert weigh(["How can I help you today?"]).score > 1


def test_words_of_customers_weigh_for_the_customer() -> None:
    assert weigh(["I've been waiting for my refund."]).score < -1


def test_nothing_and_unknown_words_weigh_nothing() -> None:
    assert weigh([]).score == weigh(["", "Kornblumenblau."]).score == 0.0


def test_writing_does_not_matter() -> None:
    assert (
        weigh(["Im calling about my bill"]).score
        == weigh(["I’M CALLING about my bill!"]).score
    )


def test_groups_of_words_do_not_cross_sentences() -> None:
    assert "you hello" not in groups("Thank you. Hello.")
    assert groups("Thank you.") == ["thank", "you", "thank you"]


def test_all_numbers_are_one_word() -> None:
    assert groups("42") == groups("1984") == ["0"]


def test_what_is_said_a_third_time_adds_nothing() -> None:
    assert weigh(["Thank you."] * 2).score == weigh(["Thank you."] * 50).score


def test_a_reason_is_a_phrase_as_it_was_said() -> None:
    assert weigh(["Right. How can I help you?"]).agent[0] == "says “How can I help you”"


def test_names_and_numbers_are_not_in_reasons() -> None:
    weighed = weigh(["My name is Kornblum and my number is four seven 1 1 8."])
    shown = " ".join((*weighed.agent, *weighed.customer)).lower()
    assert not re.search("kornblum|four|seven|[0-9]", shown)


def test_reasons_are_few_and_short_in_a_long_call() -> None:
    weighed = weigh(
        ["Thank you for calling and how can I help you with your account today"] * 9
    )
    assert 0 < len(weighed.agent) <= MOST_PHRASES
    assert all(len(reason.split()) <= LONGEST_PHRASE + 1 for reason in weighed.agent)


def test_the_same_phrase_is_one_reason() -> None:
    assert len(weigh(["How can I help you?", "How can I help you?"]).agent) == 1


def test_words_about_calling_change_sides_when_the_company_calls() -> None:
    said = ["I'm calling about your delivery."]
    assert weigh(said, direction="outbound").score > max(0, weigh(said).score)


def test_a_known_inbound_call_is_weighed_as_one_of_unknown_direction() -> None:
    said = ["I'm calling about my delivery."]
    assert weigh(said, direction="inbound") == weigh(said)


def test_openings_are_reasons_in_words() -> None:
    [reason, *_] = weigh(["Am I speaking with Mr Jones?"], direction="outbound").agent
    assert reason.startswith("asks for the other by name")


def test_the_weights_are_of_short_groups_in_plain_writing() -> None:
    weights = read_parlance().weights
    assert len(weights) > 500
    assert all(groups(group)[-1] == group for group in weights)
    assert all(len(group.split()) <= LONGEST_GROUP for group in weights)


@pytest.mark.parametrize("opening", read_openings(), ids=lambda opening: opening.reason)
def test_every_example_of_an_opening_is_found(opening: Opening) -> None:
    for example in opening.examples:
        weighed = weigh([example], direction="outbound")
        assert opening.reason in getattr(weighed, opening.party), example
