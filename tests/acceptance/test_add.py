"""`callmon add`, `callmon status` and `callmon export` as real programs."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.intake.taking import wav

pytestmark = pytest.mark.acceptance

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    folder = tmp_path / "calls"
    folder.mkdir()
    for name in ("a.wav", "b.wav", "c.wav"):
        (folder / name).write_bytes(wav(name))
    return folder


def test_recordings_come_in_with_what_is_known_of_them(
    callmon: Run, calls: Path, tmp_path: Path
) -> None:
    (calls / "a.json").write_text('{"agent": "by sidecar", "queue": "billing"}')
    manifest = tmp_path / "calls.csv"
    manifest.write_text("file,agent,started,campaign\na.wav,by list,soon,x\nz.wav,q,,\n")
    (tmp_path / "callmon.toml").write_text('name_pattern = "{team}"\n')
    done = callmon(
        "add", calls, "--manifest", manifest, "--direction", "inbound", "--label",
        "shift=late", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "1 lines of the list name no file here, such as z.wav" in done.stderr
    rows = json.loads(done.stdout)
    assert [row["name"] for row in rows] == ["a.wav", "b.wav", "c.wav"]
    assert {row["state"] for row in rows} == {"queued"}
    assert "Line 2 of the list gives started as 'soon'" in rows[0]["warnings"][0]

    told = json.loads(callmon("status", "--json", rows[0]["id"]).stdout)
    (recording,) = told
    assert recording["metadata"] == {
        "agent": "by list",
        "team": "a",
        "queue": "billing",
        "direction": "inbound",
        "labels": {"campaign": "x", "shift": "late"},
    }
    assert recording["warnings"] == rows[0]["warnings"]


def test_what_is_kept_is_nobody_elses_to_read(
    callmon: Run, calls: Path, tmp_path: Path
) -> None:
    callmon("add", str(calls))

    kept = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert len(kept) > 2
    assert [path.name for path in kept if path.stat().st_mode & 0o077] == []


def test_the_same_file_again_is_known_already(callmon: Run, calls: Path) -> None:
    assert callmon("add", calls / "a.wav").returncode == 0
    again = callmon("add", calls / "a.wav", "--agent", "ann")
    assert again.returncode == 0
    assert "known already" in again.stdout
    (recording,) = json.loads(callmon("status", "--json").stdout)
    assert (recording["name"], recording["state"], recording["run"]) == (
        "a.wav",
        "queued",
        1,
    )
    assert recording["metadata"] == {"agent": "ann"}


def test_one_bad_file_keeps_no_other_out(callmon: Run, calls: Path) -> None:
    (calls / "page.wav").write_bytes(b"<html>")
    done = callmon("add", calls, calls / "none.wav", "--json")
    assert done.returncode == 1
    errors = {
        row["file"].rpartition("/")[2]: row["error"] for row in json.loads(done.stdout)
    }
    assert "HTML page" in errors["page.wav"]
    assert "There is no file" in errors["none.wav"]
    assert [errors[name] for name in ("a.wav", "b.wav", "c.wav")] == [None] * 3


def test_names_that_are_no_text_are_shown_harmless(callmon: Run, calls: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(calls) + b"/\xff\n\x1b[31m<b>.wav"))
    (calls / "a.wav").rename(odd)
    done = callmon("add", odd)
    assert done.returncode == 0, done.stderr
    table = callmon("status").stdout
    assert "\x1b" not in done.stdout + table
    assert "[31m<b>.wav" in table


def test_a_list_that_climbs_out_of_its_folder_brings_nothing_in(
    callmon: Run, calls: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.wav").write_bytes(wav("secret"))
    manifest = calls / "calls.csv"
    manifest.write_text("file,agent\n../secret.wav,ann\na.wav,bob\n")
    assert callmon("add", calls, "--manifest", manifest).returncode == 0
    names = [each["name"] for each in json.loads(callmon("status", "--json").stdout)]
    assert sorted(names) == ["a.wav", "b.wav", "c.wav"]


def test_a_wrong_name_pattern_is_told_before_anything_comes_in(
    callmon: Run, calls: Path
) -> None:
    done = callmon("add", calls, CALLMON_NAME_PATTERN="{agent")
    assert done.returncode == 1
    assert "would work" in done.stderr
    assert json.loads(callmon("status", "--json").stdout) == []


def test_status_of_nothing(callmon: Run) -> None:
    assert json.loads(callmon("status", "--json").stdout) == []
    assert "There are no recordings." in callmon("status").stdout
    wrong = callmon("status", "--json", "0123456789abcdef")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "There is no recording" in wrong.stderr


def test_status_can_be_asked_by_state(callmon: Run, calls: Path) -> None:
    callmon("add", calls)
    assert len(json.loads(callmon("status", "--json", "--state", "queued").stdout)) == 3
    assert json.loads(callmon("status", "--json", "--state", "failed").stdout) == []
    assert "3 queued" in callmon("status").stdout


def test_there_is_nothing_to_export_before_anything_is_analysed(callmon: Run) -> None:
    for what in ("findings", "commitments"):
        done = callmon("export", what)
        assert done.returncode == 0, done.stderr
        (heading,) = csv.reader(io.StringIO(done.stdout))
        assert heading[0] == "id"
        assert callmon("export", what, "--format", "jsonl").stdout == ""
