"""The voices of one channel are told apart, and one voice is left whole."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from callmon.audio.decode import decode
from callmon.call import Activity, Interval
from callmon.intervals import intersection, seconds, union
from callmon.samples import samples
from callmon.speech.diarization import clustering as clusters
from callmon.speech.diarization import diarize
from callmon.speech.diarization.diarize import Clustering
from callmon.weights import models_folder

RATE = 16_000

LOW = (110.0, (500.0, 1500.0, 2500.0))
HIGH = (220.0, (850.0, 2100.0, 3300.0))


def syllables(
    voice: tuple[float, tuple[float, ...]], seconds: float, *, seed: int
) -> NDArray[np.float32]:
    """A buzz at the voice's pitch, its resonances wandering from syllable to syllable."""
    pitch, resonances = voice
    random = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    syllable = (time * 5).astype(int)
    wander = random.normal(1.0, 0.12, (syllable.max() + 1, len(resonances)))[syllable]
    tune = pitch * random.normal(1.0, 0.08, syllable.max() + 1)[syllable]
    phase = 2 * np.pi * np.cumsum(tune) / RATE
    sound = np.zeros(len(time))
    for harmonic in range(1, int(3800 / pitch)):
        gain = sum(
            np.exp(-(((harmonic * tune - r * wander[:, k]) / 150) ** 2))
            for k, r in enumerate(resonances)
        )
        sound += (gain + 0.01) * np.sin(harmonic * phase)
    return (0.1 * sound + random.normal(0, 1e-3, len(time))).astype(np.float32)


class Sound:
    sample_rate = RATE
    channels = 1

    def __init__(self, samples: NDArray[np.float32]) -> None:
        self.samples = samples

    @property
    def duration(self) -> float:
        return len(self.samples) / RATE

    def read(self, channel: int, start: float, end: float) -> NDArray[np.float32]:
        return self.samples[round(start * RATE) : round(end * RATE)]


@pytest.fixture(scope="module")
def clustering() -> Clustering:
    return Clustering.load(models_folder() / "voices")


def heard(*spans: tuple[float, float]) -> Activity:
    intervals = tuple(Interval(start=start, end=end) for start, end in spans)
    return Activity(speaker="mono", channel=0, intervals=intervals)


def exchange() -> Sound:
    """High and low in turn, four seconds each, six times."""
    voices = [syllables((HIGH, LOW)[n % 2], 4.0, seed=n) for n in range(6)]
    return Sound(np.concatenate(voices))


def test_two_voices_are_told_apart_where_they_change(clustering: Clustering) -> None:
    first, second = clustering.separate(exchange(), heard((0.0, 24.0)))
    true_first = [Interval(start=s, end=s + 4.0) for s in (0.0, 8.0, 16.0)]
    assert (first.speaker, second.speaker) == ("speaker 1", "speaker 2")
    assert seconds(intersection(first.intervals, true_first)) == pytest.approx(12, abs=0.6)
    assert seconds(intersection(second.intervals, true_first)) < 0.6


def test_the_voices_share_out_the_activity(clustering: Clustering) -> None:
    activity = heard((0.5, 11.0), (11.5, 23.0))
    first, second = clustering.separate(exchange(), activity)
    assert intersection(first.intervals, second.intervals) == ()
    both = union([*first.intervals, *second.intervals], gap=1e-6)
    assert seconds(both) == pytest.approx(seconds(activity.intervals), abs=1e-3)


def test_one_voice_is_left_whole(clustering: Clustering) -> None:
    """A buzz is no voice to the encoder, so here the agent of a sample call speaks."""
    sample = next(s for s in samples() if s.name == "bank-late-fee")
    turns = [s for s in sample.transcript() if s.party == "agent"]
    said = heard(*((s.start, s.end) for s in turns if s.start and s.end))
    with decode(sample.recording) as audio:
        (voice,) = clustering.separate(audio, said)
    assert voice == said.model_copy(update={"speaker": "speaker 1"})


def test_sound_at_another_rate_is_refused(clustering: Clustering) -> None:
    sound = Sound(np.zeros(8000, np.float32))
    sound.sample_rate = 8000
    with pytest.raises(ValueError, match="8000 Hz"):
        clustering.separate(sound, heard((0.0, 1.0)))


def test_progress_rises_to_the_end_of_the_speech(clustering: Clustering) -> None:
    shares: list[float] = []
    clustering.separate(exchange(), heard((0.0, 24.0)), progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_the_shortest_sounds_go_to_the_voice_that_is_nearest(
    clustering: Clustering,
) -> None:
    activity = heard((0.0, 15.5), (15.9, 15.92), (16.0, 24.0))
    voices = clustering.separate(exchange(), activity)
    both = [interval for voice in voices for interval in voice.intervals]
    assert seconds(both) == pytest.approx(seconds(activity.intervals), abs=1e-3)


def test_a_word_or_two_are_one_voice(clustering: Clustering) -> None:
    (voice,) = clustering.separate(exchange(), heard((3.0, 5.0)))
    assert voice.intervals == (Interval(start=3.0, end=5.0),)


def test_no_speech_is_one_voice_that_says_nothing(clustering: Clustering) -> None:
    (voice,) = clustering.separate(exchange(), heard())
    assert voice.intervals == ()


def test_digital_silence_is_one_voice(clustering: Clustering) -> None:
    sound = Sound(np.zeros(20 * RATE, np.float32))
    assert len(clustering.separate(sound, heard((0.0, 20.0)))) == 1


def test_two_runs_give_the_same(clustering: Clustering) -> None:
    activity = heard((0.0, 24.0))
    assert clustering.separate(exchange(), activity) == clustering.separate(
        exchange(), activity
    )


def test_a_long_call_is_read_in_pieces(
    clustering: Clustering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diarize, "LONGEST_STRETCH", 5.0)
    monkeypatch.setattr(clusters, "MOST_WINDOWS", 20)
    lengths: list[float] = []

    class Watched(Sound):
        def read(self, channel: int, start: float, end: float) -> NDArray[np.float32]:
            lengths.append(end - start)
            return super().read(channel, start, end)

    assert len(clustering.separate(Watched(exchange().samples), heard((0.0, 24.0)))) == 2
    assert max(lengths) <= 5.0
