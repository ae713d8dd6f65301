from __future__ import annotations

from typing import get_args

import pytest

from callmon.call import BehaviourName, Emotion, FindingKind, Rung
from callmon.empathy.rubric import Rubric
from callmon.empathy.rubric_file import load_rubric
from callmon.guide.contents import LIMITS, make_guide


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return load_rubric()


def test_everything_of_the_scheme_has_its_place(rubric) -> None:
    guide = make_guide(rubric)
    assert [b.name for b in guide.behaviours] == list(get_args(BehaviourName))
    assert [f.emotion for f in guide.feelings] == list(get_args(Emotion))
    assert [f.kind for f in guide.findings] == list(get_args(FindingKind))
    assert [s.rung for s in guide.ladder] == list(get_args(Rung))
    assert all(feeling.examples for feeling in guide.feelings)


def test_the_table_is_what_the_judgement_does(rubric) -> None:
    outcomes = {step.rung: step.outcomes for step in make_guide(rubric).ladder}
    assert outcomes["acknowledged"] == ("Met", "Partly met", "Partly met", "Met")
    assert outcomes["full"] == ("Met", "Met", "Met", "–")
    assert outcomes["sorry_only"][1] == "Missed; partly met with the problem given back"
    assert outcomes["ignored"][3] == "Missed; partly met with warmth"


def test_numbers_are_those_of_the_rubric_with_their_units(rubric) -> None:
    section = {**rubric.findings, "silence_seconds": 7.5, "own": {"new_seconds": 3}}
    changed = rubric.model_copy(update={"findings": section})
    limits = {limit.name: limit for limit in make_guide(changed).limits}
    assert limits["findings.silence_seconds"].value == "7.5 s"
    assert limits["findings.silence_seconds"].decides
    assert limits["findings.own.new_seconds"].value == "3 s"
    assert limits["model.behaviours.apology"].decides.endswith("apology")


def test_every_number_that_is_explained_is_there(rubric) -> None:
    assert LIMITS.keys() <= {limit.name for limit in make_guide(rubric).limits}


def test_every_number_of_the_packaged_rubric_is_explained(rubric) -> None:
    assert [x.name for x in make_guide(rubric).limits if not x.decides] == []


def test_a_finding_that_is_switched_off_is_told(rubric) -> None:
    section = {**rubric.findings, "kinds": ["missed_joy"]}
    guide = make_guide(rubric.model_copy(update={"findings": section}))
    assert [f.kind for f in guide.findings if f.shown] == ["missed_joy"]


def test_a_rubric_without_a_guide_is_told_by_its_examples(rubric) -> None:
    guide = make_guide(rubric.model_copy(update={"guide": ()}))
    apology = next(b for b in guide.behaviours if b.name == "apology")
    assert apology.entry.title == "Apology"
    assert apology.examples
