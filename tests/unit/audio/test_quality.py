from __future__ import annotations

import numpy as np
import pytest

from callmon.audio.activity import find_activity
from callmon.audio.decode import Facts, decode
from callmon.audio.quality import Quality, check
from callmon.call import Activity, Interval
from callmon.errors import BadRecording

RATE = 16_000

GOOD = Facts(
    container="wav",
    codec="pcm_s16le",
    sample_rate=8000,
    clipped=(0.0, 0.0),
    declared=None,
    truncated=False,
    missing=0.0,
)


def spoken(channel: int, *spans: tuple[float, float], of: int = 2) -> Activity:
    name = ("left", "right")[channel] if of == 2 else "speaker 1"
    intervals = tuple(Interval(start=start, end=end) for start, end in spans)
    return Activity(speaker=name, channel=channel, intervals=intervals)


def facts(**changes: object) -> Facts:
    return GOOD.model_copy(update=changes)


def kinds(quality: Quality) -> list[str]:
    return [notice.kind for notice in quality.notices]


def message(quality: Quality, kind: str) -> str:
    (found,) = [notice.message for notice in quality.notices if notice.kind == kind]
    return found


@pytest.fixture
def dialogue(voice):
    """Two voices in turn, 20 s, shape (2, n), and their activity."""
    pause = np.zeros(10 * RATE, np.float32)
    sound = np.vstack(
        [
            np.concatenate([voice(10), pause]),
            np.concatenate([pause, voice(10, pitch=210, seed=4)]),
        ]
    )
    return sound, (spoken(0, (0, 10)), spoken(1, (10, 20)))


def test_two_voices_on_two_channels_need_no_notice(in_memory, dialogue):
    sound, activities = dialogue
    quality = check(in_memory(*sound), GOOD, activities)
    assert quality == Quality(channels=(0, 1), notices=())


def test_one_channel_is_one_channel(in_memory, voice):
    audio = in_memory(voice(5))
    assert check(audio, GOOD, (spoken(0, (0, 5), of=1),)) == Quality(
        channels=(0,), notices=()
    )


# Nothing to judge


def test_silence_is_refused(in_memory):
    audio = in_memory(np.zeros(5 * RATE), 1e-4 * np.ones(5 * RATE))
    with pytest.raises(BadRecording, match=r"lasts 5\.0 s and is silent.*-80 dB"):
        check(audio, GOOD, (spoken(0), spoken(1)))


def test_under_two_seconds_of_speech_is_refused(in_memory, voice):
    audio = in_memory(voice(10))
    with pytest.raises(
        BadRecording, match=r"10\.0 s and holds 1\.9 s of speech.*least 2 s"
    ):
        check(audio, GOOD, (spoken(0, (0, 1), (3, 3.9), of=1),))


def test_the_speech_of_both_channels_counts_together(in_memory, voice):
    audio = in_memory(voice(10), voice(10, seed=4))
    quality = check(audio, GOOD, (spoken(0, (0, 1.2)), spoken(1, (2, 3.2))))
    assert quality.channels == (0, 1)


# Channels


def test_a_channel_without_a_voice_leaves_the_other(in_memory, voice):
    audio = in_memory(np.zeros(10 * RATE), voice(10))
    quality = check(audio, GOOD, (spoken(0, (1, 1.3)), spoken(1, (0, 10))))
    assert quality.channels == (1,)
    assert message(quality, "silent_channel") == (
        "The left channel holds 0.3 s of speech of its own. The right channel was treated"
        " as a recording of both voices."
    )


def test_a_caller_who_only_says_yes_is_no_silent_channel(in_memory, dialogue):
    sound, (left, _) = dialogue
    assert check(in_memory(*sound), GOOD, (left, spoken(1, (11, 11.6)))).channels == (0, 1)


@pytest.mark.parametrize("gain", [1.0, 0.1, -0.5])
def test_the_same_sound_on_both_channels_is_one_recording(in_memory, dialogue, gain):
    mono = dialogue[0].sum(axis=0)
    noise = 1e-3 * np.random.default_rng(0).standard_normal(len(mono))
    audio = in_memory(gain * mono + noise, mono)
    activities = (spoken(0, (0, 20)), spoken(1, (0, 20)))
    quality = check(audio, GOOD, activities)
    assert quality.channels == ((0,) if abs(gain) >= 1 else (1,))
    assert "both voices" in message(quality, "same_channels")


@pytest.mark.parametrize("loudness", [1.0, 0.1])
def test_voices_that_leak_into_the_other_channel_are_still_two(
    in_memory, dialogue, loudness
):
    sound, _ = dialogue
    left, right = sound[0], loudness * sound[1]
    audio = in_memory(left + 0.3 * right, 0.3 * left + right)
    heard_on_both = (spoken(0, (0, 20)), spoken(1, (0, 20)))
    assert check(audio, GOOD, heard_on_both).channels == (0, 1)


