"""Which engine tells voices apart, by the settings and by what is on this machine."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from callmon.call import Activity, Interval
from callmon.commands import engine
from callmon.commands.engine import VoicesApart, load_asker
from callmon.settings import load_settings
from callmon.speech.diarization.pyannote_loading import DEFAULT

HEARD = Activity(speaker="mono", channel=0, intervals=(Interval(start=0.0, end=1.0),))
PULLED = Path("/models/community-1")


class Loaded:
    """A Diarizer, and how it was loaded."""

    name = "loaded"

    def __init__(self, *arguments: object, **options: object) -> None:
        self.arguments, self.options = arguments, options

    def separate(self, *_call: object, **_options: object) -> tuple[Activity, ...]:
        return (HEARD,)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Loaded]]:
    """What was loaded, in order; nothing is on this machine."""
    done: list[tuple[str, Loaded]] = []

    def load(kind: str, *arguments: object, **options: object) -> Loaded:
        done.append((kind, Loaded(*arguments, **options)))
        return done[-1][1]

    for kind in ("Clustering", "Pyannote"):
        monkeypatch.setattr(engine, kind, SimpleNamespace(load=partial(load, kind)))
    monkeypatch.setattr(engine, "present", lambda *_: False)
    return done


@pytest.fixture
def finds(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """How models were looked for; each is found."""
    done: list[dict[str, Any]] = []

    def find(name: str, **options: object) -> Path:
        done.append({"name": name, **options})
        return PULLED

    monkeypatch.setattr(engine, "find", find)
    return done


def separate(diarizer: str = "auto") -> VoicesApart:
    voices = VoicesApart(load_settings(diarizer=diarizer))
    assert voices.separate(SimpleNamespace(), HEARD) == (HEARD,)
    return voices


def test_without_weights_voices_are_clustered(loads: list[tuple[str, Loaded]]) -> None:
    separate()
    [(kind, _)] = loads
    assert kind == "Clustering"


def test_with_weights_on_this_machine_pyannote_is_taken(
    loads: list[tuple[str, Loaded]],
    finds: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "present", lambda *_: True)
    separate()
    [(kind, loaded)] = loads
    assert (kind, loaded.arguments) == ("Pyannote", (str(PULLED),))


@pytest.mark.parametrize("name", ["community-1", DEFAULT])
def test_the_recommended_pipeline_is_fetched_as_the_manifest_pins_it(
    loads: list[tuple[str, Loaded]],
    finds: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    monkeypatch.setenv("CALLMON_HUB_TOKEN", "hf_Secret1")
    separate(name)
    assert [(found["name"], found["offline"]) for found in finds] == [
        ("community-1", False)
    ]
    assert finds[0]["fetch"].keywords == {"token": "hf_Secret1"}
    assert loads[0][1].arguments == (str(PULLED),)
    told = capsys.readouterr().err
    assert "fetching the diarizer community-1" in told
    assert "Secret1" not in told


def test_another_pipeline_is_loaded_by_its_name(
    loads: list[tuple[str, Loaded]], finds: list[dict[str, Any]]
) -> None:
    separate("maker/pipeline")
    [(kind, loaded)] = loads
    assert (kind, loaded.arguments) == ("Pyannote", ("maker/pipeline",))
    assert finds == []


def test_the_engine_is_loaded_once_and_then_named(
    loads: list[tuple[str, Loaded]],
) -> None:
    voices = separate()
    voices.separate(SimpleNamespace(), HEARD)
    assert len(loads) == 1
    assert voices.name == "loaded"


def test_without_an_address_no_language_model_is_asked() -> None:
    assert load_asker(load_settings()) is None


def test_the_language_model_of_the_settings_is_asked() -> None:
    settings = load_settings(opinion_url="http://localhost:1/v1", opinion_model="m")
    asker = load_asker(settings)
    assert asker is not None
    assert asker.name == "m"
