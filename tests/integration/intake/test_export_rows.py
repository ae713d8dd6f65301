"""Findings and commitments as rows, from a store that holds some."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from callmon.cli import main
from callmon.commands import export
from callmon.redaction.call import redact_call
from callmon.store.calls import analyses
from callmon.store.database import Database
from callmon.store.work import runs
from tests.integration.store import made


@pytest.fixture
def three_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLMON_DATA", str(tmp_path))
    with Database.open(f"sqlite:///{tmp_path / 'callmon.db'}") as database:
        for day, agent in enumerate(("=ann", "bob", "bob")):
            with database.writing() as connection:
                recording = made.add(
                    connection, f"call {day}", agent=agent, started=made.later(days=day)
                )
                run = runs.request(
                    connection, recording.id, priority=1, reason="upload", at=made.NOON
                )
                runs.begin(connection, recording.id, run, worker="w", at=made.NOON)
                assert runs.finish(connection, recording.id, run, at=made.NOON)
                analysis = made.analysis(
                    recording,
                    findings=(made.finding("f1"), made.finding("f2")),
                    commitments=(made.promise(), made.promise(None)),
                )
                analyses.save(
                    connection,
                    recording.id,
                    run,
                    analysis,
                    redacted=redact_call(analysis),
                    at=made.NOON,
                )


def exported(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.usefixtures("three_calls")
@pytest.mark.parametrize("what", ["findings", "commitments"])
def test_rows_come_page_by_page_each_once(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PAGE", 2)
    out = tmp_path / "out.csv"
    assert main(["export", what, "--output", str(out)]) == 0
    rows = exported(out)
    assert len({row["id"] for row in rows}) == len(rows) == 6
    assert {row["agent"] for row in rows} == {"'=ann", "bob"}


@pytest.mark.usefixtures("three_calls")
def test_calls_can_be_chosen(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    chosen = ["--agent", "bob", "--since", "2026-11-19", "--until", "2026-11-20"]
    assert main(["export", "findings", *chosen, "--output", str(out)]) == 0
    rows = exported(out)
    assert {row["held_at"][:10] for row in rows} == {"2026-11-19"}


@pytest.mark.usefixtures("three_calls")
def test_json_lines_hold_names_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "findings", "--format", "jsonl"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["agent"] for row in rows} == {"=ann", "bob"}
    assert "current" not in rows[0]


@pytest.mark.parametrize(
    "arguments",
    [
        ["findings", "--format", "vtt"],
        ["call.vtt", "--format", "csv"],
        ["call.vtt", "--agent", "ann"],
    ],
)
def test_what_does_not_go_together_is_wrong_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["export", *arguments])
    assert end.value.code == 2


def test_a_transcript_is_exported_as_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = tmp_path / "findings"  # a file of that name goes first
    call.write_text("Agent: Hello.\nCustomer: I waited for an hour.\n")
    assert main(["export", str(call)]) == 0
    assert "I waited for an hour." in capsys.readouterr().out
    out = tmp_path / "call.json"
    assert main(["export", str(call), "--format", "json", "--output", str(out)]) == 0
    assert "waited" in out.read_text()
