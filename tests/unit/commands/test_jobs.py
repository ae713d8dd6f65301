"""How a recording is to be analysed: what came with it, then its source, then all."""

from __future__ import annotations

from pathlib import Path

import pytest

from callmon.cli import main
from callmon.commands.jobs import plan, read_rubric, set_up
from callmon.errors import BadSettings
from callmon.metadata import Metadata
from callmon.settings import Source, load_settings
from tests.unit.jobs.test_steps import RECORDING

RUBRIC = Path(__file__).resolve().parents[3] / "callmon/empathy/rubrics/en.toml"


def test_the_settings_hold_for_a_recording_of_which_nothing_is_known() -> None:
    settings = load_settings(
        asr="tiny.en", diarizer="clustering", agent_channel="left", language="en"
    )
    made = plan(settings, RECORDING.model_copy(update={"metadata": Metadata()}))

    assert (made.asr, made.diarizer, made.language) == ("tiny.en", "clustering", "en")
    assert (made.agent_channel, made.direction) == ("left", None)


def test_its_source_goes_before_the_settings_and_its_metadata_before_the_source() -> None:
    settings = load_settings(
        agent_channel="left",
        language="en",
        sources={"pbx": Source(agent_channel="right", direction="outbound")},
    )
    of_pbx = RECORDING.model_copy(update={"source": "pbx", "metadata": Metadata()})
    made = plan(settings, of_pbx)
    assert (made.agent_channel, made.direction) == ("right", "outbound")

    told = Metadata(agent_channel="left", direction="inbound", language="de")
    made = plan(settings, of_pbx.model_copy(update={"metadata": told}))
    assert (made.agent_channel, made.direction) == ("left", "inbound")
    assert made.language == "de"


def test_auto_leaves_the_agent_to_the_words() -> None:
    assert plan(load_settings(), RECORDING).agent_channel is None


def test_a_source_that_is_not_described_any_more_is_none() -> None:
    gone = RECORDING.model_copy(update={"source": "old"})
    assert plan(load_settings(), gone).direction is None


def test_no_password_is_shown_with_the_setup() -> None:
    settings = load_settings(database="postgresql://me:secret@db/calls")
    assert "secret" not in repr(set_up(settings))


def test_a_rubric_is_read_from_what_was_kept_of_it() -> None:
    assert read_rubric(RUBRIC.read_bytes()).version == "en/1"
    with pytest.raises(BadSettings):
        read_rubric(b"version = 7")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["retry"], "--failed"),
        (["retry", "abc", "--failed"], "--failed"),
        (["reanalyze"], "--since DATE"),
        (["reanalyze", "abc", "--all"], "not both"),
        (["reanalyze", "--all", "--diff"], "--dry-run"),
        (["reanalyze", "--since", "yesterday"], "'yesterday' is no day"),
        (["work", "--memory", "-1"], "no size"),
        (["export", "findings", "--until", "2027"], "'2027' is no day; 2026-11-01"),
    ],
)
def test_wrong_usage_is_told(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["retry", "nothing"], ["cancel", "nothing"], ["reanalyze", "nothing"]]
)
def test_a_recording_that_is_not_there_is_told(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert "There is no recording 'nothing'" in capsys.readouterr().err


def test_pause_and_resume_say_what_they_changed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for command in ("pause", "pause", "resume", "resume"):
        assert main([command]) == 0
    told = capsys.readouterr().err.splitlines()
    assert told == [
        "paused; `callmon resume` goes on",
        "it is paused already",
        "going on",
        "it was not paused",
    ]


def test_a_dry_run_queues_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reanalyze", "--all", "--dry-run"]) == 0
    assert "0 recordings would be analysed again" in capsys.readouterr().err


def test_a_wrong_rubric_is_told_by_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = tmp_path / "ours.toml"
    ours.write_text("version = 7")
    assert main(["reanalyze", "--all", "--rubric", str(ours)]) == 1
    assert "ours.toml: " in capsys.readouterr().err
