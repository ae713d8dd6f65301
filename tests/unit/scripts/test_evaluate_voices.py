"""The diarization error rate, on cases that can be worked out by hand."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from callmon.call import Interval

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("evaluate_voices")


def voice(*times: tuple[float, float]) -> list[Interval]:
    return [Interval(start=start, end=end) for start, end in times]


TRUTH = [voice((0, 10)), voice((10, 20))]
"""Of which 9.75 (the call begins with a border) and 9.5 seconds are judged."""


def test_the_truth_has_no_errors_whatever_its_voices_are_called(
    script: ModuleType,
) -> None:
    assert script.measure(TRUTH, TRUTH[::-1]).shares() == {
        "confusion": 0.0,
        "miss": 0.0,
        "false_alarm": 0.0,
        "der": 0.0,
    }


def test_speech_given_to_the_other_voice_is_confusion(script: ModuleType) -> None:
    errors = script.measure(TRUTH, [voice((0, 12)), voice((12, 20))])
    assert errors.speech == pytest.approx(19.0)
    assert errors.confusion == pytest.approx(1.75)
    assert (errors.miss, errors.false_alarm) == (0, 0)


def test_two_voices_taken_for_one_are_confusion_of_the_smaller(script: ModuleType) -> None:
    errors = script.measure([voice((0, 10)), voice((10, 14))], [voice((0, 14))])
    assert errors.confusion == pytest.approx(3.5)


def test_of_two_at_once_one_is_missed(script: ModuleType) -> None:
    truth = [voice((0, 10)), voice((4, 6))]
    errors = script.measure(truth, [voice((0, 10))])
    assert errors.speech == pytest.approx(8.5 + 1.5)
    assert errors.miss == pytest.approx(1.5)
    assert (errors.confusion, errors.false_alarm) == (0, 0)


def test_speech_where_nobody_speaks_is_a_false_alarm(script: ModuleType) -> None:
    errors = script.measure([voice((0, 10))], [voice((0, 10), (12, 13))])
    assert errors.false_alarm == pytest.approx(1.0)


def test_around_a_border_nothing_is_judged(script: ModuleType) -> None:
    errors = script.measure(TRUTH, [voice((0, 10.2)), voice((10.2, 20.2))])
    assert errors.shares()["der"] == 0.0
