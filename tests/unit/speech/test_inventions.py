"""What the model invents is told from what people say."""

from __future__ import annotations

from callmon.speech.inventions import is_invented, is_loop


def invented(text: str, **signs: float) -> bool:
    ordinary = {
        "seconds": 3.0,
        "no_speech": 0.1,
        "log_probability": -0.3,
        "compression_ratio": 1.2,
    }
    return is_invented(text.split(), **(ordinary | signs))


def test_ordinary_words_are_kept() -> None:
    assert not invented("I was charged twice for May")


def test_text_that_repeats_itself_in_compression_is_invented() -> None:
    assert invented("some text", compression_ratio=3.0)


def test_no_speech_alone_does_not_drop_words_that_the_model_is_sure_of() -> None:
    assert not invented("yes please", no_speech=0.9)


def test_no_speech_with_unsure_words_is_invented() -> None:
    assert invented("thanks for watching", no_speech=0.9, log_probability=-1.4)


def test_more_words_than_anybody_can_speak_are_invented() -> None:
    assert invented("thank you very much for watching this video", seconds=0.3)


def test_a_phrase_in_a_loop_is_found() -> None:
    assert is_loop(("I will call you, " * 5).split())


def test_a_phrase_said_twice_is_no_loop() -> None:
    words = "I was charged twice, I was charged twice for May"
    assert not is_loop(words.split())


def test_five_times_no_is_speech() -> None:
    assert not is_loop(["No,"] * 5)


def test_a_word_without_end_is_a_loop() -> None:
    assert is_loop(["so"] * 9)


def test_no_words_are_no_loop() -> None:
    assert not is_loop([])
