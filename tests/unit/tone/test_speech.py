"""Where one sentence of a turn ends and the next begins."""

from __future__ import annotations

from itertools import pairwise

import pytest

from callmon.call import Activity, Interval, Turn, Word
from callmon.tone.speech import LEAST_PART, customer_speech, cut, sentence_ends


def stretches(*times: tuple[float, float]) -> tuple[Interval, ...]:
    return tuple(Interval(start=start, end=end) for start, end in times)


def turn_of(*words: tuple[str, float, float]) -> Turn:
    return Turn(
        index=0,
        party="customer",
        party_confidence=1.0,
        start=0.0,
        end=20.0,
        text=" ".join(text for text, _, _ in words),
        words=tuple(
            Word(text=text, start=start, end=end, confidence=0.9)
            for text, start, end in words
        ),
        speaker="right",
    )


@pytest.mark.parametrize("mark", [".", "?", "!", "…", ".”"])
def test_a_sentence_ends_between_its_last_word_and_the_next(mark: str) -> None:
    turn = turn_of(("Hello", 0.0, 0.5), (f"there{mark}", 0.6, 1.0), ("Yes", 1.4, 2.0))
    assert sentence_ends(turn) == (pytest.approx(1.2),)


def test_a_number_with_a_point_ends_no_sentence() -> None:
    assert sentence_ends(turn_of(("4.50", 0.0, 0.5), ("euros.", 0.6, 1.0))) == ()


def test_a_long_turn_is_cut_where_its_sentences_end() -> None:
    assert cut(stretches((0.0, 10.0)), ends=[4.0, 7.0]) == (
        stretches((0.0, 4.0)),
        stretches((4.0, 7.0)),
        stretches((7.0, 10.0)),
    )


def test_a_pause_near_the_end_of_a_sentence_is_where_it_ends() -> None:
    spoken = stretches((0.0, 4.0), (4.5, 9.0))
    for end in (3.8, 4.2, 4.7):
        assert cut(spoken, ends=[end]) == (spoken[:1], spoken[1:])


def test_without_ends_of_sentences_a_turn_is_cut_in_its_pauses() -> None:
    spoken = stretches((0.0, 3.0), (3.5, 6.0))
    assert cut(spoken, ends=[]) == (spoken[:1], spoken[1:])


def test_a_short_sentence_goes_with_the_next_and_a_short_last_one_with_the_one_before() -> (
    None
):
    spoken = stretches((0.0, 1.0), (2.0, 4.0), (5.0, 8.0), (9.0, 9.5))
    assert cut(spoken, ends=[]) == (spoken[:2], spoken[2:])


def test_a_short_turn_is_one_part() -> None:
    spoken = stretches((0.0, LEAST_PART / 2), (3.0, 3.0 + LEAST_PART / 2))
    assert cut(spoken, ends=[]) == (spoken,)


def test_nothing_spoken_has_no_parts() -> None:
    assert cut((), ends=[1.0, 2.0]) == ()


def test_no_time_is_lost_or_heard_twice_by_cutting() -> None:
    spoken = stretches((0.0, 2.5), (3.0, 9.0), (9.2, 9.3), (12.0, 20.0))
    ends = [-1.0, 0.1, 2.6, 2.6, 5.0, 5.1, 9.25, 15.0, 19.9, 30.0]
    parts = [interval for part in cut(spoken, ends) for interval in part]
    assert sum(part.duration for part in parts) == pytest.approx(16.6)
    assert all(a.end <= b.start for a, b in pairwise(parts))


def test_parts_of_a_turn_follow_its_words() -> None:
    turn = turn_of(("Good.", 0.0, 5.0), ("Then", 5.0, 6.0), ("go.", 6.0, 10.0))
    activity = Activity(speaker="right", channel=1, intervals=stretches((0.0, 10.0)))
    [speech] = customer_speech([turn], [activity])
    assert speech.parts == (stretches((0.0, 5.0)), stretches((5.0, 10.0)))
