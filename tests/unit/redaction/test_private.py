from __future__ import annotations

from collections.abc import Sequence

import pytest

from callmon.call import Interval, Party, Turn, Word
from callmon.redaction.private import (
    MARGIN,
    find_in_turns,
    find_private,
    private_stretches,
    put_out,
    redact,
    redact_turn,
)
from callmon.redaction.spans import Span


def call(*said: tuple[Party, str]) -> tuple[Turn, ...]:
    return tuple(
        Turn(
            index=index,
            party=party,
            party_confidence=1.0,
            start=None,
            end=None,
            text=text,
            speaker=party,
        )
        for index, (party, text) in enumerate(said)
    )


def redacted(turns: Sequence[Turn], *names: str) -> list[str]:
    spans = find_in_turns(turns, names=names)
    return [put_out(turn.text, s) for turn, s in zip(turns, spans, strict=True)]


def spoken(text: str, *, start: float = 10.0) -> Turn:
    """A turn whose words take a second each."""
    words = tuple(
        Word(text=word, start=start + n, end=start + n + 1, confidence=1.0)
        for n, word in enumerate(text.split())
    )
    [turn] = call(("customer", text))
    return turn.model_copy(
        update={"start": start, "end": start + len(words), "words": words}
    )


def test_spans_tell_where_and_what() -> None:
    text = "it's 4111 1111 1111 1111."
    assert find_private(text) == (Span(5, 24, "card number"),)


def test_a_text_without_anything_private_is_unchanged() -> None:
    text = "This is the third time I've called about this bill."
    assert redact(text) == text


def test_what_was_asked_says_what_a_number_is() -> None:
    assert redact("one two three", asked="And the security code?") == "[security code]"
    assert redact("one two three", asked="And the order number?") == "one two three"


def test_in_a_call_the_other_party_is_who_asks() -> None:
    turns = call(("agent", "Your account number, please?"), ("customer", "12 34 56 78"))
    assert redacted(turns)[1] == "[bank account]"


def test_a_number_dictated_over_several_turns_is_found_whole() -> None:
    turns = call(
        ("customer", "so it's four one one one one one one one"),
        ("agent", "Mm-hmm."),
        ("customer", "one one one one"),
        ("agent", "okay, and the last four"),
        ("customer", "one one one one, that's it"),
    )
    assert redacted(turns) == [
        "so it's [card number]",
        "Mm-hmm.",
        "[card number]",
        "okay, and the last four",
        "[card number], that's it",
    ]


def test_a_number_that_is_read_back_goes_too() -> None:
    turns = call(
        ("agent", "Your account number?"),
        ("customer", "one two three four five six seven eight"),
        ("agent", "So that is 1234 5678, and you called on the 5th."),
    )
    assert redacted(turns)[2] == "So that is [bank account], and you called on the 5th."


def test_a_name_once_given_goes_wherever_it_comes_again() -> None:
    turns = call(
        ("customer", "My name is Petra Novak."),
        ("agent", "Thank you, Petra. Is that Petra's phone?"),
    )
    assert redacted(turns)[1] == "Thank you, [name]. Is that [name]'s phone?"


def test_a_form_of_address_is_no_name() -> None:
    turns = call(("agent", "Am I speaking with Mr Ghosh?"), ("customer", "Mr Ghosh, yes."))
    assert redacted(turns)[1] == "Mr [name], yes."


def test_a_name_that_is_a_word_too_does_not_take_the_word_away() -> None:
    turns = call(("customer", "My name is Will."), ("agent", "Will you hold, please?"))
    assert redacted(turns) == ["My name is [name].", "Will you hold, please?"]


def test_names_known_from_elsewhere_go() -> None:
    turns = call(("agent", "Good morning, Okonkwo speaking."))
    assert redacted(turns, "Ada Okonkwo") == ["Good morning, [name] speaking."]


def test_names_from_elsewhere_are_no_patterns() -> None:
    turns = call(("agent", "Good morning."))
    assert redacted(turns, ".*", "(", "a") == ["Good morning."]


def test_a_redacted_turn_has_no_private_word_and_keeps_the_times() -> None:
    turn = spoken("the card is 4111 1111 1111 1111 okay")
    whole = redact_turn(turn, find_private(turn.text))
    assert whole.text == "the card is [card number] okay"
    assert [(word.text, word.start, word.end) for word in whole.words] == [
        ("the", 10, 11),
        ("card", 11, 12),
        ("is", 12, 13),
        ("[card number]", 13, 17),
        ("okay", 17, 18),
    ]


def test_two_private_parts_side_by_side_stay_two_words() -> None:
    turn = spoken("4111111111111111 jane@example.com")
    whole = redact_turn(turn, find_private(turn.text))
    assert [word.text for word in whole.words] == ["[card number]", "[email address]"]


def test_a_word_that_is_not_in_the_text_is_left_out_of_a_redacted_turn() -> None:
    turn = spoken("one two").model_copy(update={"text": "one"})
    assert [word.text for word in redact_turn(turn, ()).words] == ["one"]


def test_a_private_stretch_lasts_as_long_as_its_words() -> None:
    turn = spoken("the card is 4111 1111 1111 1111 okay")
    stretch = Interval(start=13.0 - MARGIN, end=17.0 + MARGIN)
    assert private_stretches(turn) == (stretch,)


def test_stretches_that_touch_are_one() -> None:
    turn = spoken("4111 1111 1111 1111 email jane@example.com")
    spans = [Span(0, 19, "card number"), Span(20, 25, "email address")]
    assert len(private_stretches(turn, spans)) == 1


def test_without_times_of_words_the_whole_turn_is_private() -> None:
    turn = spoken("my pin is 4 9 1 2").model_copy(update={"words": ()})
    assert private_stretches(turn) == (Interval(start=9.75, end=17.25),)


def test_a_turn_without_times_has_no_stretches() -> None:
    [turn] = call(("customer", "my pin is 4 9 1 2"))
    assert private_stretches(turn) == ()


def test_a_stretch_never_begins_before_the_recording() -> None:
    assert private_stretches(spoken("4111111111111111", start=0.0))[0].start == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\x1b[31m\u202e",
        "1 " * 20_000,
        "a." * 20_000 + "@",
        "one two " * 10_000,
        "at " * 20_000,
        "dot " * 20_000,
        "the the of " * 10_000,
        "my name is " * 5_000,
        "A1" * 20_000,
        "1 street " * 5_000,
    ],
    ids=lambda text: repr(text[:12]),
)
@pytest.mark.timeout(20)
def test_hostile_texts_are_read_in_their_turn(text: str) -> None:
    assert isinstance(redact(text, asked=text[:1000]), str)


@pytest.mark.timeout(20)
def test_a_call_of_ten_thousand_numbers_is_read_in_its_turn() -> None:
    turns = call(*(("customer", "my account number is 12345678"),) * 10_000)
    assert all(find_in_turns(turns))
