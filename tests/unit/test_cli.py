import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from callmon.cli import build_parser, main

HEAVY = (
    "torch faster_whisper ctranslate2 librosa onnxruntime sklearn numpy av pydantic rich"
)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from callmon.cli import build_parser\n"
        "build_parser().format_help()\n"
        f"print(sorted(set({HEAVY!r}.split()) & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    printed = capsys.readouterr().out
    for command in ("analyze", "demo", "models", "export", "doctor", "schema"):
        assert command in printed


def test_no_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([])
    assert end.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


def test_channel_and_speaker_cannot_both_name_the_agent() -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(
            ["analyze", "a.wav", "--agent-channel", "left", "--agent-speaker", "1"]
        )


def run_with_output(target: str) -> subprocess.CompletedProcess[str]:
    """`callmon schema > target`, in a process of its own."""
    return subprocess.run(
        ["bash", "-c", f'"$0" -m callmon schema {target}', sys.executable],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_behind_standard_output_is_told_in_a_sentence() -> None:
    done = run_with_output("> /dev/full")
    assert done.returncode == 1
    assert done.stderr.startswith("callmon: ")
    assert "Traceback" not in done.stderr


def test_a_reader_that_has_gone_is_no_error_to_talk_of() -> None:
    done = run_with_output("| true")
    assert done.stderr == ""


def test_an_interruption_while_libraries_load_shows_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    really = importlib.import_module

    def interrupted(name: str, package: str | None = None) -> ModuleType:
        if name == "callmon.commands.schema":
            raise KeyboardInterrupt
        return really(name, package)

    monkeypatch.setattr("importlib.import_module", interrupted)
    assert main(["schema"]) == 130
    assert capsys.readouterr().err == "callmon: interrupted\n"


def test_any_voice_can_be_named_as_the_agents() -> None:
    arguments = build_parser().parse_args(["analyze", "a.wav", "--agent-speaker", "3"])
    assert arguments.agent_speaker == 3


@pytest.mark.parametrize(
    "time", ["2026-11-18T14:30", "2026-11-18 14:30:00+01:00", "20261118T143000Z"]
)
def test_the_start_of_a_call_is_a_time(time: str) -> None:
    arguments = build_parser().parse_args(["analyze", "a.wav", "--started", time])
    assert arguments.started.strftime("%d %H:%M") == "18 14:30"


@pytest.mark.parametrize(
    ("time", "told"),
    [
        ("yesterday", "'yesterday' is no time; 2026-11-18T14:30"),
        ("2026-13-01T10:00", "'2026-13-01T10:00' is no time"),
        ("14:30", "'14:30' is no time"),
        ("2026-11-18", "'2026-11-18' has no time of day; 2026-11-18T14:30 would work"),
    ],
)
def test_what_is_no_start_of_a_call_is_told(
    time: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        build_parser().parse_args(["analyze", "a.wav", "--started", time])
    assert end.value.code == 2
    assert f"--started: {told}" in capsys.readouterr().err


def test_several_calls_have_no_common_start(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["analyze", "a.wav", "b.wav", "--started", "2026-11-18T14:30"])
    assert end.value.code == 2
    assert "--started belongs to one call" in capsys.readouterr().err


@pytest.mark.parametrize("number", ["0", "-1", "two"])
def test_voices_count_from_one(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(["analyze", "a.wav", "--agent-speaker", number])
    assert "--agent-speaker" in capsys.readouterr().err
