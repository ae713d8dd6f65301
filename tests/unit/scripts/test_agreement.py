"""Rates, kappa and intervals, on cases that can be worked out by hand."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("agreement")


def test_presence_gives_precision_recall_and_counts(script: ModuleType) -> None:
    items = [
        script.Item("a", "apology", 1, "apology", "apology"),
        script.Item("a", "apology", 3, "apology", None),
        script.Item("b", "apology", 1, None, "apology"),
        script.Item("b", "apology", 5, "apology", "apology"),
    ]
    report = script.figures(items, ["a", "b"], scale=script.PRESENCE)
    assert (report["precision"], report["recall"], report["f1"]) == (0.667, 0.667, 0.667)
    assert (report["hit"], report["false"], report["miss"]) == (2, 1, 1)


def test_nothing_there_and_nothing_found_gives_no_rate(script: ModuleType) -> None:
    report = script.figures([], ["a", "b"], scale=script.PRESENCE)
    assert report["f1"] is None
    assert report["f1 interval"] is None


def test_exact_is_the_share_of_the_same_word(script: ModuleType) -> None:
    items = [
        script.Item("a", "emotion", 1, "anger", "anger"),
        script.Item("a", "emotion", 3, "anger", "joy"),
    ]
    report = script.figures(items, ["a"], scale=script.EXACT)
    assert (report["exact"], report["same"], report["other"]) == (0.5, 1, 1)


def kappa(script: ModuleType, pairs: list[tuple[str, str]]) -> float:
    items = [script.Item("a", "strength", 1, *pair) for pair in pairs]
    scale = script.weighted_kappa(("1", "2", "3"))
    return float(script.figures(items, ["a"], scale=scale)["kappa"])


def test_full_agreement_has_a_kappa_of_one(script: ModuleType) -> None:
    assert kappa(script, [("1", "1"), ("2", "2"), ("3", "3")]) == 1.0


def test_full_reversal_has_a_kappa_of_minus_one(script: ModuleType) -> None:
    assert kappa(script, [("1", "3"), ("3", "1")]) == -1.0


def test_a_step_of_one_weighs_a_quarter_of_a_step_of_two(script: ModuleType) -> None:
    # Seen 1/4 in 3; by chance, with margins 1 1 1 and 1 0 2, (2 + 1/4 + 2/4 + 1) in 9.
    pairs = [("1", "1"), ("2", "3"), ("3", "3")]
    assert kappa(script, pairs) == round(1 - (0.25 / 3) / (3.75 / 9), 3)


def test_a_word_on_one_side_only_is_counted_and_left_out_of_kappa(
    script: ModuleType,
) -> None:
    pairs = [("1", "1"), ("2", "3"), ("3", "3"), (None, "2"), ("1", None)]
    items = [script.Item("a", "strength", 1, *pair) for pair in pairs]
    scale = script.weighted_kappa(("1", "2", "3"))
    report = script.figures(items, ["a"], scale=scale)
    assert report["kappa"] == kappa(script, [("1", "1"), ("2", "3"), ("3", "3")])
    assert (report["items"], report["left out"]) == (5, 2)


def test_the_same_calls_have_the_same_interval_again(script: ModuleType) -> None:
    items = [
        script.Item(call, "apology", 1, "apology", "apology" if call < "e" else None)
        for call in "abcdefgh"
    ]
    once, again = (
        script.figures(items, list("abcdefgh"), scale=script.PRESENCE) for _ in range(2)
    )
    assert once == again
    low, high = once["recall interval"]
    assert low < once["recall"] < high


def test_calls_are_drawn_and_not_their_turns(script: ModuleType) -> None:
    """Ten turns in two calls, one all right and one all wrong, tell no more than two."""
    items = [
        script.Item(call, "apology", turn, "apology", "apology" if call == "a" else None)
        for call in "ab"
        for turn in range(5)
    ]
    report = script.figures(items, ["a", "b"], scale=script.PRESENCE)
    assert report["recall interval"] == (0.0, 1.0)


def test_what_most_draws_do_not_hold_has_no_interval(script: ModuleType) -> None:
    calls = [str(i) for i in range(4)]
    items = [script.Item("0", "apology", 1, None, "apology")]
    report = script.figures(items, calls, scale=script.PRESENCE)
    assert report["precision interval"] == (0.0, 0.0)
    assert report["recall interval"] is None
