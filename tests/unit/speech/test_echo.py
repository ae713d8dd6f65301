from __future__ import annotations

import math
from collections.abc import Callable

from callmon.call import Segment, Word
from callmon.speech.echo import drop_echoes


def said(speaker: str, start: float, text: str) -> Segment:
    """Two words a second, each half as long as its time."""
    words = tuple(
        Word(text=word, start=start + i / 2, end=start + i / 2 + 0.25, confidence=0.8)
        for i, word in enumerate(text.split())
    )
    end = words[-1].end
    return Segment(speaker=speaker, start=start, end=end, text=text, words=words)


def levels(**decibels: float) -> Callable[[str, float, float], float]:
    return lambda speaker, start, end: decibels[speaker]


FAINT_RIGHT = levels(left=-3.0, right=-15.0)


def texts(segments) -> list[tuple[str, str]]:
    return [(segment.speaker, segment.text) for segment in segments]


def test_the_fainter_copy_goes_and_is_told():
    line = said("left", 10.0, "Can I have your number?")
    kept, suppressed = drop_echoes(
        [line, said("right", 10.2, "can I have your number")], FAINT_RIGHT
    )
    assert kept == (line,)
    (echo,) = suppressed
    assert (echo.speaker, echo.text, echo.reason) == (
        "right",
        "can I have your number",
        "echo",
    )
    assert (echo.start, echo.end) == (10.2, 12.45)


def test_misheard_words_go_with_the_echo_around_them():
    kept, suppressed = drop_echoes(
        [
            said("left", 10.0, "we will send it to you on Monday"),
            said("right", 10.2, "we will sent it to you on money"),
        ],
        FAINT_RIGHT,
    )
    assert texts(kept) == [("left", "we will send it to you on Monday")]
    assert texts(suppressed) == [("right", "we will sent it to you on money")]


def test_own_words_beside_an_echo_stay():
    kept, suppressed = drop_echoes(
        [
            said("left", 10.0, "thank you for calling"),
            said("right", 10.2, "thank you for calling hello I am waiting for my parcel"),
        ],
        FAINT_RIGHT,
    )
    assert texts(kept)[1] == ("right", "hello I am waiting for my parcel")
    assert kept[1].start == kept[1].words[0].start
    assert texts(suppressed) == [("right", "thank you for calling")]


def test_a_short_word_said_by_both_stays():
    segments = (said("left", 10.0, "okay"), said("right", 10.1, "Okay."))
    assert drop_echoes(segments, FAINT_RIGHT) == (segments, ())


def test_the_same_word_over_and_over_is_one_word():
    segments = (said("left", 10.0, "yes yes yes"), said("right", 10.1, "yes yes yes"))
    assert drop_echoes(segments, FAINT_RIGHT) == (segments, ())


def test_a_short_word_goes_when_it_is_almost_certainly_too_faint():
    line = said("left", 10.0, "okay")
    kept, suppressed = drop_echoes(
        [line, said("right", 10.1, "okay")], levels(left=-2.0, right=-28.0)
    )
    assert kept == (line,)
    assert texts(suppressed) == [("right", "okay")]


def test_a_word_without_time_of_its_own_is_no_fainter_for_it():
    here = Word(text="okay", start=11.0, end=11.0, confidence=0.8)
    line = said("left", 10.0, "well okay").model_copy(
        update={"words": (said("left", 10.0, "well").words[0], here)}
    )

    def loudness(speaker: str, start: float, end: float) -> float:
        """Left speaks until 11.0, right all the time."""
        spoken = end - start if speaker == "right" else min(end, 11.0) - start
        return 10 * math.log10(max(spoken, 1e-12) / (end - start)) if end > start else -120

    segments = (line, said("right", 11.1, "okay"))
    assert drop_echoes(segments, loudness) == (segments, ())


def test_what_comes_after_a_pause_is_compared_by_itself():
    segments = (
        *(said("left", 10.0, "yes okay"), said("left", 500.0, "goodbye")),
        *(said("right", 10.1, "yes okay"), said("right", 500.1, "goodbye")),
    )
    measured = []

    def loudness(speaker: str, start: float, end: float) -> float:
        measured.append(end - start)
        return FAINT_RIGHT(speaker, start, end)

    assert drop_echoes(segments, loudness) == (segments, ())
    assert max(measured) < 1


def test_reading_back_is_no_echo():
    segments = (
        said("right", 10.0, "four seven two nine"),
        said("left", 13.0, "four seven two nine"),
    )
    assert drop_echoes(segments, FAINT_RIGHT) == (segments, ())


def test_words_as_loud_on_both_sides_are_said_by_both():
    segments = (
        said("left", 10.0, "thank you goodbye"),
        said("right", 10.1, "thank you goodbye"),
    )
    assert drop_echoes(segments, levels(left=-3.0, right=-6.0)) == (segments, ())


def test_a_segment_without_words_stays():
    segments = (
        Segment(speaker="left", start=None, end=None, text="hello there my friend"),
        Segment(speaker="right", start=None, end=None, text="hello there my friend"),
    )
    assert drop_echoes(segments, FAINT_RIGHT) == (segments, ())


def test_no_echoed_word_is_left_twice():
    words = "the engineer will be with you on Friday between nine and twelve"
    segments = [said("left", 5.0, words), said("right", 5.3, words[4:])]
    kept, suppressed = drop_echoes(segments, FAINT_RIGHT)
    assert [word.text for s in kept for word in s.words] == words.split()
    assert " ".join(s.text for s in suppressed) == words[4:]
