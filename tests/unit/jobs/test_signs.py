"""Who is taken for dead: whoever stays silent while he is watched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callmon.jobs.sweep import Signs

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def signs(clock: Clock) -> Signs:
    return Signs(silent=120.0, clock=clock)


def test_one_who_is_silent_for_the_whole_time_is_dead(signs: Signs, clock: Clock) -> None:
    assert signs.dead({"a": START, "b": START}) == []
    clock.seconds = 119.0
    assert signs.dead({"a": START, "b": START + timedelta(seconds=5)}) == []
    clock.seconds = 120.0
    assert signs.dead({"a": START, "b": START + timedelta(seconds=5)}) == ["a"]


def test_an_old_beat_alone_is_no_death(signs: Signs) -> None:
    # The clock of the other machine may be years behind.
    assert signs.dead({"a": START - timedelta(days=900)}) == []


def test_a_beat_from_the_past_is_a_sign_of_life(signs: Signs, clock: Clock) -> None:
    signs.dead({"a": START})
    clock.seconds = 100.0
    signs.dead({"a": START - timedelta(days=3)})  # its clock was set back
    clock.seconds = 200.0
    assert signs.dead({"a": START - timedelta(days=3)}) == []


def test_one_without_any_beat_is_watched_like_the_others(
    signs: Signs, clock: Clock
) -> None:
    assert signs.dead({"a": None}) == []
    clock.seconds = 120.0
    assert signs.dead({"a": None}) == ["a"]


def test_who_had_no_jobs_meanwhile_is_watched_anew(signs: Signs, clock: Clock) -> None:
    signs.dead({"a": START})
    clock.seconds = 60.0
    signs.dead({})
    clock.seconds = 130.0
    assert signs.dead({"a": START}) == []


def test_an_outage_of_the_database_kills_nobody(signs: Signs, clock: Clock) -> None:
    signs.dead({"a": START})
    clock.seconds = 600.0
    signs.forget()
    assert signs.dead({"a": START}) == []
