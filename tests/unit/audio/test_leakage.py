from __future__ import annotations

import numpy as np
import pytest

from callmon.audio.activity import find_activity
from callmon.audio.decode import decode
from callmon.audio.leakage import relative_loudness, remove_leakage
from callmon.call import Activity, Interval
from callmon.intervals import clip, seconds
from callmon.samples import FOLDER

RATE = 16_000


def later(sound: np.ndarray, delay: float) -> np.ndarray:
    return np.concatenate([np.zeros(round(delay * RATE)), sound])[: len(sound)]


def said(channel: int, *spans: tuple[float, float]) -> Activity:
    intervals = tuple(Interval(start=start, end=end) for start, end in spans)
    return Activity(
        speaker=("left", "right")[channel], channel=channel, intervals=intervals
    )


def dull(sound: np.ndarray) -> np.ndarray:
    """Without what is above some 1.5 kHz."""
    return np.convolve(sound, np.hanning(21) / np.hanning(21).sum(), "same")


@pytest.fixture
def dialogue(voice):
    """Left speaks from 0 to 12 s, right from 8 to 20 s: 4 s at once; shape (2, n)."""
    left, right = np.zeros(20 * RATE), np.zeros(20 * RATE)
    left[: 12 * RATE] = voice(12)
    right[8 * RATE :] = voice(12, pitch=205, seed=4)
    line = 1e-4 * np.random.default_rng(0).standard_normal((2, 20 * RATE))
    return np.vstack([left, right]) + line


HEARD = (said(0, (0, 12)), said(1, (0, 20)))
"""The activity when left leaks into right."""


@pytest.mark.parametrize("delay", [0.0, 0.04, 0.2, 0.3])
@pytest.mark.parametrize("level", [-12, -20, -30])
def test_a_fainter_copy_goes_and_double_talk_stays(in_memory, dialogue, level, delay):
    left, right = dialogue
    right = right + 10 ** (level / 20) * later(dull(left), delay)
    agent, customer = remove_leakage(in_memory(left, right), HEARD)
    assert agent == HEARD[0]
    assert seconds(clip(customer.intervals, start=0, end=7.8)) < 0.5
    assert seconds(clip(customer.intervals, start=8, end=20)) > 11.9


def test_a_copy_in_a_noisy_channel_goes(in_memory, dialogue):
    left, right = dialogue
    noise = (
        10 ** (-25 / 20)
        * np.std(left)
        * np.random.default_rng(5).standard_normal(len(left))
    )
    audio = in_memory(left, right + 0.1 * later(left, 0.1) + noise)
    _, customer = remove_leakage(audio, HEARD)
    assert seconds(clip(customer.intervals, start=0, end=7.8)) < 0.8
    assert seconds(clip(customer.intervals, start=8, end=20)) > 11.9


def test_both_channels_may_leak(in_memory, dialogue):
    left, right = dialogue
    audio = in_memory(left + 0.1 * later(right, 0.1), right + 0.1 * later(left, 0.1))
    found = remove_leakage(audio, (said(0, (0, 20)), said(1, (0, 20))))
    assert seconds(clip(found[0].intervals, start=12.2, end=20)) < 0.5
    assert seconds(clip(found[1].intervals, start=0, end=7.8)) < 0.5
    assert seconds(clip(found[0].intervals, start=0, end=12)) > 11.9


def test_a_soft_voice_under_a_loud_one_stays(in_memory, dialogue):
    left, right = dialogue
    audio = in_memory(left, 0.1 * right)
    assert remove_leakage(audio, (said(0, (0, 12)), said(1, (8, 20)))) == (
        said(0, (0, 12)),
        said(1, (8, 20)),
    )


def test_a_channel_that_holds_nothing_else_is_emptied(in_memory, dialogue):
    left, _ = dialogue
    audio = in_memory(left, 0.1 * later(left, 0.05))
    agent, customer = remove_leakage(audio, (said(0, (0, 12)), said(1, (0, 12))))
    assert agent == said(0, (0, 12))
    assert seconds(customer.intervals) < 0.5


def test_what_is_missed_of_a_copy_goes_with_it(in_memory, dialogue):
    left, _ = dialogue
    noise = 3e-3 * np.random.default_rng(5).standard_normal(len(left))
    audio = in_memory(left, 0.1 * later(left, 0.05) + noise)
    # What is heard from 13 s on is the noise, taken for speech.
    voices = (said(0, (0, 12)), said(1, (0, 12), (13, 14)))
    assert remove_leakage(audio, voices)[1].intervals == ()


def test_a_party_that_says_one_word_beside_much_leakage_stays(in_memory, dialogue, voice):
    left, _ = dialogue
    right = 0.1 * later(left, 0.05)
    right[15 * RATE : 15 * RATE + RATE // 2] += voice(0.5, pitch=205, seed=4)
    voices = (said(0, (0, 12)), said(1, (0, 12), (15, 15.5)))
    _, customer = remove_leakage(in_memory(left, right), voices)
    assert customer == said(1, (15, 15.5))


def test_one_channel_is_left_alone(in_memory, voice):
    voices = (said(0, (0, 2)),)
    assert remove_leakage(in_memory(voice(2)), voices) == voices


def test_silence_is_left_alone(in_memory):
    voices = (said(0, (0, 2)), said(1))
    assert (
        remove_leakage(in_memory(np.zeros(3 * RATE), np.zeros(3 * RATE)), voices) == voices
    )


def test_loudness_is_measured_beside_the_own_voice(in_memory, dialogue):
    left, right = dialogue
    audio = in_memory(left, right + 0.01 * left)
    loudness = relative_loudness(audio, (said(0, (0, 12)), said(1, (8, 20))))
    assert -10 < loudness("left", 2, 3) < 0
    assert -10 < loudness("right", 14, 15) < 0
    assert loudness("right", 2, 3) < -35


@pytest.mark.parametrize("name", ["bank-late-fee", "parcel-third-call"])
def test_a_call_that_does_not_leak_loses_nothing(name):
    with decode(FOLDER / f"{name}.ogg") as audio:
        voices = find_activity(audio)
        assert remove_leakage(audio, voices) == voices


def test_a_real_call_that_does_not_leak_loses_nothing(shared):
    with decode(shared / "calls" / "auto-repair-40.stereo.flac") as audio:
        voices = find_activity(audio)
        assert remove_leakage(audio, voices) == voices
