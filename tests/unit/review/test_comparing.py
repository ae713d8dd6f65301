"""Groups are warned about when they differ beyond chance, and seldom when they do not."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

from callmon.review.reports.comparing import LEAST_CALLS, compare, sentence
from callmon.store.reports.fairness import ATTRIBUTES, Cell

Call = tuple[str, list[tuple[str, bool]]]
"""The group, and of each moment its stratum and whether it is flagged."""


def cells_of(calls: list[Call]) -> list[Cell]:
    """What the store's query gives for these calls."""
    flagged: Counter[str] = Counter()
    number: Counter[str] = Counter()
    for _, moments in calls:
        for stratum, event in moments:
            flagged[stratum] += event
            number[stratum] += 1
    sums: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0, 0.0, 0.0])
    for group, moments in calls:
        expected = sum(flagged[stratum] / number[stratum] for stratum, _ in moments)
        events = sum(event for _, event in moments)
        square = (events - expected) ** 2
        for place, value in enumerate((1, len(moments), events, expected, square)):
            sums[group][place] += value
    others = dict.fromkeys(ATTRIBUTES)
    return [
        Cell({"agents": group, **others}, int(c), int(t), int(e), x, s)
        for group, (c, t, e, x, s) in sums.items()
    ]


def made(chance: random.Random, group: str, rates: dict[str, float], *, mix: float) -> Call:
    """Four moments; those of one call are alike."""
    mood = chance.gauss(0, 0.15)
    moments = []
    for _ in range(4):
        stratum = "hard" if chance.random() < mix else "easy"
        moments.append((stratum, chance.random() < rates[stratum] + mood))
    return group, moments


RATES = {"easy": 0.2, "hard": 0.6}


def test_a_group_with_harder_moments_is_not_warned_about() -> None:
    chance = random.Random(1)
    calls = [made(chance, "hard", RATES, mix=0.9) for _ in range(200)]
    calls += [made(chance, "easy", RATES, mix=0.1) for _ in range(200)]
    (easy, hard), left_out = compare(cells_of(calls), "agents")
    assert hard.rate > easy.rate + 0.2
    assert not hard.differs
    assert not easy.differs
    assert left_out == 0


def test_a_group_that_is_flagged_more_for_the_same_moments_is() -> None:
    chance = random.Random(2)
    calls = [made(chance, "b", {"easy": 0.35, "hard": 0.75}, mix=0.5) for _ in range(150)]
    calls += [made(chance, "a", RATES, mix=0.5) for _ in range(300)]
    (first, second), _ = compare(cells_of(calls), "agents")
    assert first.differs
    assert second.differs
    low, high = second.interval
    assert 0 < low < second.difference < high
    (_, warning) = sentence("Agent group", "flagged", [first, second])
    assert warning.startswith("Agent group b: flagged in ")


def test_chance_alone_seldom_warns_though_moments_of_a_call_are_alike() -> None:
    chance = random.Random(3)
    rounds = 200
    warned = 0
    for _ in range(rounds):
        calls = [made(chance, f"g{n % 4}", RATES, mix=0.4) for n in range(240)]
        compared, _ = compare(cells_of(calls), "agents")
        warned += any(each.differs for each in compared)
    # 5 % are meant; more than 10 % of 200 has a probability under 0.002 then.
    assert warned <= 0.1 * rounds


def test_small_groups_are_left_out_and_counted() -> None:
    chance = random.Random(4)
    calls = [made(chance, "large", RATES, mix=0.5) for _ in range(LEAST_CALLS)]
    calls += [made(chance, "small", RATES, mix=0.5) for _ in range(LEAST_CALLS - 1)]
    compared, left_out = compare(cells_of(calls), "agents")
    assert [each.group for each in compared] == ["large"]
    assert left_out == 1


def test_the_only_group_is_as_expected() -> None:
    chance = random.Random(5)
    calls = [made(chance, "all", RATES, mix=0.5) for _ in range(50)]
    ((only,), _) = compare(cells_of(calls), "agents")
    assert abs(only.difference) < 1e-9
    assert not only.differs
