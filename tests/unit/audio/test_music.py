from __future__ import annotations

import numpy as np
import pytest

from callmon.audio.music import without_music
from callmon.call import Activity, Interval
from callmon.intervals import seconds

RATE = 16_000
TUNE = (4, 7, 9, 7, 4, 2, 0, 2, 5, 4, 2, -1, 7, 9, 11, 12)


def tune(length: float, *, cents: float = 0.0, semitone: float = 1.0) -> np.ndarray:
    """Four notes a second with six partials, vibrato of 14 cents."""
    times = np.arange(round(length * RATE)) / RATE
    notes = semitone * np.array(TUNE)[(times * 4).astype(int) % 16] + cents / 100
    wavering = 0.14 * np.sin(2 * np.pi * 5.5 * times)
    phase = 2 * np.pi * np.cumsum(220 * 2 ** ((notes + wavering) / 12)) / RATE
    sound = sum(np.sin(k * phase) / k for k in range(1, 7))
    return 0.1 * sound / np.std(sound)


def taken_for_speech(*spans: tuple[float, float]) -> Activity:
    intervals = tuple(Interval(start=start, end=end) for start, end in spans)
    return Activity(speaker="speaker 1", channel=0, intervals=intervals)


@pytest.mark.parametrize("cents", [0, 37])
def test_what_keeps_to_a_scale_is_music_at_any_concert_pitch(in_memory, cents):
    audio = in_memory(tune(12, cents=cents))
    voice = taken_for_speech((0.5, 4), (5, 11))
    assert without_music(audio, voice, shortest=0.2).intervals == ()


def test_pitches_that_keep_to_no_scale_are_speech(in_memory):
    voice = taken_for_speech((0, 12))
    audio = in_memory(tune(12, semitone=1.0 + 1 / np.pi))
    assert without_music(audio, voice, shortest=0.2) == voice


def test_a_voice_is_left_alone(in_memory, voice):
    spoken = taken_for_speech((0, 20))
    assert without_music(in_memory(voice(20)), spoken, shortest=0.2) == spoken


def test_speech_over_quieter_music_stays(in_memory, voice):
    said = voice(15)
    audio = in_memory(said + 10 ** (-10 / 20) * np.std(said) / 0.1 * tune(15))
    spoken = taken_for_speech((0, 15))
    assert without_music(audio, spoken, shortest=0.2) == spoken


def test_speech_before_and_after_a_song_stays(in_memory, voice):
    sound = np.concatenate([voice(12), tune(15), voice(12, seed=4)])
    heard = taken_for_speech((0, 39))
    found = without_music(in_memory(sound), heard, shortest=0.2).intervals
    assert found[0].start == 0
    assert found[-1].end == 39
    assert seconds(found) == pytest.approx(24, abs=2)


def test_a_few_syllables_in_tune_prove_nothing(in_memory):
    audio = in_memory(np.concatenate([tune(2.5), np.zeros(10 * RATE)]))
    voice = taken_for_speech((0, 2.5))
    assert without_music(audio, voice, shortest=0.2) == voice


def test_tones_beside_the_speech_do_not_count(in_memory, voice, tone):
    audio = in_memory(np.concatenate([voice(4), tone(8, hertz=425)]))
    spoken = taken_for_speech((0, 4))
    assert without_music(audio, spoken, shortest=0.2) == spoken


def test_silence_is_no_music(in_memory):
    voice = taken_for_speech((0, 8))
    audio = in_memory(np.zeros(10 * RATE))
    assert without_music(audio, voice, shortest=0.2) == voice
