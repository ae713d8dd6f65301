from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from callmon.call import BehaviourName, FindingKind
from callmon.empathy.rubric import Rubric
from callmon.empathy.rubric_file import check_rubric, load_rubric, read_text
from callmon.empathy.sentences import sentences
from callmon.errors import BadSettings

RUBRIC = load_rubric()
PACKAGED = Path(__file__).parents[3] / "callmon" / "empathy" / "rubrics" / "en.toml"


@pytest.mark.parametrize(
    ("rule", "example"),
    [
        pytest.param(rule, example, id=f"{rule.id}:{example}")
        for rule in RUBRIC.rules()
        for example in rule.examples
    ],
)
def test_every_example_is_matched_as_raw_speech_text_too(rule, example: str) -> None:
    raw = "".join(
        letter for letter in example.lower() if letter.isalnum() or letter in " '"
    )
    assert any(rule.find(part) for part in sentences(raw))


@pytest.mark.parametrize(
    ("rule", "example"),
    [
        pytest.param(rule, example, id=f"{rule.id}:{example}")
        for rule in RUBRIC.rules()
        for example in rule.counterexamples
    ],
)
def test_no_counterexample_is_matched(rule, example: str) -> None:
    assert not any(rule.find(part) for part in sentences(example))


def test_nothing_is_wrong_with_the_packaged_rubric_that_is_loaded_unchecked() -> None:
    assert check_rubric().problems == ()


def test_patterns_of_a_rubric_by_the_user_are_checked_on_load(tmp_path: Path) -> None:
    path = tmp_path / "slow.toml"
    path.write_text(read_text().replace("'bear with me'", "'(?:a|b)+ me'", 1))
    with pytest.raises(BadSettings, match="repeats a group"):
        load_rubric(path)


def test_all_emotions_and_behaviours_of_the_scheme_have_a_rule() -> None:
    emotions = {rule.emotion for rule in RUBRIC.cues}
    behaviours = {rule.behaviour for rule in RUBRIC.behaviours}
    assert len(emotions) == 10
    assert len(behaviours) == 12  # mirroring compares two speakers, and has no rule


def test_circumstances_are_named_for_rules_that_exist() -> None:
    assert set(RUBRIC.findings["circumstances"]) <= {rule.id for rule in RUBRIC.cues}


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = PACKAGED.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_a_rubric_of_ones_own_is_loaded(tmp_path: Path) -> None:
    path = changed(tmp_path, 'version = "en/1"', 'version = "fr/3"')
    assert isinstance(load_rubric(path), Rubric)
    assert load_rubric(path).version == "fr/3"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("'fed up', ", "'fed (up', ", r"feels\.fed_up.*not valid"),
        ("'fed up', ", "'(?:fed)+ up', ", r"feels\.fed_up.*without limit"),
        ("'fed up', ", "'(?:fed ){0,99}up', ", r"feels\.fed_up.*more than"),
        ('"Honestly I am at my wits\' end"', '"Lovely day"', r"feels\.fed_up.*own example"),
        (
            '["I have had it for two years."]',
            '["I am fed up"]',
            r"feels\.fed_up.*counterexample",
        ),
        ('id = "feels.fed_up"', 'id = "feels.angry"', r"feels\.angry.*twice"),
        ('emotion = "joy"', 'emotion = "glee"', r"feels\.joy.*emotion"),
        ("shared_with_form = 2", "shared_with_form = 0", r"mirroring\.shared_with_form"),
        ("[strength]", "[strength", "not valid TOML"),
    ],
)
def test_a_wrong_rubric_is_refused_with_rule_and_reason(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    with pytest.raises(BadSettings, match=told):
        load_rubric(changed(tmp_path, old, new))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="cannot be read"):
        load_rubric(tmp_path / "nothing.toml")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hold_announced = [", "hold_announced = ['(?:\\w+ )+x', "),
        ("pattern = '(?:anything else)'", "pattern = '(?:\\w+ )*x'"),
    ],
)
def test_patterns_of_the_findings_are_guarded_like_the_others(
    tmp_path: Path, old: str, new: str
) -> None:
    with pytest.raises(BadSettings, match="without limit"):
        load_rubric(changed(tmp_path, old, new))


def test_every_problem_is_told_with_its_place(tmp_path: Path) -> None:
    text = PACKAGED.read_text(encoding="utf-8")
    for old, new in (
        ('emotion = "joy"', 'emotion = "glee"'),
        ("'fed up', ", "'fed (up', '{nowhere} x', "),
        ("shared_with_form = 2", "shared_with_form = 0\nshare_with_form = 2"),
        ("holds = ", "helds = "),
        ('id = "feels.angry"', 'id = "feels.upset"'),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    checked = check_rubric(path)
    assert checked.rubric is None
    line = text[: text.index('id = "feels.fed_up"')].count("\n")
    for wanted in (
        "rule 'feels.joy'",
        f"rule 'feels.fed_up' (line {line}), cues.2.patterns: ",
        "'fed (up' is not valid",
        "[phrases] has no 'nowhere'",
        "mirroring.shared_with_form: ",
        "mirroring.share_with_form: there is no such field; there are forms,",
        "entry 'opportunity'",
        "there are name, title, holds, not,",
        "rule 'feels.upset' is there twice",
    ):
        assert any(wanted in problem for problem in checked.problems), wanted


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("cues = [1]", "entry 1 (line 1), cues.1: "),
        ("phrases = 3", "phrases: every entry is a name with a text"),
        ('phrases = { a = 1 }\nguide = "x"', "line 2, guide: "),
        ("", "version: it is missing"),
    ],
)
def test_what_is_no_rubric_at_all_is_told_too(
    tmp_path: Path, written: str, told: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(written, encoding="utf-8")
    assert any(problem.startswith(told) for problem in check_rubric(path).problems)


def test_the_packaged_guide_tells_of_everything_with_good_and_weak_words() -> None:
    entries = {entry.name: entry for entry in RUBRIC.guide}
    for name in get_args(BehaviourName):
        assert entries[name].good, name
        assert entries[name].weak, name
    for kind in get_args(FindingKind):
        assert entries[kind].cleared_by, kind
    assert {"opportunity", "explicit", "implicit", "vocal"} <= entries.keys()


def test_a_thing_is_explained_once(tmp_path: Path) -> None:
    path = changed(tmp_path, 'name = "apology"', 'name = "sympathy"')
    with pytest.raises(BadSettings, match="'sympathy' is there twice"):
        load_rubric(path)


def test_a_phrase_stays_out_of_what_is_written_for_people() -> None:
    """Texts have places of their own, some of which bear the names of phrases."""
    wording = RUBRIC.findings["wording"]
    assert "{number} times" in wording["scripted"]
    assert wording["voice_louder"] == "{amount} dB louder"
