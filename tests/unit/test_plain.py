from __future__ import annotations

import doctest

import pytest

from callmon import plain as module
from callmon.plain import plain


def test_the_worked_examples_hold() -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize(
    ("written", "recognised"),
    [
        ("It's working now.", "its working now"),
        ("Let's check!", "lets check"),
        ("I don't know, Mum.", "i dont know mom"),
        ("That’s alright", "thats all right"),
        ("Um, I can't", "i i cannot"),
    ],
)
def test_what_is_recognised_without_apostrophes_has_the_same_form(
    written: str, recognised: str
) -> None:
    assert plain(written) == plain(recognised)


def test_a_word_said_twice_in_one_breath_is_a_stutter_and_after_a_stop_is_not() -> None:
    assert plain("I I want the, the refund for it. It is late.") == (
        "i want the refund for it it is late"
    )


def test_what_belongs_to_somebody_is_no_verb() -> None:
    assert plain("My neighbour's router") == "my neighbour router"
