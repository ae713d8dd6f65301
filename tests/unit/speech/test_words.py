from __future__ import annotations

import pytest

from callmon.call import Segment, Word
from callmon.speech.words import mean_confidence, part_of


def word(text: str, start: float, end: float, confidence: float) -> Word:
    return Word(text=text, start=start, end=end, confidence=confidence)


def test_a_long_word_counts_for_more() -> None:
    words = [word("I", 0, 1, 1.0), word("was", 1, 2, 0.2)]
    assert mean_confidence(words) == pytest.approx(0.4)


def test_sounds_without_text_count_alike() -> None:
    sounds = [
        Segment(speaker="left", start=0, end=1, text="", confidence=confidence)
        for confidence in (0.2, 0.6)
    ]
    assert mean_confidence(sounds) == pytest.approx(0.4)


def test_nothing_is_sure_of_nothing() -> None:
    assert mean_confidence([]) == 0.0


def test_a_part_has_the_times_text_and_confidence_of_its_words() -> None:
    words = [word("yes", 1, 2, 0.9), word("and", 2, 3, 0.5), word("no", 3, 2.5, 0.5)]
    whole = Segment(
        speaker="left",
        start=0,
        end=9,
        text="yes and no",
        words=tuple(words),
        confidence=0.7,
    )
    part = part_of(whole, words[1:])
    assert (part.speaker, part.text, part.start, part.end) == ("left", "and no", 2, 3)
    assert part.words == tuple(words[1:])
    assert part.confidence == pytest.approx(0.5)
