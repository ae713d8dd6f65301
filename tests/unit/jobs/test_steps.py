"""A step is done when nothing is kept of it under the same circumstances."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callmon.audio.quality import Quality
from callmon.call import Activity, Interval
from callmon.empathy.rubric_file import load_rubric
from callmon.errors import StoreUnavailable
from callmon.jobs import steps
from callmon.jobs.queue import STEPS
from callmon.jobs.steps import Engines, Plan, Steps
from callmon.metadata import Metadata
from callmon.steps import Heard, Spoken, Told, Voices
from callmon.store.calls.recordings import StoredRecording

VOICES = (Activity(speaker="left", channel=0, intervals=(Interval(start=0.0, end=9.0),)),)
PLAN = Plan(
    asr="small.en",
    diarizer="clustering",
    language=None,
    max_seconds=100,
    agent_channel=None,
    direction=None,
    role_confidence=0.85,
)
ENGINES: Any = Engines(
    transcriber=None,  # type: ignore[arg-type]
    diarizer=None,  # type: ignore[arg-type]
    text_model=None,
    rubric=load_rubric(),
)
RECORDING = StoredRecording(
    id="a" * 16,
    sha256="a" * 64,
    name="call.wav",
    size=1,
    media="aa/aa",
    received=datetime(2026, 11, 22, tzinfo=UTC),
    state="analysing",
    stage=None,
    progress=0.0,
    attempts=1,
    run=1,
    error=None,
    priority=1,
    duration=None,
    channels=None,
    metadata=Metadata(agent="Ann"),
    warnings=(),
    source=None,
    analysis=None,
    queued_at=None,
    started_at=None,
    finished_at=None,
)


class Kept(dict[tuple[str, str], bytes]):
    """A Shelf; `away` is how often it will not answer when it is to keep something."""

    away = 0

    def kept(self, step: str, fingerprint: str) -> bytes | None:
        return self.get((step, fingerprint))

    def keep(self, step: str, fingerprint: str, document: bytes) -> None:
        if self.away:
            self.away -= 1
            raise StoreUnavailable("It is away.")
        self[step, fingerprint] = document


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that were done, in order."""
    names: list[str] = []

    def does(step: str, result: Any) -> Any:
        return lambda *_, **__: (names.append(step), result)[1]

    class Sound:
        def __enter__(self) -> Sound:
            names.append("decode")
            return self

        def __exit__(self, *_: object) -> None:
            names.append("close")

    heard = Heard(
        duration=9.0,
        channels=1,
        quality=Quality(channels=(0,), notices=()),
        activity=VOICES,
        redacted=(),
    )
    spoken = Spoken(asr="small.en", language="en", segments=())
    voices = Voices(diarizer="clustering", activities=VOICES)
    monkeypatch.setattr(steps, "decode", lambda *_, **__: Sound())
    monkeypatch.setattr(steps, "listen", does("audio", heard))
    monkeypatch.setattr(steps, "recognise", does("transcript", spoken))
    monkeypatch.setattr(steps, "tell_apart", does("speakers", voices))
    monkeypatch.setattr(steps, "attribute", lambda *_, **__: Told(roles={}, turns=()))
    monkeypatch.setattr(steps, "hear", does("tones", ()))
    return names


@contextmanager
def sound() -> Iterator[Path]:
    yield Path("call.wav")


def run(shelf: Kept, **changed: Any) -> Steps:
    given: dict[str, Any] = {"engines": ENGINES, "plan": PLAN, **changed}
    return Steps(RECORDING, sound=sound, shelf=shelf, **given)


def test_a_second_run_of_the_same_recording_does_nothing_again(done: list[str]) -> None:
    shelf = Kept()
    first = run(shelf)
    for step in STEPS:
        first.take(step)
    first.close()
    assert done == ["decode", "audio", "transcript", "speakers", "tones", "close"]

    done.clear()
    second = run(shelf)
    for step in STEPS:
        second.take(step)
    assert done == []
    assert second.analysis == first.analysis


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({"asr": "large-v3"}, {"transcript", "tones"}),
        ({"language": "en"}, {"transcript", "tones"}),
        ({"diarizer": "community-1"}, {"speakers", "tones"}),
        ({"agent_channel": "left"}, {"tones"}),
        ({"direction": "outbound"}, {"tones"}),
        ({"role_confidence": 0.9}, {"tones"}),
        ({"max_seconds": 50}, {"audio", "transcript", "speakers", "tones"}),
    ],
)
def test_a_change_repeats_only_what_depends_on_it(
    done: list[str], change: dict[str, Any], again: set[str]
) -> None:
    shelf = Kept()
    run(shelf).take("judgement")
    done.clear()
    run(shelf, plan=replace(PLAN, **change)).take("judgement")

    assert set(done) - {"decode"} == again


def test_a_step_alone_does_what_it_needs(done: list[str]) -> None:
    run(Kept()).take("transcript")
    assert done == ["decode", "audio", "transcript"]


def test_a_result_that_could_not_be_kept_is_kept_later_without_being_made_again(
    done: list[str],
) -> None:
    shelf = Kept()
    one = run(shelf)
    one.take("audio")
    shelf.away = 1
    with pytest.raises(StoreUnavailable):
        one.take("transcript")
    one.take("transcript")

    assert done.count("transcript") == 1
    assert {step for step, _ in shelf} == {"audio", "transcript"}


def test_only_steps_that_are_done_report_progress(done: list[str]) -> None:
    shelf = Kept()
    run(shelf).take("transcript")
    run(shelf).take("speakers")
    told: list[str] = []
    run(shelf, progress=lambda step, _share: told.append(step)).take("judgement")

    assert told == ["tones", "judgement"]


def test_the_document_says_what_came_with_the_recording_and_what_was_heard(
    done: list[str],
) -> None:
    recording = run(Kept()).analysis.recording

    assert (recording.id, recording.duration, recording.channels) == ("a" * 16, 9.0, 1)
    assert recording.metadata == {"agent": "Ann", "language": "en"}


def test_the_judgement_can_be_looked_over_last(done: list[str]) -> None:
    engines = replace(
        ENGINES, review=lambda found: found.model_copy(update={"warnings": ("seen",)})
    )
    assert run(Kept(), engines=engines).analysis.warnings == ("seen",)
