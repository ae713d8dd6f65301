from __future__ import annotations

import json
from pathlib import Path

import pytest

from callmon.cli import main
from callmon.commands import rubric as command
from callmon.empathy.rubric_file import load_rubric
from callmon.errors import BadSettings, MissingModel
from callmon.findings.rules import load_rules
from tests.unit.empathy.fake_model import FakeModel

PACKAGED = Path(__file__).parents[3] / "callmon" / "empathy" / "rubrics" / "en.toml"

Printed = pytest.CaptureFixture[str]


@pytest.fixture
def undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text model that leaves everything to the rules."""
    monkeypatch.setattr(command, "load_text_model", FakeModel)


def spoiled(folder: Path, *changes: tuple[str, str]) -> Path:
    text = PACKAGED.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def line_with(path: Path, words: str) -> int:
    text = path.read_text(encoding="utf-8")
    return text[: text.index(words)].count("\n") + 1


def wrong_usage(*arguments: str) -> None:
    with pytest.raises(SystemExit) as end:
        main(["rubric", *arguments])
    assert end.value.code == 2


def test_without_a_verb_the_help_is_printed(capsys: Printed) -> None:
    assert main(["rubric"]) == 0
    printed = capsys.readouterr().out
    assert all(verb in printed for verb in ("check", "show", "explain"))


def test_the_packaged_rubric_is_in_order_and_told_in_one_line(capsys: Printed) -> None:
    assert main(["rubric", "check"]) == 0
    printed = capsys.readouterr()
    assert printed.out.count("\n") == 1
    for told in ("version en/", "language en", "rules", "examples run"):
        assert told in printed.out
    assert printed.err == ""


def test_the_rubric_of_the_settings_is_the_one_that_is_checked(
    tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = spoiled(tmp_path, ('version = "en/', 'version = "en/mine-'))
    monkeypatch.setenv("CALLMON_RUBRIC", str(path))
    assert main(["rubric", "check"]) == 0
    assert "version en/mine-" in capsys.readouterr().out


def test_problems_of_words_and_of_findings_are_all_told(
    tmp_path: Path, capsys: Printed
) -> None:
    path = spoiled(
        tmp_path,
        ('emotion = "joy"', 'emotion = "glee"'),
        ("window_turns = 2", "window_turns = 0\nwindow_turn = 2"),
    )
    assert main(["rubric", "check", str(path)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "rule 'feels.joy'" in printed.err
    line = line_with(path, "window_turns = 0")
    assert f"line {line}, findings.window_turns: " in printed.err
    assert f"line {line + 1}, findings.window_turn: there is no such" in printed.err
    assert "3 problems" in printed.err


def test_a_circumstance_of_no_rule_is_a_problem(tmp_path: Path, capsys: Printed) -> None:
    section = "[findings.circumstances]\n"
    path = spoiled(tmp_path, (section, f'{section}"no.rule" = "it"\n'))
    assert main(["rubric", "check", str(path)]) == 1
    line = line_with(path, '"no.rule"')
    assert (
        f"line {line}, findings.circumstances: there is no rule 'no.rule'"
        in capsys.readouterr().err
    )


def test_what_an_analysis_would_refuse_is_a_problem(
    tmp_path: Path, capsys: Printed
) -> None:
    path = spoiled(tmp_path, ("asked for the {what}", "asked for {thing}"))
    with pytest.raises(BadSettings):
        load_rules(load_rubric(path).findings, common=frozenset())
    assert main(["rubric", "check", str(path)]) == 1
    line = line_with(path, "[[findings.moves]]")
    told = f"entry 1 (line {line}), findings.moves.1: the text 'says' holds {{thing}}"
    assert told in capsys.readouterr().err


def test_a_wrong_pattern_of_the_findings_is_told_once(
    tmp_path: Path, capsys: Printed
) -> None:
    path = spoiled(
        tmp_path,
        ("pattern = '(?:anything else)'", "pattern = '(?:anything else'"),
        ("hold_announced = [", "hold_announced = ['one (', "),
    )
    assert main(["rubric", "check", str(path)]) == 1
    printed = capsys.readouterr().err
    assert "1 problem;" in printed
    assert printed.count("'(?:anything else'") == printed.count("'one ('") == 1


@pytest.mark.parametrize("verb", ["check", "show"])
def test_a_file_that_is_not_there_is_told(
    tmp_path: Path, capsys: Printed, verb: str
) -> None:
    assert main(["rubric", verb, str(tmp_path / "nothing.toml")]) == 1
    assert "there is no such file" in capsys.readouterr().err


def test_the_guide_is_printed_plain_into_a_pipe(capsys: Printed) -> None:
    assert main(["rubric", "show"]) == 0
    printed = capsys.readouterr().out
    assert "Acknowledge the feeling (acknowledgement)" in printed
    assert "\x1b" not in printed


def test_the_page_goes_to_standard_output_or_a_file(
    tmp_path: Path, capsys: Printed
) -> None:
    assert main(["rubric", "show", "--html", "-"]) == 0
    page = capsys.readouterr().out
    assert page.startswith("<!doctype html>")
    assert main(["rubric", "show", "--html", str(tmp_path / "guide.html")]) == 0
    assert (tmp_path / "guide.html").read_text(encoding="utf-8") == page


def test_the_page_never_takes_the_place_of_the_rubric(tmp_path: Path) -> None:
    path = spoiled(tmp_path)
    before = path.read_bytes()
    wrong_usage("show", str(path), "--html", str(path))
    assert path.read_bytes() == before


@pytest.mark.usefixtures("undecided")
def test_an_explanation_for_people_names_what_decided(capsys: Printed) -> None:
    customer = "The parcel says delivered but there is nothing on the porch. I'm fed up."
    agent = "So the parcel says delivered and nothing was on your porch. I'm so sorry."
    assert main(["rubric", "explain", "--customer", customer, "--agent", agent]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "mirroring" in printed
    assert "by the words shared with the customer" in printed
    assert "apology, 95 % sure, by the rule “apology”" in printed
    assert "Together: an opportunity, frustration (negative)" in printed


@pytest.mark.usefixtures("undecided")
def test_a_customer_without_a_feeling_is_told(capsys: Printed) -> None:
    assert main(["rubric", "explain", "--customer", "My name is Lee."]) == 0
    assert "no opportunity" in capsys.readouterr().out


def test_the_model_and_the_rule_are_told_together(
    capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    sure = FakeModel({"sorry": {"agent.apology": 0.87}})
    monkeypatch.setattr(command, "load_text_model", lambda: sure)
    assert main(["rubric", "explain", "--agent", "I'm so sorry."]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "by the text model (0.87) and the rule “apology”" in printed


def test_a_veto_is_told_with_the_share(
    capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "load_text_model", lambda: FakeModel(share=0.01))
    assert main(["rubric", "explain", "--agent", "I'm so sorry."]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "was vetoed" in printed
    assert "(0.01)" in printed


@pytest.mark.usefixtures("undecided")
def test_the_document_is_alone_on_standard_output(capsys: Printed) -> None:
    assert main(["rubric", "explain", "--agent", "I'm so sorry.", "--json"]) == 0
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert [b["behaviour"] for b in document["behaviours"]] == ["apology"]
    assert document["sentences"][0]["text"] == "I'm so sorry."
    assert printed.err == ""


@pytest.mark.usefixtures("undecided")
def test_bytes_that_are_no_text_and_control_characters_do_no_harm(
    capsys: Printed,
) -> None:
    text = "I'm so sorry \udcff\x1b[31m about it"
    assert main(["rubric", "explain", "--agent", text]) == 0
    assert "\x1b" not in capsys.readouterr().out
    assert main(["rubric", "explain", "--agent", text, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)["sentences"][0]["text"]
    assert said == "I'm so sorry \ufffd\x1b[31m about it"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "--agent, --customer, or both"),
        (("--agent", ""), "--agent holds no word"),
        (("--customer", " ?! "), "--customer holds no word"),
        (("--agent", "a " * 5000), "10000 characters, and 5000 are the most"),
    ],
)
def test_words_that_cannot_be_judged_are_wrong_usage(
    capsys: Printed, arguments: tuple[str, ...], told: str
) -> None:
    wrong_usage("explain", *arguments)
    assert told in capsys.readouterr().err


def test_a_missing_text_model_is_told(
    capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise MissingModel("The text model is not here.")

    monkeypatch.setattr(command, "load_text_model", missing)
    assert main(["rubric", "explain", "--agent", "I'm so sorry."]) == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "callmon: The text model is not here.\n")
