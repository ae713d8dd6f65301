"""What a pipeline says becomes the activity of voices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from callmon.call import Activity, Interval
from callmon.speech.diarization import pyannote_pipeline
from callmon.speech.diarization.pyannote_pipeline import Pyannote

RATE = 16_000


class Annotation:
    """As pyannote.core's: who speaks when."""

    def __init__(self, turns: list[tuple[float, float, str]]) -> None:
        self.turns = turns

    def labels(self) -> list[str]:
        return sorted({label for _, _, label in self.turns})

    def itertracks(self, *, yield_label: bool) -> Iterator[tuple[Any, str, str]]:
        assert yield_label
        for number, (start, end, label) in enumerate(self.turns):
            yield SimpleNamespace(start=start, end=end), str(number), label


class Pipeline:
    """Gives the same answer, or one after the other, and keeps what it was given."""

    def __init__(
        self, *answers: list[tuple[float, float, str]], embeddings: dict[str, list[float]]
    ) -> None:
        self.answers = list(answers)
        self.embeddings = embeddings
        self.files: list[dict[str, Any]] = []

    def __call__(
        self, file: dict[str, Any], *, hook: Callable[..., None]
    ) -> SimpleNamespace:
        self.files.append(file)
        said = Annotation(self.answers[min(len(self.files), len(self.answers)) - 1])
        hook("segmentation", None, file=file, total=2, completed=1)
        hook("segmentation", None, file=file, total=2, completed=32)
        hook("speaker_counting", object(), file=file)
        hook("embeddings", None, file=file, total=4, completed=0)
        hook("embeddings", object(), file=file, total=4, completed=2)
        hook("embeddings", object(), file=file, total=4, completed=4)
        return SimpleNamespace(
            exclusive_speaker_diarization=said,
            speaker_diarization=said,
            speaker_embeddings=np.array([self.embeddings[name] for name in said.labels()]),
        )


class Sound:
    channels = 2

    def __init__(self, duration: float, sample_rate: int = RATE) -> None:
        self.duration = duration
        self.sample_rate = sample_rate

    def read(self, channel: int, start: float, end: float) -> NDArray[np.float32]:
        return np.full(round((end - start) * RATE), channel, dtype=np.float32)


def heard(start: float, end: float) -> Activity:
    interval = Interval(start=start, end=end)
    return Activity(speaker="right", channel=1, intervals=(interval,))


def separated(pipeline: Pipeline, sound: Sound, activity: Activity) -> dict[str, list[Any]]:
    found = Pyannote(pipeline, name="fake", device="cpu").separate(sound, activity)
    assert all(voice.channel == activity.channel for voice in found)
    return {v.speaker: [(i.start, i.end) for i in v.intervals] for v in found}


TWO = {"SPEAKER_00": [1.0, 0.0], "SPEAKER_01": [0.0, 1.0]}


def test_speakers_are_named_in_order_of_first_speech() -> None:
    turns = [(0.0, 4.0, "SPEAKER_01"), (4.0, 9.0, "SPEAKER_00")]
    assert separated(Pipeline(turns, embeddings=TWO), Sound(10.0), heard(0.5, 9.0)) == {
        "speaker 1": [(0.5, 4.0)],
        "speaker 2": [(4.0, 9.0)],
    }


def test_the_pipeline_is_given_the_channel_as_a_waveform_in_memory() -> None:
    pipeline = Pipeline([], embeddings={})
    separated(pipeline, Sound(2.0), heard(0.0, 2.0))
    [file] = pipeline.files
    assert set(file) == {"waveform", "sample_rate"}
    assert file["sample_rate"] == RATE
    assert file["waveform"].shape == (1, 2 * RATE)
    assert bool((file["waveform"] == 1.0).all())


def test_a_long_call_is_given_in_equal_blocks_and_put_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pyannote_pipeline, "BLOCK", 8.0)
    pipeline = Pipeline(
        [(0.0, 3.0, "SPEAKER_00"), (3.0, 6.0, "SPEAKER_01")],
        [(0.0, 2.0, "SPEAKER_00"), (2.0, 6.0, "SPEAKER_01")],
        embeddings=TWO,
    )
    assert separated(pipeline, Sound(12.0), heard(0.0, 12.0)) == {
        "speaker 1": [(0.0, 3.0), (6.0, 8.0)],
        "speaker 2": [(3.0, 6.0), (8.0, 12.0)],
    }
    assert [file["waveform"].shape[1] for file in pipeline.files] == [6 * RATE, 6 * RATE]


def test_where_the_pipeline_hears_nobody_there_is_one_voice() -> None:
    pipeline = Pipeline([], embeddings={})
    assert separated(pipeline, Sound(3.0), heard(1.0, 5.0)) == {"speaker 1": [(1.0, 3.0)]}


def test_a_silent_channel_is_not_given_to_the_pipeline() -> None:
    pipeline = Pipeline([], embeddings={})
    silent = Activity(speaker="left", channel=0, intervals=())
    assert separated(pipeline, Sound(3.0), silent) == {"speaker 1": []}
    assert pipeline.files == []


def test_progress_rises_to_one_over_all_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyannote_pipeline, "BLOCK", 1.0)
    pyannote = Pyannote(Pipeline([], embeddings={}), name="fake", device="cpu")
    told: list[float] = []
    pyannote.separate(Sound(2.0), heard(0.0, 2.0), progress=told.append)
    assert told == pytest.approx([0.025, 0.05, 0.275, 0.5, 0.525, 0.55, 0.775, 1.0])


def test_another_sample_rate_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="16000"):
        separated(
            Pipeline([], embeddings={}), Sound(1.0, sample_rate=8000), heard(0.0, 1.0)
        )
