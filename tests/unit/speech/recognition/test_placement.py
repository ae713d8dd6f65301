"""Words stand where their speaker is heard; the others are set aside with a reason."""

from __future__ import annotations

import pytest

from callmon.call import Interval, Word
from callmon.speech.recognition.clips import Clip
from callmon.speech.recognition.placement import (
    LONGEST_WORD,
    STRAY,
    is_doubtful,
    place,
    settle,
    words_by_clip,
)
from callmon.speech.recognition.windows import window_of


def word(text: str, start: float, end: float, confidence: float = 0.9) -> Word:
    return Word(text=text, start=start, end=end, confidence=confidence)


def clip(*spans: tuple[float, float]) -> Clip:
    speech = tuple(Interval(start=start, end=end) for start, end in spans)
    heard = Interval(start=speech[0].start - 0.2, end=speech[-1].end + 0.2)
    return Clip(speaker="left", channel=0, speech=speech, heard=heard)


def said(text: str, *, at: float = 0.0, confidence: float = 0.9) -> list[Word]:
    return [
        word(name, at + 0.3 * index, at + 0.3 * index + 0.3, confidence)
        for index, name in enumerate(text.split())
    ]


def times(words: tuple[Word, ...]) -> list[tuple[float, float]]:
    return [(round(word.start, 6), round(word.end, 6)) for word in words]


def test_words_go_back_to_their_clips_with_the_calls_times() -> None:
    # heard 9.8 to 12.2 and 49.8 to 51.2; in the window from 0 and from 2.5
    window = window_of([clip((10.0, 12.0)), clip((50.0, 51.0))])
    first, second = words_by_clip(window, [word("a", 0.2, 0.6), word("b", 2.8, 3.0)])
    assert times(first) == [(10.0, 10.4)]
    assert times(second) == [(50.1, 50.3)]


def test_words_after_a_minute_of_silence_are_not_shifted() -> None:
    window = window_of([clip((10.0, 12.0)), clip((100.0, 102.0))])
    _, second = words_by_clip(window, [word("late", 3.0, 3.5)])
    assert times(second) == [(100.3, 100.8)]


def test_a_clip_without_words_takes_none_from_its_neighbours() -> None:
    window = window_of([clip((1.0, 3.0)), clip((5.0, 7.0)), clip((9.0, 11.0))])
    first, second, third = words_by_clip(window, [word("a", 0.3, 1), word("c", 5.5, 6)])
    assert (len(first), len(second), len(third)) == (1, 0, 1)


def test_words_are_held_inside_the_speech() -> None:
    words = [word("so", 4.7, 5.2), word("there", 7.5, 8.3)]
    assert times(place(words, clip((5.0, 8.0)).speech)) == [(5.0, 5.2), (7.5, 8.0)]


def test_words_follow_each_other() -> None:
    words = [word("one", 5.5, 6.5), word("two", 6.0, 6.2)]
    assert times(place(words, clip((5.0, 8.0)).speech)) == [(5.5, 6.5), (6.5, 6.5)]


def test_no_word_is_longer_than_anybody_speaks() -> None:
    (placed,) = place([word("well", 0.0, 6.0)], clip((0.0, 10.0)).speech)
    assert placed.end == LONGEST_WORD


def test_a_word_stretched_over_a_pause_stays_in_the_speech_it_shares_most_with() -> None:
    speech = clip((0.0, 2.0), (2.5, 4.0)).speech
    assert times(place([word("my", 1.8, 2.9)], speech)) == [(2.5, 2.9)]
    assert times(place([word("my", 1.2, 2.6)], speech)) == [(1.2, 2.0)]


def test_a_word_inside_a_pause_goes_to_the_nearest_speech() -> None:
    speech = clip((0.0, 2.0), (2.5, 4.0)).speech
    (placed,) = place([word("my", 2.3, 2.45)], speech)
    assert placed.start == placed.end == 2.5


def test_no_later_word_goes_back_before_a_pause() -> None:
    speech = clip((0.0, 2.0), (2.5, 4.0)).speech
    words = [word("one", 2.2, 3.0), word("two", 1.9, 2.1)]
    assert times(place(words, speech)) == [(2.5, 3.0), (3.0, 3.0)]


def test_confidence_is_weighted_by_length() -> None:
    words = [word("a", 0, 1, 0.5), word("bcd", 1, 2, 1.0)]
    segment, _ = settle(clip((0.0, 9.0)), words, no_speech=0.0)
    assert segment.confidence == pytest.approx(0.875)


def test_nothing_heard_is_an_empty_segment_without_confidence() -> None:
    segment, dropped = settle(clip((1.0, 2.0)), [], no_speech=0.0)
    assert (segment.text, segment.confidence, segment.start) == ("", 0.0, 1.0)
    assert dropped == ()


def test_words_aligned_where_nobody_speaks_are_set_aside() -> None:
    late = 2.0 + STRAY + 0.1
    words = [word("hello", 1.0, 1.5), word("thank", late, 2.8), word("you", 2.8, 3.0)]
    segment, (gone,) = settle(clip((1.0, 2.0)), words, no_speech=0.0)
    assert segment.text == "hello"
    assert (gone.reason, gone.text, gone.end) == ("nobody_speaks", "thank you", 3.0)


def test_a_loop_is_cut_and_the_rest_is_kept_in_its_place() -> None:
    words = said("it broke " + "I will call " * 6 + "tomorrow then")
    segment, (gone,) = settle(clip((0.0, 10.0)), words, no_speech=0.0)
    assert segment.text == "it broke I will call tomorrow then"
    assert gone.reason == "loop"
    assert gone.text == " ".join(["I will call"] * 5)
    assert segment.words[-1].start == pytest.approx(words[-1].start)


def test_two_loops_are_both_cut() -> None:
    words = said("so " * 9 + "well " * 9)
    segment, dropped = settle(clip((0.0, 10.0)), words, no_speech=0.0)
    assert segment.text == "so well"
    assert [gone.reason for gone in dropped] == ["loop", "loop"]


def test_an_invention_leaves_an_empty_segment_and_is_told() -> None:
    words = said("Thanks for watching!", at=1.0)
    segment, (gone,) = settle(clip((1.0, 2.0)), words, no_speech=0.1)
    assert (segment.text, segment.words) == ("", ())
    assert (gone.speaker, gone.reason, gone.text) == (
        "left",
        "stock_phrase",
        "Thanks for watching!",
    )


def test_speech_without_a_word_is_doubtful_unless_it_is_a_breath() -> None:
    assert is_doubtful(clip((0.0, 3.0)), [], no_speech=0.0)
    assert not is_doubtful(clip((0.0, 0.4)), [], no_speech=0.0)


def test_ordinary_words_are_not_doubtful() -> None:
    assert not is_doubtful(clip((0.0, 3.0)), said("I was charged"), no_speech=0.1)


def test_a_loop_is_doubtful() -> None:
    assert is_doubtful(clip((0.0, 9.0)), said("no " * 9), no_speech=0.1)
