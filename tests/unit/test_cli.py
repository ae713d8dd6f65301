import subprocess
import sys

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
