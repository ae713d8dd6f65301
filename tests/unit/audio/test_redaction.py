from __future__ import annotations

import numpy as np
import pytest

from callmon.audio import redaction as module
from callmon.audio.decode import decode
from callmon.audio.redaction import find_redacted
from callmon.call import Activity, Interval

RATE = 16_000
STEP = 1 / 32_768


def line(length: float, *, seed: int = 0, level: float = 1e-3) -> np.ndarray:
    """An open line: its noise."""
    return level * np.random.default_rng(seed).standard_normal(round(length * RATE))


def blanked(
    sound: np.ndarray, *spans: tuple[float, float], value: float = 0.0
) -> np.ndarray:
    sound = sound.copy()
    for start, end in spans:
        sound[round(start * RATE) : round(end * RATE)] = value
    return sound


def spoken(*spans: tuple[float, float]) -> tuple[Activity, ...]:
    intervals = tuple(Interval(start=start, end=end) for start, end in spans)
    return (Activity(speaker="left", channel=0, intervals=intervals),)


def cuts(audio, voices=()) -> list[tuple[float, float]]:
    return [(round(c.start, 2), round(c.end, 2)) for c in find_redacted(audio, voices)]


def test_digital_zero_on_all_channels_is_redacted(in_memory):
    left, right = (blanked(line(10, seed=seed), (3, 5)) for seed in (1, 2))
    assert cuts(in_memory(left, right), spoken((1, 2), (6, 8))) == [(3, 5)]


def test_one_muted_channel_is_not_redacted(in_memory):
    assert cuts(in_memory(blanked(line(10), (3, 5)), line(10, seed=2))) == []


def test_half_a_second_is_a_lost_packet(in_memory):
    assert cuts(in_memory(blanked(line(10), (3, 3.5), (6, 6.54)))) == [(6, 6.54)]


@pytest.mark.parametrize("value", [STEP, -8 * STEP])
def test_a_constant_is_as_blank_as_zero(in_memory, value):
    assert cuts(in_memory(blanked(line(10), (3, 5), value=value))) == [(3, 5)]


def test_dither_is_blank(in_memory):
    dither = np.random.default_rng(3).integers(-1, 2, 2 * RATE) * STEP
    sound = np.concatenate([line(3), dither, line(3)])
    assert cuts(in_memory(sound)) == [(3, 5)]


def test_a_quiet_line_is_not_blank(in_memory):
    assert cuts(in_memory(line(10, level=3 * STEP))) == []


def test_blank_edges_count(in_memory):
    assert cuts(in_memory(blanked(line(10), (0, 2), (9, 10)))) == [(0, 2), (9, 10)]


def test_a_recorder_that_blanks_its_pauses_has_redacted_nothing(in_memory):
    speech = [(2 * i, 2 * i + 1) for i in range(6)]
    pauses = [(2 * i + 1.1, 2 * i + 2) for i in range(5)]
    assert cuts(in_memory(blanked(line(12), *pauses)), spoken(*speech)) == []


def test_four_payments_in_a_call_with_open_pauses_are_redacted(in_memory):
    speech = [(2 * i, 2 * i + 1) for i in range(10)]
    payments = [(2 * i + 1, 2 * i + 2) for i in range(4)]
    found = cuts(in_memory(blanked(line(20), *payments)), spoken(*speech))
    assert found == payments


def test_a_bleep_on_all_channels_is_redacted(in_memory, tone):
    sound = np.concatenate([line(3), tone(2, hertz=1005), line(3)])
    ((start, end),) = cuts(in_memory(sound, sound))
    assert start == pytest.approx(3, abs=0.11)
    assert end == pytest.approx(5, abs=0.11)
    assert cuts(in_memory(sound, line(8))) == []


@pytest.mark.parametrize("hertz", [425, 620, 1100, 1400, 2100])
def test_the_tones_of_the_network_are_no_bleep(in_memory, tone, hertz):
    assert cuts(in_memory(np.concatenate([line(3), tone(3, hertz=hertz)]))) == []


def test_a_voice_under_the_tone_is_no_bleep(in_memory, tone, voice):
    assert cuts(in_memory(tone(4, hertz=1000) + voice(4))) == []


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.wav", "pcm_mulaw", 8000),
        ("a.wav", "pcm_alaw", 8000),
        ("a.mp3", "libmp3lame", 16_000),
        ("a.m4a", "aac", 16_000),
        ("a.ogg", "libopus", 16_000),
    ],
)
def test_zero_is_known_after_a_lossy_codec(tmp_path, encode, voice, name, codec, rate):
    said = voice(8) + line(8)
    sound = blanked(said, (3, 5))[:: RATE // rate].astype(np.float32)
    with decode(encode(tmp_path / name, sound, codec=codec, rate=rate)) as audio:
        ((start, end),) = cuts(audio)
    assert start == pytest.approx(3, abs=0.15)
    assert end == pytest.approx(5, abs=0.15)


def test_blocks_change_nothing(in_memory, monkeypatch):
    audio = in_memory(blanked(line(10), (1.7, 8.3)))
    monkeypatch.setattr(module, "BLOCK", 1.0)
    assert cuts(audio) == [(1.7, 8.3)]


def test_a_real_call_has_nothing_redacted(shared):
    from callmon.audio.activity import find_activity

    with decode(shared / "calls" / "telephone-30s.flac") as audio:
        assert find_redacted(audio, find_activity(audio)) == ()
