from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from callmon.call import FindingKind
from callmon.opinion.question import (
    CLAIMS,
    LONGEST_REASON,
    MOST_CHARACTERS,
    MOST_TURNS,
    read_answer,
    user_prompt,
)
from callmon.redaction.private import find_in_turns
from tests.unit.opinion.calls import AGREES, SAID, call, finding


def asked(analysis: Any) -> dict[str, Any]:
    [first, *_] = analysis.findings
    prompt = user_prompt(first, analysis, find_in_turns(analysis.turns))
    content = json.loads(prompt)
    assert isinstance(content, dict)
    return content


@pytest.mark.parametrize("kind", get_args(FindingKind))
def test_every_kind_of_finding_has_its_claim(kind: FindingKind) -> None:
    assert asked(call(finding(kind=kind)))["claim"] == CLAIMS[kind]


def test_only_a_claim_and_redacted_words_of_the_parties_are_sent() -> None:
    content = asked(call(finding()))
    assert set(content) == {"claim", "about_turns", "turns"}
    assert {key for turn in content["turns"] for key in turn} == {
        "turn",
        "speaker",
        "words",
    }
    assert {turn["speaker"] for turn in content["turns"]} == {"agent", "customer"}
    for private in ("secret", "Jane", "Doe", "4111", "missed_empathy", "o1", "f1"):
        assert private not in json.dumps(content)


def test_the_turns_around_the_moment_are_sent_and_no_others() -> None:
    content = asked(call(finding()))
    words = [turn["words"] for turn in content["turns"]]
    assert words[0] == "Hello, my name is [name]."
    assert "[card number]." in words
    assert words[-1] == "It will be looked at."
    assert [content["turns"][n - 1]["words"] for n in content["about_turns"]] == [
        SAID[3][1],
        SAID[4][1],
    ]


def test_of_a_long_run_of_turns_those_nearest_to_the_finding_are_sent() -> None:
    said = [("customer", f"Words {number}.") for number in range(200)]
    told = finding().evidence[0]
    evidence = tuple(told.model_copy(update={"turn": turn}) for turn in range(200))
    content = asked(call(finding(turn=100, evidence=evidence), said=said))  # type: ignore[arg-type]
    assert len(content["turns"]) == MOST_TURNS
    assert "Words 100." in [turn["words"] for turn in content["turns"]]


def test_a_long_turn_is_shortened_in_the_middle() -> None:
    content = asked(
        call(finding(), said=[*SAID[:4], ("agent", "begin" + "x" * 9999 + "end")])
    )
    words = content["turns"][-1]["words"]
    assert len(words) < MOST_CHARACTERS + 10
    assert words.startswith("begin")
    assert words.endswith("end")


def test_a_turn_that_is_not_there_is_left_out() -> None:
    assert asked(call(finding(turn=99)))["turns"]


@pytest.mark.parametrize("verdict", ["agree", "disagree", "unsure"])
def test_an_answer_of_the_form_is_an_opinion(verdict: str) -> None:
    opinion = read_answer(f' {{"opinion": "{verdict}", "reason": "So."}}\n', model="m")
    assert (opinion.verdict, opinion.reason, opinion.model) == (verdict, "So.", "m")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "agree",
        "null",
        "[]",
        '{"opinion": "agree"}',
        '{"opinion": "AGREE", "reason": "So."}',
        '{"opinion": "agree", "reason": ""}',
        '{"opinion": "agree", "reason": 7}',
        '{"opinion": "agree", "reason": "So.", "severity": "low"}',
        '{"opinion": ["agree"], "reason": "So."}',
        '{"opinion": "agree", "reason": "One.\\nTwo."}',
        '{"opinion": "agree", "reason": "So.\\u202e"}',
        '{"opinion": "agree", "reason": "So.\\u001b[31m"}',
        f"Sure! {AGREES}",
        f"```json\n{AGREES}\n```",
        AGREES + AGREES,
        AGREES[:-5],
        '{"opinion": "agree", "reason": "' + "x" * (LONGEST_REASON + 1) + '"}',
        "[" * 100_000,
    ],
    ids=lambda text: text[:40],
)
def test_an_answer_of_any_other_form_is_no_verdict(text: str) -> None:
    opinion = read_answer(text, model="m")
    assert opinion.verdict is None
    assert "form" in opinion.reason
