from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scripts.benchmark_scale import rate

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def seconds(begin: float, end: float) -> tuple[datetime, datetime]:
    return NOON + timedelta(seconds=begin), NOON + timedelta(seconds=end)


def test_the_end_of_one_counts_for_all_together_and_not_for_each() -> None:
    first = [seconds(0, 10), seconds(10, 20)]
    second = [seconds(5, 15)]
    assert rate(first) + rate(second) == 0.1 + 0.1
    assert rate([*first, *second]) == 3 / 20
