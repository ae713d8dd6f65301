"""A call with two channels goes the right way, whatever leaks from one into the other."""

from __future__ import annotations

import wave
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from callmon.audio.decode import decode
from callmon.call import Activity, Analysis, Audio, Interval, Segment, Word
from callmon.empathy.rubric_file import load_rubric
from callmon.intervals import clip
from callmon.pipeline import analyse
from callmon.samples import Sample, samples
from callmon.speech.recognition.transcribe import Transcript

RATE = 16_000

Sound = NDArray[np.float64]


class ByTheSample:
    """A diarizer that knows when each party of the sample call speaks."""

    name = "by the sample"

    def __init__(self, sample: Sample) -> None:
        self.turns = sample.transcript()

    def separate(
        self, audio: Audio, heard: Activity, *, progress: object = None
    ) -> tuple[Activity, ...]:
        parts: dict[str, list[Interval]] = {"agent": [], "customer": []}
        for turn in self.turns:
            assert turn.start is not None
            assert turn.end is not None
            own = clip(heard.intervals, start=turn.start, end=turn.end)
            parts[turn.speaker] += own
        return tuple(
            heard.model_copy(
                update={"speaker": f"speaker {number}", "intervals": tuple(own)}
            )
            for number, own in enumerate(parts.values(), start=1)
        )


class SaysTwice:
    """A transcriber that hears the first words of the left channel in both."""

    name = "says twice"

    def transcribe(
        self,
        audio: Audio,
        activities: Sequence[Activity],
        *,
        language: str | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Transcript:
        start = activities[0].intervals[0].start
        texts = ["thank", "you", "for", "calling", "my", "name", "is", "Laura"]
        words = tuple(
            Word(text=text, start=start + n / 4, end=start + (n + 1) / 4, confidence=0.9)
            for n, text in enumerate(texts)
        )
        segments = tuple(
            Segment(
                speaker=voice.speaker,
                start=start,
                end=words[-1].end,
                text=" ".join(texts),
                words=words,
            )
            for voice in activities
        )
        return Transcript(language="en", segments=segments)


@pytest.fixture(scope="module")
def sample() -> Sample:
    return next(sample for sample in samples() if sample.name == "bank-late-fee")


@pytest.fixture(scope="module")
def channels(sample: Sample) -> tuple[Sound, Sound]:
    with decode(sample.recording) as audio:
        left, right = (audio.read(c, 0, audio.duration).astype(float) for c in (0, 1))
    line = 1e-3 * np.random.default_rng(0).standard_normal((2, len(left)))
    return left + line[0], right + line[1]


def faint(sound: Sound, *, decibels: float = -20.0, delay: float = 0.08) -> Sound:
    """What is heard of it in the other channel."""
    late = np.concatenate([np.zeros(round(delay * RATE)), sound])[: len(sound)]
    return 10 ** (decibels / 20) * late


def written(path: Path, *sounds: Sound) -> Path:
    samples = np.round(np.clip(np.stack(sounds, axis=1), -1, 1) * 32_767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(sounds))
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return path


def analysed(path: Path, sample: Sample) -> Analysis:
    return analyse(
        path,
        rubric=load_rubric(),
        diarizer=ByTheSample(sample),
        transcript=sample.transcript(),
    )


def test_a_channel_with_nothing_but_leakage_leaves_a_call_with_one(
    tmp_path: Path, sample: Sample, channels: tuple[Sound, Sound]
) -> None:
    both = channels[0] + channels[1]
    noise = 1e-3 * np.random.default_rng(1).standard_normal(len(both))
    found = analysed(written(tmp_path / "a.wav", both, faint(both) + noise), sample)
    assert found.versions.models["diarizer"] == "by the sample"
    assert "silent_channel" in {notice.kind for notice in found.warnings}
    assert found.dynamics is not None
    assert found.dynamics.talk["agent"] > 25
    assert found.dynamics.talk["customer"] > 15
    assert {turn.speaker for turn in found.turns} == {"speaker 1", "speaker 2"}


def test_leakage_is_nobodys_talk(
    tmp_path: Path, sample: Sample, channels: tuple[Sound, Sound]
) -> None:
    left, right = channels
    leaking = written(tmp_path / "b.wav", left + faint(right), right + faint(left))
    plain = analysed(written(tmp_path / "a.wav", left, right), sample).dynamics
    found = analysed(leaking, sample).dynamics
    assert plain is not None
    assert found is not None
    assert found.overlap < 1.0
    assert found.talk == pytest.approx(plain.talk, abs=1.0)


def test_words_heard_in_both_channels_are_said_once(
    tmp_path: Path, sample: Sample, channels: tuple[Sound, Sound]
) -> None:
    found = analyse(
        written(tmp_path / "a.wav", *channels),
        rubric=load_rubric(),
        diarizer=ByTheSample(sample),
        transcriber=SaysTwice(),
    )
    assert [(turn.speaker, turn.text) for turn in found.turns] == [
        ("left", "thank you for calling my name is Laura")
    ]
    assert [(gone.speaker, gone.reason) for gone in found.suppressed] == [("right", "echo")]


def test_a_given_transcript_keeps_its_words_and_gets_the_voices_of_the_channels(
    tmp_path: Path, sample: Sample, channels: tuple[Sound, Sound]
) -> None:
    found = analysed(written(tmp_path / "a.wav", *channels), sample)
    given = " ".join(segment.text for segment in sample.transcript())
    found_words = " ".join(turn.text for turn in found.turns).split()
    assert sorted(found_words) == sorted(given.split())
    assert {(turn.speaker, turn.party) for turn in found.turns} == {
        ("left", "agent"),
        ("right", "customer"),
    }
    assert found.versions.models["diarizer"] == "channels"
    assert found.versions.models["asr"] is None
    assert found.suppressed == ()
