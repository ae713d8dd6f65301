"""The phrase list and ConvoKit, on calls made by hand."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from callmon.call import Party, Turn
from callmon.speech.turns import is_backchannel_text

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("empathy_baselines")


def call(script: ModuleType, *said: tuple[Party, str]) -> Any:
    turns = tuple(
        Turn(
            index=i,
            party=party,
            party_confidence=1.0,
            start=None,
            end=None,
            text=text,
            speaker=party,
            backchannel=is_backchannel_text(text),
        )
        for i, (party, text) in enumerate(said)
    )
    return script.Call("ab00", turns, {})


def outcomes(script: ModuleType, *said: tuple[Party, str]) -> list[tuple[Any, str]]:
    judgement = script.phrase_list().judge(call(script, *said))
    return [(moment.turns, moment.outcome) for moment in judgement.moments]


def behaviours(judge: Any, judged: Any) -> set[tuple[int, str]]:
    return {(one.turn, one.behaviour) for one in judge.judge(judged).behaviours}


def test_a_negative_word_without_an_empathy_phrase_is_missed(script: ModuleType) -> None:
    assert outcomes(
        script,
        ("customer", "this is a nightmare"),
        ("agent", "your postcode please"),
        ("customer", "a one two"),
        ("agent", "and your name"),
        ("customer", "ada"),
        ("agent", "I understand"),
    ) == [((0,), "missed")]


def test_an_empathy_phrase_in_the_second_answer_meets(script: ModuleType) -> None:
    assert outcomes(
        script,
        ("customer", "this is a nightmare"),
        ("agent", "your postcode please"),
        ("customer", "a one two"),
        ("agent", "I'm so sorry"),
    ) == [((0,), "met")]


def test_negative_words_with_no_answer_between_are_one_moment(script: ModuleType) -> None:
    assert outcomes(
        script,
        ("customer", "it is broken"),
        ("agent", "mhm"),
        ("customer", "and I am worried"),
    ) == [((0, 2), "missed")]


def test_words_are_whole_words(script: ModuleType) -> None:
    assert not outcomes(script, ("customer", "I paid the federal painter"))


def test_phrases_are_found_whatever_their_apostrophes(script: ModuleType) -> None:
    said = call(script, ("agent", "That’s too bad."), ("agent", "thats all. We'll call"))
    assert behaviours(script.phrase_list(), said) == {(0, "sympathy"), (1, "commitment")}


def test_there_are_about_forty_phrases(script: ModuleType) -> None:
    assert 35 <= sum(map(len, script.PHRASES.values())) <= 50


@pytest.mark.parametrize(
    ("text", "behaviour"),
    [
        ("We're sorry about that.", "apology"),
        ("Well, I apologize.", "apology"),
        ("Please forgive me.", "apology"),
        ("Thank you for waiting.", "patience_thanks"),
        ("I appreciate that.", "patience_thanks"),
        ("Do not worry.", "reassurance"),
    ],
)
def test_convokits_strategies_are_counted_by_their_counterpart(
    script: ModuleType, text: str, behaviour: str
) -> None:
    pytest.importorskip("convokit", reason="the extra `peers` is not installed")
    assert behaviours(script.convokit(), call(script, ("agent", text))) == {(0, behaviour)}


def test_convokits_negative_words_make_an_opportunity(script: ModuleType) -> None:
    pytest.importorskip("convokit", reason="the extra `peers` is not installed")
    judged = call(script, ("customer", "It is awful."), ("customer", "It is a table."))
    assert [m.turns for m in script.convokit().judge(judged).moments] == [(0, 1)]
