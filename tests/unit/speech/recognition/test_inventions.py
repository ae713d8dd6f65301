"""What the model invents is told from what people say."""

from __future__ import annotations

import pytest

from callmon.call import SuppressedReason, Word
from callmon.speech.recognition.inventions import find_loop, why_invented


def said(text: str, confidence: float = 0.8) -> list[Word]:
    return [
        Word(text=word, start=index, end=index + 1, confidence=confidence)
        for index, word in enumerate(text.split())
    ]


def why(
    text: str, *, spoken: float = 6.0, no_speech: float = 0.1, confidence: float = 0.8
) -> SuppressedReason | None:
    return why_invented(said(text, confidence), spoken=spoken, no_speech=no_speech)


def test_ordinary_words_are_kept() -> None:
    assert why("I was charged twice for May") is None


def test_no_words_are_no_invention() -> None:
    assert why("") is None


def test_text_that_repeats_itself_in_compression_is_a_loop() -> None:
    assert why("and then we go to the shop and back home " * 8, spoken=60.0) == "loop"


def test_no_speech_alone_does_not_drop_words_that_the_model_is_sure_of() -> None:
    assert why("yes please", no_speech=0.9) is None


def test_unsure_words_alone_are_kept() -> None:
    assert why("my number is seven", confidence=0.3) is None


def test_no_speech_with_unsure_words_is_invented() -> None:
    assert why("my number is seven", no_speech=0.9, confidence=0.3) == "no_speech"


def test_words_that_the_model_finds_improbable_are_left_out() -> None:
    assert why("my number is seven", confidence=0.05) == "unlikely"


def test_a_probability_of_zero_is_improbable() -> None:
    assert why("seven", confidence=0.0) == "unlikely"


def test_more_words_than_anybody_can_speak_are_unlikely() -> None:
    assert why("can you tell me what the order number is", spoken=0.3) == "unlikely"


@pytest.mark.parametrize("text", ["Thanks for watching!", "♪ ♪", "[Music]", "..."])
def test_what_subtitles_say_to_silence_is_a_stock_phrase(text: str) -> None:
    assert why(text) == "stock_phrase"


@pytest.mark.parametrize(
    "text", ["ご 視聴 ありがとう ございました", "Vielen Dank fürs Zuschauen!"]
)
def test_stock_phrases_are_known_in_any_parts(text: str) -> None:
    assert why(text) == "stock_phrase"


def test_a_stock_phrase_inside_a_sentence_is_kept() -> None:
    assert why("thanks for watching my dog while I was away") is None


def test_thank_you_is_left_out_only_where_the_model_doubts() -> None:
    assert why("Thank you.") is None
    assert why("Thank you.", no_speech=0.7) == "stock_phrase"
    assert why("Thank you.", confidence=0.3) == "stock_phrase"


def test_a_loop_begins_after_the_first_time() -> None:
    assert find_loop(said("well, " + "I will call you, " * 5)) == (5, 21)


def test_a_loop_may_end_inside_its_phrase() -> None:
    assert find_loop(said("I will call " * 6 + "I will wait")) == (3, 20)


def test_a_phrase_said_twice_is_no_loop() -> None:
    assert find_loop(said("I was charged twice, I was charged twice for May")) is None


def test_five_times_no_is_speech() -> None:
    assert find_loop(said("No, " * 5)) is None


def test_a_word_without_end_is_a_loop() -> None:
    assert find_loop(said("so " * 9)) == (1, 9)


def test_no_words_are_no_loop() -> None:
    assert find_loop([]) is None
