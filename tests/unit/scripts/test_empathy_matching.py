"""Labels and judgements of a call, brought side by side."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from callmon.call import Party, Turn

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"

Seen = set[tuple[int, str | None, str | None]]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("empathy_matching")


def turns(count: int) -> tuple[Turn, ...]:
    parties: tuple[Party, Party] = ("agent", "customer")
    return tuple(
        Turn(
            index=i,
            party=parties[i % 2],
            party_confidence=1.0,
            start=None,
            end=None,
            text="words of substance",
            speaker=parties[i % 2],
        )
        for i in range(count)
    )


def moment(*at: int, strength: int = 2, outcome: str = "missed") -> dict[str, Any]:
    return {
        "turns": list(at),
        "emotion": "anger",
        "strength": strength,
        "outcome": outcome,
        "rung": "ignored",
    }


def compared(
    script: ModuleType,
    measure: str,
    *,
    opportunities: Sequence[dict[str, Any]] = (),
    agent_labels: Sequence[dict[str, Any]] = (),
    labelled: Sequence[dict[str, Any]] = (),
    moments: Sequence[Any] = (),
    behaviours: Sequence[Any] = (),
    findings: Sequence[Any] = (),
) -> Seen:
    """What was labelled and found of one measure, by turn."""
    call = script.Call(
        name="ab01",
        turns=turns(12),
        labels={
            "opportunities": opportunities,
            "agent_labels": agent_labels,
            "findings": labelled,
        },
    )
    judgement = script.Judgement(moments, behaviours, findings)
    judge = script.Judge("by hand", frozenset({measure}), lambda _call: judgement)
    items = script.compare(call, judge)
    return {(item.turn, item.labelled, item.found) for item in items}


def test_an_opportunity_is_found_when_one_turn_is_shared(script: ModuleType) -> None:
    seen = compared(
        script,
        "opportunities",
        opportunities=[moment(1, 3)],
        moments=[script.Moment((3, 5))],
    )
    assert seen == {(1, "anger", "anger")}


def test_a_found_opportunity_counts_once(script: ModuleType) -> None:
    seen = compared(
        script,
        "opportunities",
        opportunities=[moment(1), moment(3)],
        moments=[script.Moment((1, 3))],
    )
    assert seen == {(1, "anger", "anger"), (3, "anger", None)}


def test_a_weak_opportunity_is_no_part_of_the_strong_ones(script: ModuleType) -> None:
    seen = compared(
        script,
        script.STRONG,
        opportunities=[moment(1, strength=1), moment(3, strength=3)],
        moments=[script.Moment((1,)), script.Moment((7,), emotion="joy")],
    )
    assert seen == {(3, "anger", None), (7, None, "joy")}


def test_a_missed_moment_that_nobody_found_is_not_told_as_missed(
    script: ModuleType,
) -> None:
    seen = compared(script, script.MISSED, opportunities=[moment(1)])
    assert seen == {(1, "missed", None)}


def test_a_false_moment_that_is_told_as_missed_is_a_false_alarm(
    script: ModuleType,
) -> None:
    seen = compared(
        script,
        script.MISSED,
        opportunities=[moment(1, outcome="met")],
        moments=[
            script.Moment((1,), outcome="missed"),
            script.Moment((5,), outcome="missed"),
            script.Moment((7,), outcome="met"),
        ],
    )
    assert seen == {(1, None, "missed"), (5, None, "missed")}


def test_details_are_of_the_moments_that_both_sides_saw(script: ModuleType) -> None:
    seen = compared(
        script,
        "rung",
        opportunities=[moment(1), moment(3), moment(5)],
        moments=[script.Moment((1,), rung="full"), script.Moment((3,), outcome="impeded")],
    )
    assert seen == {(1, "ignored", "full")}


def test_an_impeded_moment_has_no_rung(script: ModuleType) -> None:
    impeded = {**moment(1, outcome="impeded"), "rung": None}
    seen = compared(
        script,
        "rung",
        opportunities=[impeded],
        moments=[script.Moment((1,), rung="full")],
    )
    assert seen == {(1, None, "full")}


def test_the_highest_level_of_a_turn_is_that_of_its_behaviour(script: ModuleType) -> None:
    seen = compared(
        script,
        "level of commitment",
        agent_labels=[{"turn": 2, "behaviours": ["commitment:timed", "apology"]}],
        behaviours=[
            script.Said(2, "commitment", "vague"),
            script.Said(2, "commitment", "concrete"),
        ],
    )
    assert seen == {(2, "timed", "concrete")}


def test_a_behaviour_counts_in_its_own_turn_only(script: ModuleType) -> None:
    seen = compared(
        script,
        "apology",
        agent_labels=[{"turn": 2, "behaviours": ["apology"]}],
        behaviours=[script.Said(4, "apology")],
    )
    assert seen == {(2, "apology", None), (4, None, "apology")}


def test_what_a_judge_does_not_claim_is_not_counted(script: ModuleType) -> None:
    seen = compared(
        script,
        "sympathy",
        agent_labels=[{"turn": 2, "behaviours": ["apology"]}],
        opportunities=[moment(1)],
    )
    assert seen == set()


@pytest.mark.parametrize(
    ("kind", "turn", "found"),
    [
        ("missed_empathy", 3, True),
        ("missed_empathy", 4, False),
        ("interrupted_customer", 4, True),
        ("interrupted_customer", 5, False),
        ("no_commitment", 11, True),
    ],
)
def test_a_finding_has_its_place(
    script: ModuleType, kind: str, turn: int, found: bool
) -> None:
    """Shown at turn 2, about the moment of turn 3."""
    seen = compared(
        script,
        kind,
        labelled=[{"kind": kind, "turn": turn}],
        findings=[script.Flag(kind, (2, 3))],
    )
    assert ((turn, kind, kind) in seen) == found


def test_calls_know_their_source(script: ModuleType) -> None:
    names = ("ab00", "ab01", "hv03", "about", "shop-7", "12")
    assert [script.Call(name, (), {}).source for name in names] == [
        "ab",
        "ab",
        "hv",
        "about",
        "shop",
        "others",
    ]
