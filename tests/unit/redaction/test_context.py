from __future__ import annotations

import pytest

from callmon.redaction.context import REACH, WORDS, Contexts
from callmon.redaction.numbers import LENGTHS


def test_the_nearest_words_before_a_number_say_what_it_is() -> None:
    text = "your card number and the order 12"
    assert Contexts.read(text).before(text.index("12")) == "other"


def test_words_after_a_number_say_nothing_of_it() -> None:
    assert Contexts.read("12 is my card number").before(0) is None


def test_words_far_before_a_number_say_nothing_of_it() -> None:
    text = "my card number " + "x" * REACH
    assert Contexts.read(text).before(len(text)) is None


def test_a_question_asks_for_what_it_names_last() -> None:
    asked = "Thank you for the order number. And the three digits on the back?"
    assert Contexts.read(asked).last == "security code"


def test_the_last_four_of_a_card_are_no_secret_and_of_a_social_number_are() -> None:
    assert Contexts.read("a card ending in").last == "other"
    assert Contexts.read("the last four digits").last == "other"
    assert Contexts.read("the last four of your social").last == "social security number"


@pytest.mark.parametrize("meaning", sorted(set(WORDS) - {"other"}))
def test_for_all_that_words_can_name_the_number_of_digits_is_known(meaning: str) -> None:
    assert meaning in LENGTHS
