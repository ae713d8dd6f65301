from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callmon.review.access.limits import SUBJECTS, Limits, Noted, network_of


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_worth_may_come_at_once() -> None:
    limits = Limits(Clock())
    assert [limits.take("a", per_minute=60) for _ in range(60)] == [0.0] * 60


def test_after_that_one_waits_for_the_next() -> None:
    limits = Limits(Clock())
    for _ in range(60):
        limits.take("a", per_minute=60)
    assert limits.take("a", per_minute=60) == pytest.approx(1.0)


def test_it_fills_up_with_time() -> None:
    clock = Clock()
    limits = Limits(clock)
    for _ in range(60):
        limits.take("a", per_minute=60)
    clock.now = 2.0
    assert [limits.take("a", per_minute=60) > 0 for _ in range(3)] == [False, False, True]


def test_one_does_not_pay_for_another() -> None:
    limits = Limits(Clock())
    for _ in range(61):
        limits.take("a", per_minute=60)
    assert limits.take("b", per_minute=60) == 0.0


def test_looking_takes_nothing() -> None:
    limits = Limits(Clock())
    for _ in range(100):
        assert limits.take("a", per_minute=1, tokens=0) == 0.0
    assert limits.take("a", per_minute=1) == 0.0
    assert limits.take("a", per_minute=1, tokens=0) > 0.0


def test_zero_is_no_limit() -> None:
    limits = Limits(Clock())
    assert all(limits.take("a", per_minute=0) == 0.0 for _ in range(1000))


def test_memory_is_bounded() -> None:
    limits = Limits(Clock())
    for number in range(SUBJECTS + 10):
        limits.take(str(number), per_minute=1)
    assert len(limits._buckets) == SUBJECTS


def test_one_of_many_uses_is_noted() -> None:
    noted, now = Noted(), datetime(2026, 1, 1, tzinfo=UTC)
    every = timedelta(minutes=10)
    assert noted.is_due("a", now, every=every)
    assert not noted.is_due("a", now + timedelta(minutes=9), every=every)
    assert noted.is_due("a", now + timedelta(minutes=10), every=every)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("not an address", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_household_is_one_address(address: str | None, network: str) -> None:
    assert network_of(address) == network
