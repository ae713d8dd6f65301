from __future__ import annotations

import numpy as np
import pytest

from callmon.audio import activity as module
from callmon.audio.activity import STEP, find_activity, segment
from callmon.call import Interval
from callmon.intervals import difference, seconds

RATE = 16_000
SILENCE = np.zeros(RATE, np.float32)


def probabilities(*runs: tuple[int, float]) -> np.ndarray:
    """Runs of windows with one probability each."""
    return np.concatenate([np.full(count, value, np.float32) for count, value in runs])


def spans(found: tuple[Interval, ...]) -> list[tuple[int, int]]:
    """Stretches of speech in windows."""
    return [(round(speech.start / STEP), round(speech.end / STEP)) for speech in found]


# Segmentation


def test_speech_is_padded_by_one_window():
    given = probabilities((20, 0.0), (30, 0.9), (20, 0.0))
    assert spans(segment(given, duration=70 * STEP)) == [(19, 51)]


def test_a_probability_between_the_limits_goes_on_as_before():
    given = probabilities((20, 0.3), (20, 0.9), (20, 0.3), (20, 0.1), (20, 0.3))
    assert spans(segment(given, duration=100 * STEP)) == [(19, 61)]


def test_a_short_gap_belongs_to_the_speech():
    given = probabilities((10, 0.9), (7, 0.0), (10, 0.9), (20, 0.0))  # 0.224 s
    assert spans(segment(given, duration=47 * STEP)) == [(0, 28)]


def test_a_pause_parts_the_speech():
    given = probabilities((10, 0.9), (8, 0.0), (10, 0.9), (20, 0.0))  # 0.256 s
    assert spans(segment(given, duration=48 * STEP)) == [(0, 11), (17, 29)]


def test_a_click_is_no_speech():
    assert segment(probabilities((20, 0.0), (6, 0.99), (20, 0.0)), duration=2.0) == ()


def test_two_syllables_over_a_short_gap_are_speech_together():
    given = probabilities((20, 0.0), (4, 0.9), (3, 0.0), (4, 0.9), (20, 0.0))
    assert spans(segment(given, duration=51 * STEP)) == [(19, 32)]


def test_speech_ends_with_the_recording():
    found = segment(probabilities((20, 0.9)), duration=0.63)
    assert (found[0].start, found[0].end) == (0.0, 0.63)


def test_no_windows_are_no_speech():
    assert segment(np.zeros(0, np.float32), duration=0.0) == ()


# The network


def test_a_voice_is_found_where_it_speaks(in_memory, voice):
    sound = np.concatenate([SILENCE, voice(3), SILENCE, SILENCE])
    (found,) = find_activity(in_memory(sound))
    assert found.speaker == "speaker 1"
    assert found.channel == 0
    (speech,) = found.intervals
    assert speech.start == pytest.approx(1, abs=0.15)
    assert speech.end == pytest.approx(4, abs=0.15)


def test_noise_and_tones_are_no_speech(in_memory, tone):
    noise = 0.1 * np.random.default_rng(0).standard_normal(5 * RATE)
    for sound in (noise, tone(5), np.zeros(5 * RATE)):
        assert find_activity(in_memory(sound))[0].intervals == ()


def test_each_channel_has_its_own_voice(in_memory, voice):
    left = np.concatenate([voice(2), np.zeros(3 * RATE)])
    right = np.concatenate([np.zeros(3 * RATE), voice(2, pitch=200)])
    first, second = find_activity(in_memory(left, right))
    assert (first.speaker, first.channel) == ("left", 0)
    assert (second.speaker, second.channel) == ("right", 1)
    assert first.intervals[-1].end < 2.5
    assert second.intervals[0].start > 2.5


def test_one_channel_of_two_keeps_its_name(in_memory, voice):
    (found,) = find_activity(in_memory(np.zeros(2 * RATE), voice(2)), channels=[1])
    assert (found.speaker, found.channel) == ("right", 1)
    assert found.intervals


@pytest.mark.parametrize("block", [1, 7, 50])
def test_block_boundaries_change_nothing(in_memory, voice, block):
    noise = 0.003 * np.random.default_rng(2).standard_normal(5 * RATE + 100)
    audio = in_memory(noise + np.concatenate([voice(5), np.zeros(100)]))
    in_blocks = np.concatenate(list(module._probabilities(audio, 0, block=block)))
    at_once = np.concatenate(list(module._probabilities(audio, 0, block=10_000)))
    assert len(at_once) == np.ceil((5 * RATE + 100) / 512)
    assert np.allclose(in_blocks, at_once, atol=1e-5)


def test_the_probabilities_are_those_of_faster_whisper(in_memory, voice):
    from faster_whisper.vad import get_vad_model

    sound = np.concatenate([SILENCE[:512], voice(4), SILENCE[: 512 * 3]])
    sound = sound[: len(sound) // 512 * 512]
    ours = np.concatenate(list(module._probabilities(in_memory(sound), 0, block=20)))
    theirs = get_vad_model()(sound.copy()).reshape(-1)
    assert np.allclose(ours, theirs, atol=1e-5)


def test_twice_is_the_same(in_memory, voice):
    audio = in_memory(voice(3))
    assert find_activity(audio) == find_activity(audio)


def test_progress_counts_the_channels(in_memory, voice):
    shares: list[float] = []
    find_activity(in_memory(voice(2), voice(2)), progress=shares.append)
    assert shares == pytest.approx([0.5, 1.0], abs=0.01)


def test_another_rate_is_refused(in_memory, voice):
    audio = in_memory(voice(1))
    audio.sample_rate = 8000
    with pytest.raises(ValueError, match="8000 Hz"):
        find_activity(audio)


def test_a_real_conversation_agrees_with_its_reference(shared):
    from callmon.audio.decode import decode

    said = [
        Interval(start=float(start), end=float(start) + float(length))
        for line in (shared / "calls" / "telephone-30s.rttm").read_text().splitlines()
        for _, _, _, start, length, *_ in [line.split()]
    ]
    with decode(shared / "calls" / "telephone-30s.flac") as audio:
        (found,) = find_activity(audio)
    missed = seconds(difference(said, found.intervals))
    invented = seconds(difference(found.intervals, said))
    assert missed / seconds(said) < 0.1
    assert invented / seconds(said) < 0.1
