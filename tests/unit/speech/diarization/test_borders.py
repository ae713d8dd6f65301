"""Where voices change, from scores and sounds made by hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from callmon.speech.diarization.borders import (
    CHANGE_COST,
    UNKNOWN,
    cepstra,
    find_borders,
    likeliest_course,
)


def scores(*stretches: tuple[int, int], nats: float = 2.0) -> NDArray[np.float64]:
    """For each voice and number of frames, so much in favour of that voice."""
    course = np.concatenate([np.full(frames, voice) for voice, frames in stretches])
    return nats * np.eye(3)[course]


def test_the_voice_changes_where_the_scores_do() -> None:
    course = likeliest_course(scores((0, 200), (2, 300), (1, 200)))
    assert course.tolist() == [0] * 200 + [2] * 300 + [1] * 200


def test_an_island_that_is_not_worth_two_changes_is_none() -> None:
    frames = int(2 * CHANGE_COST / 2.0)
    assert set(likeliest_course(scores((0, 200), (1, frames - 1), (0, 200)))) == {0}
    assert set(likeliest_course(scores((0, 200), (1, frames + 1), (0, 200)))) == {0, 1}


def sounds(voice: int, frames: int) -> NDArray[np.float16]:
    random = np.random.default_rng(frames)
    return random.normal(2.0 * voice, 1.0, (frames, 20)).astype(np.float16)


def test_a_guess_that_is_late_is_put_right() -> None:
    heard = np.concatenate([sounds(0, 400), sounds(1, 400)])
    guess = np.repeat([0, 1], [420, 380])
    (voices,) = find_borders([heard], [np.zeros((800, 2), np.float32)], [guess])
    assert abs(int((voices == 0).sum()) - 400) <= 10


def test_a_stretch_without_a_guess_goes_by_its_sounds() -> None:
    heard = [sounds(0, 400), sounds(1, 400), sounds(1, 20)]
    guesses = [np.zeros(400, int), np.ones(400, int), np.full(20, UNKNOWN)]
    likings = [np.zeros((len(frames), 2), np.float32) for frames in heard]
    assert find_borders(heard, likings, guesses)[2].tolist() == [1] * 20


def test_a_voice_with_too_little_speech_to_be_learned_goes_by_what_was_liked() -> None:
    heard = [sounds(0, 400), sounds(1, 10)]
    likings = [np.tile([9.0, 0.0], (400, 1)), np.tile([0.0, 9.0], (10, 1))]
    guesses = [np.zeros(400, int), np.ones(10, int)]
    first, second = find_borders(heard, [a.astype(np.float32) for a in likings], guesses)
    assert set(first) == {0}
    assert set(second) == {1}


def test_sounds_that_repeat_to_the_sample_can_be_learned() -> None:
    """As hold music and announcements do."""
    heard = [np.tile(300 + sounds(voice, 30), (40, 1)) for voice in (0, 1)]
    guesses = [np.zeros(1200, int), np.ones(1200, int)]
    likings = [np.zeros((1200, 2), np.float32)] * 2
    first, second = find_borders(heard, likings, guesses)
    assert (set(first), set(second)) == ({0}, {1})


def test_the_sounds_of_a_long_call_keep_nothing_else_in_memory() -> None:
    found = cepstra(np.zeros(16_000, np.float32))
    assert found.flags.owndata
    assert found.dtype == np.float16


def test_there_is_a_frame_for_each_hundredth_of_a_second() -> None:
    assert cepstra(np.zeros(16_000, np.float32)).shape == (101, 20)
