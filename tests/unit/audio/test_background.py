from __future__ import annotations

import numpy as np
import pytest

from callmon.audio.background import Background, listen
from callmon.call import Activity, Interval

RATE = 16_000
TIMES = np.arange(10 * RATE) / RATE
NOISE = np.random.default_rng(0).standard_normal(len(TIMES))


def harmonics(hertz: float, *, first: int = 1, last: int = 8) -> np.ndarray:
    return sum(np.sin(2 * np.pi * hertz * k * TIMES) / k for k in range(first, last + 1))


def chords() -> np.ndarray:
    """Plucked chords, two a second, as in hold music."""
    notes = [220, 277, 330, 440, 392, 349, 294, 262]
    times = TIMES[: RATE // 2]
    sounds = []
    for beat in range(20):
        hertz = [notes[(beat + step) % 8] * k for step in (0, 2, 4) for k in range(1, 6)]
        sounds.append(
            sum(np.sin(2 * np.pi * h * times) * np.exp(-2 * times) for h in hertz)
        )
    return np.concatenate(sounds)


def heard(in_memory, sound, *, speech=(), hum_floor=0.0, music_floor=0.0) -> Background:
    intervals = tuple(Interval(start=start, end=end) for start, end in speech)
    voice = Activity(speaker="speaker 1", channel=0, intervals=intervals)
    audio = in_memory(0.1 * sound / np.std(sound))
    return listen(audio, voice, hum_floor=hum_floor, music_floor=music_floor)


@pytest.mark.parametrize("hertz", [49.8, 50, 60, 60.2])
def test_the_mains_hum(in_memory, hertz):
    assert heard(in_memory, harmonics(hertz)) == Background(quiet=10, hum=10, music=0)


def test_hum_is_known_by_the_harmonics_that_a_telephone_lets_through(in_memory):
    assert heard(in_memory, harmonics(50, first=7, last=15)).hum == 10


def test_hum_over_noise_is_hum(in_memory):
    hum = harmonics(50)
    assert heard(in_memory, hum + 0.5 * np.std(hum) * NOISE).hum == 10


def test_noise_over_hum_is_not(in_memory):
    hum = harmonics(50)
    assert heard(in_memory, hum + 2 * np.std(hum) * NOISE).hum == 0


def test_chords_are_music(in_memory):
    assert heard(in_memory, chords()) == Background(quiet=10, hum=0, music=10)


def test_a_ringing_tone_counts_while_it_sounds(in_memory):
    ringing = np.sin(2 * np.pi * 425 * TIMES) * (TIMES % 5 < 1)
    assert heard(in_memory, ringing).music == 2


@pytest.mark.parametrize("shape", ["white", "brown", "band"])
def test_noise_is_neither(in_memory, shape):
    noise = {
        "white": NOISE,
        "brown": np.cumsum(NOISE),
        "band": np.convolve(NOISE, np.hanning(20), mode="same"),
    }[shape]
    found = heard(in_memory, noise)
    assert found == Background(quiet=10, hum=0, music=0)


def test_a_real_voice_is_rarely_taken_for_music(shared):
    from callmon.audio.decode import decode

    with decode(shared / "calls" / "auto-repair-40.mono.flac") as audio:
        nobody = Activity(speaker="speaker 1", channel=0, intervals=())
        found = listen(audio, nobody, hum_floor=0.0, music_floor=0.01)
    assert found.quiet == 245
    assert found.music < 0.1 * found.quiet
    assert found.hum == 0


def test_silence_is_neither(in_memory):
    audio = in_memory(np.zeros(3 * RATE))
    nobody = Activity(speaker="speaker 1", channel=0, intervals=())
    found = listen(audio, nobody, hum_floor=0.0, music_floor=0.0)
    assert found == Background(quiet=3, hum=0, music=0)


def test_what_is_under_the_floor_does_not_count(in_memory):
    assert heard(in_memory, harmonics(50), hum_floor=0.2).hum == 0
    assert heard(in_memory, chords(), music_floor=0.2).music == 0


def test_only_whole_seconds_without_speech_are_judged(in_memory):
    found = heard(in_memory, harmonics(50), speech=[(1.5, 3.2), (7.0, 8.0)])
    assert found.quiet == 6  # not 1 to 4 and not 7 to 8


def test_a_broken_last_second_is_left_out(in_memory):
    assert heard(in_memory, harmonics(50)[: RATE * 5 // 2]).quiet == 2


def test_blocks_change_nothing(in_memory, monkeypatch):
    from callmon.audio import background

    sound = np.concatenate([harmonics(50), NOISE, chords()])
    at_once = heard(in_memory, sound, speech=[(4, 6)])
    monkeypatch.setattr(background, "BLOCK_WINDOWS", 7)
    assert heard(in_memory, sound, speech=[(4, 6)]) == at_once
