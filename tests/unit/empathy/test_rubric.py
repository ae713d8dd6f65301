from __future__ import annotations

from pathlib import Path

import pytest

from callmon.empathy.rubric import Rubric, load_rubric
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
        ("hold_announced = ['bear with me'", "hold_announced = ['(?:\\w+ )+x'"),
        ("pattern = '(?:anything else)'", "pattern = '(?:\\w+ )*x'"),
    ],
)
def test_patterns_of_the_findings_are_guarded_like_the_others(
    tmp_path: Path, old: str, new: str
) -> None:
    with pytest.raises(BadSettings, match="without limit"):
        load_rubric(changed(tmp_path, old, new))
