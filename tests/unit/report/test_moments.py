"""Letters, numbers and the score in words."""

from __future__ import annotations

import pytest

from callmon.call import Notice, Score
from callmon.report import moments
from tests.unit.report import sample


def score(**counts: int) -> Score:
    none = {"met": 0, "partial": 0, "missed": 0, "impeded": 0, "unscorable": 0}
    return Score(value=None, interval=None, **(none | counts))


@pytest.mark.parametrize(
    ("position", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (702, "AAA")]
)
def test_moments_are_lettered_like_columns(position: int, name: str) -> None:
    assert moments.letters(position) == name


def test_moments_stand_in_order_of_time_whatever_the_documents_order() -> None:
    call = sample.analysis()
    shuffled = call.model_copy(update={"opportunities": call.opportunities[::-1]})

    assert [m.opportunity.id for m in moments.moments(shuffled)] == [
        "o1",
        "o2",
        "o3",
        "o4",
        "o5",
    ]


def test_without_times_the_order_is_that_of_the_turns() -> None:
    chat = sample.chat()
    shuffled = chat.model_copy(update={"findings": chat.findings[::-1]})
    found = moments.findings(shuffled, moments.moments(shuffled))

    assert [seen.finding.turn for seen in found] == [2, 5, 5, 7, 11]


def test_a_finding_knows_its_moment() -> None:
    call = sample.analysis()
    found = moments.findings(call, moments.moments(call))

    assert [seen.moment.letter if seen.moment else None for seen in found] == [
        "A",
        "B",
        "B",
        None,
        "E",
    ]


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({"met": 2, "missed": 3}, "2 of 5 moments met"),
        ({"missed": 1}, "0 of 1 moment met"),
        ({"met": 1, "partial": 1, "missed": 1}, "1 of 3 moments met"),
        ({"unscorable": 2}, "No moment could be judged"),
        ({}, "No moment called for empathy"),
    ],
)
def test_the_score_is_a_sentence(counts: dict[str, int], sentence: str) -> None:
    call = sample.calm().model_copy(update={"score": score(**counts)})

    assert moments.score_sentence(call) == sentence


def test_what_the_sentence_leaves_out_is_remarked() -> None:
    call = sample.calm().model_copy(update={"score": score(partial=1, impeded=2)})

    assert moments.score_remarks(call) == (
        "1 partly met, counted as half",
        "2 without a chance to answer, not counted",
    )


@pytest.mark.parametrize("kind", ["unsure_roles", "language"])
def test_a_call_that_was_not_judged_is_not_called_calm(kind: str) -> None:
    calm = sample.calm()
    assert moments.score_sentence(calm) == "No moment called for empathy"
    doubtful = calm.model_copy(update={"warnings": (Notice(kind=kind, message="Why."),)})
    assert moments.score_sentence(doubtful) == "Empathy was not judged"


def test_the_parts_are_told_only_where_there_was_a_negative_moment() -> None:
    assert moments.score_parts(sample.analysis())[0] == "Understood 1 of 3"
    assert moments.score_parts(sample.calm()) == ()
