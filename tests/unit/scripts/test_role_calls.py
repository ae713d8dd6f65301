"""The forms in which roles are measured: cut, misheard, swapped, and never told apart by
who is named first.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType

import pytest

LINES = (("agent", "Hello, how can I help you?"), ("customer", "I've lost my card.")) * 20
SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"
TRAINING = SCRIPTS.parent / "models" / "roles" / "training"


@pytest.fixture
def role_calls(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("role_calls")


@pytest.fixture
def evaluate_roles(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("evaluate_roles")


def test_a_call_has_the_same_forms_every_time(role_calls: ModuleType) -> None:
    call = role_calls.Call("w1-card", "w1", LINES)
    assert role_calls.forms(call, ["mm"]) == role_calls.forms(call, ["mm"])


def test_parts_are_taken_from_the_call(role_calls: ModuleType) -> None:
    forms = role_calls.forms(role_calls.Call("w1-card", "w1", LINES), ["mm"])
    assert forms["whole"] == LINES
    assert forms["first quarter"] == LINES[:10]
    assert forms["second half"] == LINES[20:]


def test_misheard_words_are_lost_or_taken_for_others(role_calls: ModuleType) -> None:
    heard = role_calls.forms(role_calls.Call("w1-card", "w1", LINES), ["mm"])["misheard"]
    assert [party for party, _ in heard] == [party for party, _ in LINES]
    words = [word for _, text in heard for word in text.split()]
    assert "mm" in words
    assert len(words) < sum(len(text.split()) for _, text in LINES)


def test_swapped_sentences_keep_their_words(role_calls: ModuleType) -> None:
    swapped = role_calls.forms(role_calls.Call("w1-card", "w1", LINES), ["mm"])[
        "10 % swapped"
    ]
    assert [text for _, text in swapped] == [text for _, text in LINES]
    assert 0 < sum(a != b for a, b in zip(swapped, LINES, strict=True)) <= 10


def test_calls_of_one_party_are_not_learned_from(
    role_calls: ModuleType, tmp_path: Path
) -> None:
    both = {"scenario": "w1-card", "lines": [["agent", [], "Hi."], ["customer", [], "Hm."]]}
    one = {"scenario": "w1-alone", "lines": [["agent", [], "Hi."]]}
    text = "\n".join(json.dumps(scene) for scene in (both, one))
    (tmp_path / "calls.jsonl").write_text(text)
    [call] = role_calls.read_training([tmp_path])
    assert (call.name, call.writer) == ("w1-card", "w1")


def test_the_training_calls_are_read(role_calls: ModuleType) -> None:
    calls = role_calls.read_training([TRAINING])
    assert len(calls) >= 50
    assert {party for call in calls for party, _ in call.lines} == {"agent", "customer"}


def test_a_call_told_rightly_has_a_score_above_nothing(evaluate_roles: ModuleType) -> None:
    call = evaluate_roles.Call("w1-card", "w1", LINES)
    assert evaluate_roles.judged(call, LINES) > 1


def test_a_call_told_wrongly_has_a_score_under_nothing(evaluate_roles: ModuleType) -> None:
    wrong = [("customer" if party == "agent" else "agent", text) for party, text in LINES]
    call = evaluate_roles.Call("w1-card", "w1", tuple(wrong))
    assert evaluate_roles.judged(call, wrong) < -1


def test_the_voices_are_not_always_named_in_one_order(evaluate_roles: ModuleType) -> None:
    assert {
        evaluate_roles.names_of(evaluate_roles.Call(f"w1-{i}", "w1", LINES))["agent"]
        for i in range(20)
    } == {"speaker 1", "speaker 2"}
