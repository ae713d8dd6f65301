from __future__ import annotations

import doctest

import pytest

from callmon.call import Evidence
from callmon.findings import explain, words
from callmon.findings.case import Case
from callmon.findings.outcomes import judge
from tests.unit.findings.moments import did, moment, turn

UNKIND = ("bad", "fail", "violat", "wrong", "poor")


def explained(rules, answer: str, *, behaviours=(), source="again.many_contacts", later=()):
    call = [
        turn(0, "customer", "This is the third time I've called."),
        turn(1, "agent", answer),
        turn(2, "customer", "Yes."),
        turn(3, "agent", "I see."),
        turn(4, "agent", "Well."),
    ]
    quote = Evidence(
        turn=0,
        start=42.0,
        end=44.0,
        quote="this is the third time I've called",
        source=source,
    )
    moments = [moment(0, evidence=(quote,))]
    held = [*behaviours, *later]
    responses, outcomes = judge(moments, held, call, rules)
    case = Case(moments, responses, outcomes, held, (), call, (), None, rules)
    return explain.of_answer(case, moments[0])


def test_the_summary_tells_what_was_said_when_and_what_came(rules) -> None:
    summary, cleared = explained(rules, "Okay. Can I have your account number?")
    assert summary.startswith(
        "After “this is the third time I've called” (0:42) the agent asked for the account"
        " number."
    )
    assert cleared == "Naming the repeated calls, then the plan, would have met it."


def test_an_answer_that_is_no_known_move_is_quoted(rules) -> None:
    summary, _ = explained(rules, "The parcel is in Leeds.")
    assert "the agent said “The parcel is in Leeds”" in summary


def test_the_words_that_were_dismissive_are_quoted_not_the_first_ones(rules) -> None:
    rude = did(3, "dismissal", quote="calm down")
    summary, _ = explained(rules, "Good morning.", later=[rude])
    assert "the agent said “calm down”. To the caller this can sound" in summary


@pytest.mark.parametrize(
    ("behaviour", "plan"),
    [
        (did(1, "commitment", "timed"), True),
        (did(1, "exploration"), False),
        (did(1, "commitment", "vague"), False),
    ],
)
def test_a_plan_is_said_to_have_been_there_only_when_it_was(rules, behaviour, plan) -> None:
    _, cleared = explained(rules, "Hm.", behaviours=[behaviour])
    assert cleared.startswith("The plan was there") is plan


def test_without_a_circumstance_the_feeling_is_named(rules) -> None:
    _, cleared = explained(rules, "Hm.", source="feels.fed_up")
    assert "the frustration" in cleared


def test_a_later_acknowledgement_is_told(rules) -> None:
    later = [did(4, "acknowledgement", "specific")]
    summary, _ = explained(rules, "Hm.", later=later)
    assert "17 seconds later" in summary


@pytest.mark.parametrize(
    "behaviours",
    [[], [did(1, "dismissal")], [did(1, "apology")], [did(1, "commitment", "timed")]],
)
def test_the_words_differ_by_what_happened_and_are_kind(rules, behaviours) -> None:
    ordinary = explained(rules, "Hm.")
    summary, cleared = explained(rules, "Hm.", behaviours=behaviours)
    assert (summary == ordinary[0]) is (behaviours == [])
    assert not any(word in (summary + cleared).lower() for word in UNKIND)


def test_all_wording_is_kind(rules) -> None:
    for text in rules.wording.values():
        assert not any(word in text.lower() for word in UNKIND)


def test_braces_in_a_quote_are_harmless(rules) -> None:
    summary, _ = explained(rules, "{what} <b>{0}</b>")
    assert "{what} <b>{0}</b>" in summary


@pytest.mark.parametrize("module", [explain, words])
def test_the_worked_examples_hold(module) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
