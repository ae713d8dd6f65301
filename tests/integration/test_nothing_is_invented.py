"""What is no speech gives no words, and shifts none of those after it."""

from __future__ import annotations

from difflib import SequenceMatcher
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from numpy.typing import NDArray

from callmon.audio.activity import find_activity
from callmon.audio.decode import decode
from callmon.call import Word
from callmon.intervals import complement
from callmon.samples import samples
from callmon.speech.recognition.transcribe import Whisper

RATE = 16_000
SECONDS = 60.0
MODEL = Path(__file__).resolve().parents[2] / "models" / "demo-asr"
TIME = np.arange(round(SECONDS * RATE)) / RATE


def tones(*hertz: float) -> NDArray[np.float64]:
    return np.asarray(np.mean([np.sin(2 * np.pi * f * TIME) for f in hertz], axis=0))


def melody() -> NDArray[np.float64]:
    """Hold music: plucked thirds over a held bass, two notes a second."""
    scale = np.array([262, 294, 330, 349, 392, 440, 494, 523.0])
    notes = scale[np.random.default_rng(3).integers(0, 6, int(2 * SECONDS))]
    pitch = np.repeat(notes, RATE // 2)
    pluck = np.exp(-4 * (TIME % 0.5))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    lead = pluck * (np.sin(phase) + np.sin(1.25 * phase) + 0.3 * np.sin(2 * phase))
    return np.asarray(0.2 * lead + 0.1 * tones(131, 196))


FILLINGS = {
    "silence": np.zeros(len(TIME)),
    "room noise": 0.01 * np.random.default_rng(1).standard_normal(len(TIME)),
    "hold music": melody(),
    "ring tone": 0.2 * tones(440, 480) * (TIME % 6 < 2),
    "touch tones": 0.2 * tones(770, 1336) * (TIME % 0.5 < 0.2),
}


class Sound:
    """Two channels in memory."""

    sample_rate = RATE
    channels = 2

    def __init__(self, samples: NDArray[np.float32]) -> None:
        self.samples = samples

    @property
    def duration(self) -> float:
        return float(self.samples.shape[1] / RATE)

    def read(self, channel: int, start: float, end: float) -> NDArray[np.float32]:
        return self.samples[channel, round(start * RATE) : round(end * RATE)]


@pytest.fixture(scope="module")
def whisper() -> Whisper:
    return Whisper.load(MODEL, name="demo", device="cpu", threads=1)


@pytest.fixture(scope="module")
def call() -> Sound:
    path = next(s.recording for s in samples() if s.name == "internet-down")
    with decode(path, max_seconds=100.0) as audio:
        both = [audio.read(channel, 0.0, 40.0) for channel in (0, 1)]
    return Sound(np.stack(both))


def words_of(whisper: Whisper, sound: Sound) -> list[Word]:
    spoken = whisper.transcribe(sound, find_activity(sound), language="en")
    return [word for segment in spoken.segments for word in segment.words]


@pytest.mark.parametrize("filling", FILLINGS)
def test_no_words_are_found_in_it_and_none_is_shifted(
    whisper: Whisper, call: Sound, filling: str
) -> None:
    speech = [i for voice in find_activity(call) for i in voice.intervals]
    pause = max(complement(speech, start=10.0, end=30.0), key=lambda gap: gap.duration)
    at = round((pause.start + pause.end) / 2 * RATE)
    filler = np.tile(FILLINGS[filling].astype(np.float32), (2, 1))
    longer = Sound(np.hstack([call.samples[:, :at], filler, call.samples[:, at:]]))

    plain, held = words_of(whisper, call), words_of(whisper, longer)
    start, end = at / RATE, at / RATE + SECONDS
    assert [word.text for word in held if word.end > start and word.start < end] == []
    before = [word for word in plain if word.start >= start]
    after = [word for word in held if word.start >= end]
    same = SequenceMatcher(
        a=[word.text for word in before], b=[word.text for word in after]
    )
    # Activity may begin a frame earlier or later after it, and so may a clip.
    assert same.ratio() > 0.8
    shifts = [
        after[b + k].start - before[a + k].start
        for a, b, size in same.get_matching_blocks()
        for k in range(size)
    ]
    assert median(shifts) == pytest.approx(SECONDS, abs=0.02)
    assert max(abs(shift - SECONDS) for shift in shifts) < 0.5
