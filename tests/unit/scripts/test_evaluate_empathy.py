"""The report on labelled dialogues, from a folder with one call made by hand."""

from __future__ import annotations

import argparse
import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"

SAID = [
    ("agent", "Thanks for calling, how can I help?"),
    ("customer", "I am so frustrated, this is the third time I have called."),
    ("agent", "Can I take your account number?"),
    ("customer", "Four two seven."),
    ("agent", "I apologize for that."),
]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("evaluate_empathy")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    turns = [{"i": i, "party": p, "text": text} for i, (p, text) in enumerate(SAID)]
    labels = {
        "opportunities": [
            {
                "turns": [1],
                "emotion": "frustration",
                "strength": 3,
                "outcome": "missed",
                "rung": "sorry_only",
            }
        ],
        "agent_labels": [{"turn": 4, "behaviours": ["apology"]}],
        "findings": [],
    }
    for folder, value in (("calls", {"turns": turns}), ("labels", labels)):
        file = tmp_path / "dialogues" / folder / "ab01.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(value), encoding="utf-8")
    return tmp_path


def options(data: Path | None, *words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    importlib.import_module("evaluate_empathy").add_arguments(parser)
    named = ["--data", str(data)] if data is not None else []
    return parser.parse_args([*named, "--model", "none", *words])


def report(script: ModuleType, data: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    script.run(options(data, "--json"))
    return json.loads(capsys.readouterr().out)


def test_all_judges_are_measured_on_the_same_calls(
    script: ModuleType, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judges = report(script, data, capsys)["judges"]
    assert list(judges)[:2] == ["patterns alone", "phrase list"]
    for judge in judges.values():
        counts = judge["all"]["opportunities"]
        assert counts["hit"] + counts["miss"] == 1


def test_figures_are_told_by_source(
    script: ModuleType, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    product = report(script, data, capsys)["judges"]["patterns alone"]
    assert list(product["by source"]) == ["ab"]
    assert product["by source"]["ab"]["apology"]["hit"] == 1


def test_the_agreement_of_other_labelings_is_not_told(
    script: ModuleType, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(script, data, capsys)["two labelings"] == {}
    script.run(options(data))
    assert "two labelings" not in capsys.readouterr().out


def test_the_agreement_of_two_labelings_is_of_the_shared_dialogues(
    script: ModuleType, shared: Path
) -> None:
    assert script.two_labelings(shared / "dialogues") == script.LABELINGS


def test_a_moment_without_a_rung_is_left_out_of_kappa(
    script: ModuleType, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = data / "dialogues" / "labels" / "ab01.json"
    labels = json.loads(file.read_text(encoding="utf-8"))
    labels["opportunities"][0] |= {"outcome": "impeded", "rung": None}
    file.write_text(json.dumps(labels), encoding="utf-8")
    rung = report(script, data, capsys)["judges"]["patterns alone"]["all"]["rung"]
    assert (rung["kappa"], rung["left out"]) == (None, 1)


def test_the_data_is_looked_for_where_the_tests_look_for_it(
    script: ModuleType,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CALLMON_SHARED", str(data))
    script.run(options(None, "--json"))
    assert json.loads(capsys.readouterr().out)["calls"] == 1
    monkeypatch.setenv("CALLMON_SHARED", str(data / "nowhere"))
    with pytest.raises(SystemExit, match=r"nowhere.*--data, or in CALLMON_SHARED"):
        script.run(options(None))


def test_a_judge_says_nothing_of_what_it_does_not_know(
    script: ModuleType, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judges = report(script, data, capsys)["judges"]
    assert "mirroring" in judges["patterns alone"]["all"]
    assert "mirroring" not in judges["phrase list"]["all"]


def test_the_tables_hold_every_measure_and_no_words_of_a_call(
    script: ModuleType, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script.run(options(data))
    out = capsys.readouterr().out
    assert all(measure in out for measure in script.SCALES)
    assert not any(text in out for _, text in SAID)


def test_errors_are_shown_with_their_words(
    script: ModuleType, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = data / "dialogues" / "labels" / "ab01.json"
    told = json.loads(labels.read_text(encoding="utf-8"))
    labels.write_text(json.dumps({**told, "agent_labels": []}), encoding="utf-8")
    script.run(options(data, "--errors"))
    out = capsys.readouterr().out
    assert "apology: ab01 turn 4: labelled -, found apology" in out
    assert "    4 agent: I apologize for that." in out


def test_a_folder_without_calls_says_what_would_work(
    script: ModuleType, tmp_path: Path
) -> None:
    with pytest.raises(SystemExit, match="Give --data a folder with dialogues/calls"):
        script.run(options(tmp_path))


def test_the_benchmark_judges_ten_minutes_of_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    turns = importlib.import_module("benchmark_empathy").ten_minutes()
    assert sum(len(turn.text.split()) for turn in turns) >= 1500
    assert [turn.index for turn in turns] == list(range(len(turns)))
