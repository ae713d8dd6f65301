"""`callmon rubric` as a user starts it, with the text model that ships with callmon.

Of the model's judgement only what no version of it may get wrong is asked.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.acceptance.conftest import Run

pytestmark = pytest.mark.acceptance


def explained(callmon: Run, *arguments: str) -> dict[str, Any]:
    done = callmon("rubric", "explain", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def behaviours(document: dict[str, Any]) -> set[str]:
    return {held["behaviour"] for held in document["behaviours"]}


def test_a_confirmed_number_is_no_acknowledgement(callmon: Run) -> None:
    said = "I understand your account number ends in 42"
    document = explained(callmon, "--agent", said)
    assert "acknowledgement" not in behaviours(document)
    assert document["sentences"][0]["rules"][0]["part"] == "silenced"


def test_an_answer_is_explained_beside_what_it_answers(callmon: Run) -> None:
    document = explained(
        callmon,
        "--customer",
        "I'm so angry, I was charged twice for the same order.",
        "--agent",
        "I'm so sorry. I will refund the second charge by Friday.",
    )
    assert document["opportunity"]["valence"] == "negative"
    assert {"apology", "commitment"} <= behaviours(document)
    (promise,) = document["commitments"]
    assert (promise["deadline"], promise["level"]) == ("by Friday", "timed")


def test_a_plain_request_is_no_opportunity(callmon: Run) -> None:
    document = explained(callmon, "--customer", "I'd like to change my address, please.")
    assert document["opportunity"] is None


def test_the_same_words_are_explained_alike(callmon: Run) -> None:
    said = ("--customer", "I've been waiting for three weeks.", "--agent", "I see.")
    assert explained(callmon, *said) == explained(callmon, *said)


def test_the_packaged_rubric_is_checked_and_shown(callmon: Run) -> None:
    checked = callmon("rubric", "check")
    assert checked.returncode == 0, checked.stderr
    shown = callmon("rubric", "show")
    assert shown.returncode == 0, shown.stderr
    assert "What an agent can do" in shown.stdout
