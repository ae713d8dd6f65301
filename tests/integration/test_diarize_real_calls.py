"""The separation of voices, measured on a mono mix of a real stereo call."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from callmon.audio.activity import find_activity
from callmon.speech.diarization.diarize import Clustering
from callmon.weights import models_folder

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.mark.timeout(300)
def test_few_seconds_of_a_real_call_go_wrong(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Measured: confusion 0.0 %, diarization error rate 3.1 %."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    mix_voices = importlib.import_module("mix_voices")
    evaluate_voices = importlib.import_module("evaluate_voices")
    call = mix_voices.mixed(shared / "calls" / "auto-repair-40.stereo.flac", kind="real")

    (heard,) = find_activity(call.sound)
    found = Clustering.load(models_folder() / "voices").separate(call.sound, heard)

    assert len(found) == 2
    errors = evaluate_voices.measure(call.truth, [voice.intervals for voice in found])
    assert errors.shares()["confusion"] <= 0.01
    assert errors.shares()["der"] <= 0.08
