"""Estimators against made-up worlds of which the truth is known."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime

import pytest

from callmon.agreement import kappa
from callmon.call import FindingKind, Severity
from callmon.review.calibration import estimates
from callmon.review.calibration.estimates import Judged, Sample, counting, settled
from callmon.store.reviews.calibration import Decided, Labelled, Made
from callmon.store.reviews.subjects import Label

MADE = Made(callmon="0.1.0", rubric="en/1", models="{}", week=date(2026, 11, 16))


def finding(
    number: int,
    label: Label,
    *,
    kind: FindingKind = "missed_empathy",
    severity: Severity = "medium",
    call: str = "",
) -> Judged:
    return Judged(
        subject=f"f{number}",
        call=call or f"call {number}",
        machine=kind,
        label=label,
        severity=severity,
        probability=None,
    )


def control(
    number: int, label: Label, *, probability: float = 0.1, call: str = ""
) -> Judged:
    return Judged(
        subject=f"m{number}",
        call=call or f"call m{number}",
        machine="none",
        label=label,
        severity=None,
        probability=probability,
    )


def labelled(number: int = 1, **changes: object) -> Labelled:
    fields = {
        "id": number,
        "subject": "f1",
        "recording_id": "call 1",
        "analysis_id": "call 1-1",
        "run": 1,
        "made": MADE,
        "reviewer": "ann",
        "at": datetime(2026, 11, 20, tzinfo=UTC),
        "machine": "missed_empathy",
        "label": "missed_empathy",
        "rung": None,
        "seconds": None,
        "blind": False,
        "round_id": None,
        "rules": (),
        "severity": "medium",
        "probability": None,
    }
    return Labelled(**{**fields, **changes})  # type: ignore[arg-type]


def some(judged: Iterable[Judged], *, flags: int = 100, moments: int = 1000) -> Sample:
    return Sample(
        judged=list(judged), flags={("missed_empathy", "medium"): flags}, moments=moments
    )


def test_precision_counts_what_reviewers_call_the_same() -> None:
    judged = [
        finding(1, "missed_empathy"),
        finding(2, "missed_empathy"),
        finding(3, "no_mirroring"),
        finding(4, "none"),
        control(5, "missed_empathy"),
    ]

    assert estimates.precision(judged, "missed_empathy").value == 2 / 4
    assert estimates.precision(judged).value == 3 / 4
    assert estimates.precision(judged).n == 4
    assert estimates.precision(judged, "missed_joy").value is None


def test_recall_is_what_was_confirmed_of_it_and_of_what_was_missed() -> None:
    found = [finding(n, "missed_empathy" if n < 8 else "none") for n in range(10)]
    passed = [control(n, "missed_empathy" if n < 2 else "none") for n in range(50)]

    world = some(found + passed)

    assert estimates.confirmed(world).value == pytest.approx(80)
    assert estimates.missed(world).value == pytest.approx(40)
    assert estimates.recall(world).value == pytest.approx(80 / 120)


def test_a_control_that_was_drawn_with_half_the_chance_stands_for_twice_as_many() -> None:
    passed = [
        control(1, "missed_empathy", probability=0.1),
        control(2, "none", probability=0.2),
    ]

    assert estimates.missed(some(passed, moments=300)).value == pytest.approx(200)


def test_reviewing_the_grave_ones_first_does_not_move_what_is_estimated() -> None:
    judged = [finding(n, "missed_empathy", severity="high") for n in range(20)]
    judged += [finding(20 + n, "none", severity="low") for n in range(2)]
    flags = {("missed_empathy", "high"): 20, ("missed_empathy", "low"): 80}

    world = Sample(judged=judged, flags=flags, moments=0)  # type: ignore[arg-type]

    assert estimates.confirmed(world).value == pytest.approx(20)


def test_a_severity_that_nobody_judged_is_stood_for_by_the_others() -> None:
    judged = [finding(n, "missed_empathy", severity="high") for n in range(5)]
    flags = {("missed_empathy", "high"): 20, ("missed_empathy", "low"): 80}

    world = Sample(judged=judged, flags=flags, moments=0)  # type: ignore[arg-type]

    assert estimates.confirmed(world).value == pytest.approx(100)


def test_a_moment_that_was_raised_as_another_kind_is_missed_as_this_one() -> None:
    judged = [finding(n, "no_mirroring") for n in range(10)]
    world = some([*judged, *(control(n, "none") for n in range(20))])

    assert estimates.missed(world, "no_mirroring").value == pytest.approx(100)
    assert estimates.missed(world).value == 0
    assert estimates.recall(world, "no_mirroring").value == 0
    assert estimates.recall(world).value == 1


def test_without_controls_nothing_is_said_of_what_was_missed() -> None:
    world = some([finding(1, "missed_empathy")])

    assert estimates.missed(world) == estimates.NOTHING
    assert estimates.recall(world).value is None
    assert estimates.with_machine(world).value is None


def test_no_miss_in_a_few_controls_does_not_prove_that_there_is_none() -> None:
    world = some(
        [
            *(finding(n, "missed_empathy") for n in range(50)),
            *(control(n, "none") for n in range(50)),
        ]
    )

    recall = estimates.recall(world)

    assert recall.value == 1
    assert recall.interval is not None
    assert recall.interval[0] < 0.65
    assert recall.interval[1] == 1


def test_where_nothing_was_confirmed_recall_is_none_at_most() -> None:
    world = some(
        [*(finding(n, "none") for n in range(9)), *(control(n, "missed_joy") for n in "ab")]
    )

    recall = estimates.recall(world)

    assert recall.value == 0
    assert recall.interval is not None
    assert recall.interval[0] == 0
    assert recall.interval[1] < 0.2


def test_a_known_miss_rate_is_recovered_and_lies_in_the_interval() -> None:
    """A world of 20,000 moments: 3 % of those not flagged should have been."""
    flags, moments, miss_rate, right = 1000, 20_000, 0.03, 0.75
    truth = flags * right / (flags * right + moments * miss_rate)
    values, held = [], 0
    for seed in range(300):
        chance = random.Random(seed)
        judged = [
            finding(n, "missed_empathy" if chance.random() < right else "none")
            for n in range(200)
        ]
        # Two periods, in which controls were drawn with different chances.
        for number in range(moments):
            probability = 0.01 if number % 2 else 0.03
            if chance.random() < probability:
                label: Label = "missed_empathy" if chance.random() < miss_rate else "none"
                judged.append(control(number, label, probability=probability))
        recall = estimates.recall(some(judged, flags=flags, moments=moments))
        assert recall.value is not None
        assert recall.interval is not None
        values.append(recall.value)
        held += recall.interval[0] <= truth <= recall.interval[1]

    # The share of a ratio is a little biased in small samples, never by much.
    assert sum(values) / len(values) == pytest.approx(truth, abs=0.03)
    assert held / 300 >= 0.93


def test_kappa_with_the_machine_is_that_of_all_moments_not_of_the_sample() -> None:
    """Of 1,000 moments reviewers judge all of the 100 flags and a tenth of the others."""
    chance = random.Random(7)
    everything: list[tuple[str, str]] = []
    judged = []
    for number in range(1000):
        flagged = number < 100
        raised = chance.random() < (0.8 if flagged else 0.05)
        machine = "missed_empathy" if flagged else "other"
        everything.append((machine, "missed_empathy" if raised else "other"))
        label: Label = "missed_empathy" if raised else "none"
        if flagged:
            judged.append(finding(number, label))
        elif chance.random() < 0.3:
            judged.append(control(number, label, probability=0.3))

    estimate = estimates.with_machine(some(judged, moments=900), "missed_empathy")

    whole = kappa(Counter(everything))
    assert estimate.value == pytest.approx(whole, abs=0.06)
    assert estimate.interval is not None
    assert estimate.interval[0] < (whole or 0) < estimate.interval[1]


def test_the_blind_label_counts_and_not_the_one_given_after_the_machine_s() -> None:
    given = [
        labelled(1, label="none", blind=True),
        labelled(2, label="missed_empathy", blind=False),
    ]

    (counts,) = counting(given)

    assert counts.label == "none"


def test_of_labels_that_were_not_blind_the_newest_counts() -> None:
    given = [labelled(2, label="missed_empathy"), labelled(1, label="none")]

    (counts,) = counting(given)

    assert counts.label == "missed_empathy"


def test_what_a_dispute_ended_in_is_the_label() -> None:
    decided = Decided(subject="f1", machine="missed_empathy", label="none", rules=())

    (judged,) = settled([labelled(1)], [decided])

    assert judged.label == "none"


def test_a_dispute_that_is_open_changes_nothing() -> None:
    decided = Decided(subject="f1", machine="missed_empathy", label=None, rules=())

    (judged,) = settled([labelled(1)], [decided])

    assert judged.label == "missed_empathy"


def test_labels_of_a_round_measure_reviewers_and_not_the_machine() -> None:
    given = [labelled(1, round_id=4), labelled(2, round_id=4, reviewer="bob")]

    assert settled(given) == []
    assert estimates.among_reviewers(given).n == 1


def test_alpha_is_over_moments_that_several_reviewers_judged() -> None:
    pairs = [("missed_empathy", "missed_empathy"), ("none", "none"), ("none", "missed_joy")]
    given = [
        labelled(
            2 * n + k, subject=f"f{n}", recording_id=f"c{n}", reviewer=f"r{k}", label=label
        )
        for n, pair in enumerate(pairs)
        for k, label in enumerate(pair)
    ]
    given.append(labelled(99, subject="alone"))

    # By hand: 6 values, 2 of them in a pair that differs; expected disagreement 22 / 30.
    assert estimates.among_reviewers(given).value == pytest.approx(1 - (2 / 6) / (22 / 30))
    assert estimates.among_reviewers(given).n == 3
    assert estimates.among_reviewers(given, "missed_joy").value is not None


def test_rungs_that_are_near_each_other_agree_more_than_distant_ones() -> None:
    order = ("ignored", "solved_only", "acknowledged", "full")

    def rated(pairs: list[tuple[str, str]]) -> float:
        given = [
            labelled(2 * n + k, subject=f"f{n}", reviewer=f"r{k}", rung=rung)
            for n, pair in enumerate(pairs)
            for k, rung in enumerate(pair)
        ]
        value = estimates.among_rungs(given, order).value
        assert value is not None
        return value

    same = [(rung, rung) for rung in order]
    assert rated([*same, ("acknowledged", "full")]) > rated([*same, ("ignored", "full")])