def test_a_common_offset_does_not_make_channels_the_same(in_memory, dialogue):
    sound, activities = dialogue
    assert check(in_memory(*(0.1 * sound + 0.5)), GOOD, activities).channels == (0, 1)


def test_an_announcement_on_both_channels_is_no_fake_stereo(in_memory, dialogue, voice):
    sound, _ = dialogue
    announcement = np.tile(voice(10, seed=9), (2, 1))
    audio = in_memory(*np.hstack([announcement, sound]))
    activities = (spoken(0, (0, 20)), spoken(1, (0, 10), (20, 30)))
    assert check(audio, GOOD, activities) == Quality(channels=(0, 1), notices=())


# Level


def test_clipping_is_told_by_channel_as_a_share_of_the_speech(in_memory, dialogue):
    sound, activities = dialogue
    quality = check(in_memory(*sound), facts(clipped=(0.002, 0.01)), activities)
    assert kinds(quality) == ["clipping"]
    assert "The right channel is clipped: 2.0 % of the speech" in message(
        quality, "clipping"
    )


def test_a_quiet_voice_is_told(in_memory, dialogue):
    sound, activities = dialogue
    quality = check(in_memory(sound[0], 0.01 * sound[1]), GOOD, activities)
    assert kinds(quality) == ["low_level"]
    assert message(quality, "low_level").startswith("The right channel is very quiet")


# Background


def test_mains_hum_is_told(in_memory, dialogue):
    sound, activities = dialogue
    times = np.arange(sound.shape[1]) / RATE
    hum = 0.02 * sum(np.sin(2 * np.pi * 50 * k * times) / k for k in range(1, 8))
    quality = check(in_memory(sound[0] + hum, sound[1]), GOOD, activities)
    assert kinds(quality) == ["hum"]
    assert "The left channel hums: 10 s of the 10 s" in message(quality, "hum")


def test_hum_far_under_the_speech_is_not_told(in_memory, dialogue):
    sound, activities = dialogue
    hum = 1e-4 * np.sin(2 * np.pi * 50 * np.arange(sound.shape[1]) / RATE)
    assert kinds(check(in_memory(sound[0] + hum, sound[1]), GOOD, activities)) == []


def test_music_for_most_of_the_recording_is_told(in_memory, voice, tone):
    waiting = tone(12) + tone(12, hertz=554)
    audio = in_memory(np.concatenate([voice(8), waiting]))
    quality = check(audio, GOOD, (spoken(0, (0, 8), of=1),))
    assert kinds(quality) == ["music"]
    assert "12 s of 20 s" in message(quality, "music")


def test_an_ordinary_wait_is_not_told(in_memory, voice, tone):
    audio = in_memory(np.concatenate([voice(12), tone(8) + tone(8, hertz=554)]))
    assert kinds(check(audio, GOOD, (spoken(0, (0, 12), of=1),))) == []


# Damage


def test_a_missing_end_is_told_with_both_lengths(in_memory, dialogue):
    sound, activities = dialogue
    quality = check(in_memory(*sound), facts(truncated=True, declared=31.0), activities)
    assert "20.0 s of 31.0 s could be read" in message(quality, "truncated")


def test_a_missing_end_of_unknown_length_is_told(in_memory, dialogue):
    sound, activities = dialogue
    quality = check(in_memory(*sound), facts(truncated=True), activities)
    assert "20.0 s could be read" in message(quality, "truncated")


def test_gaps_are_told(in_memory, dialogue):
    sound, activities = dialogue
    quality = check(in_memory(*sound), facts(missing=3.2), activities)
    assert message(quality, "gaps").startswith("3.2 s inside the recording")


# The three parts together


def test_a_fake_stereo_file_is_seen_through(tmp_path, encode, voice):
    mono = np.concatenate([voice(4), np.zeros(RATE, np.float32), voice(4, pitch=200)])
    path = encode(tmp_path / "a.mp3", np.vstack([mono, 0.5 * mono]), codec="libmp3lame")
    with decode(path) as audio:
        quality = check(audio, audio.facts, find_activity(audio))
    assert quality.channels == (0,)
    assert kinds(quality) == ["same_channels"]


def test_real_calls_need_no_notice(shared):
    for name in ("auto-repair-40.mono", "auto-repair-40.stereo", "telephone-30s"):
        with decode(shared / "calls" / f"{name}.flac") as audio:
            quality = check(audio, audio.facts, find_activity(audio))
        assert quality.notices == ()
        assert len(quality.channels) == audio.channels
