"""How far a run is, and how long the rest takes."""

from __future__ import annotations

import pytest

from callmon.jobs.progress import SHARES, overall, seconds_left
from callmon.jobs.queue import STEPS


def test_progress_rises_from_nothing_to_all_over_the_steps() -> None:
    shares = [overall(step, share) for step in STEPS for share in (0.0, 0.5, 1.0)]

    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] == pytest.approx(1.0)


def test_a_share_out_of_bounds_counts_as_the_nearest_one() -> None:
    assert overall("audio", -3.0) == 0.0
    assert overall("judgement", 7.0) == pytest.approx(1.0)


def test_every_step_has_a_share() -> None:
    assert tuple(SHARES) == STEPS
    assert sum(SHARES.values()) == pytest.approx(1.0)


def test_the_time_left_is_what_earlier_runs_took_for_the_rest() -> None:
    speeds = {"audio": 2.0, "transcript": 20.0, "speakers": 4.0}

    def left(progress: float) -> float | None:
        return seconds_left(progress, duration=120.0, speeds=speeds)

    assert left(0.0) == pytest.approx(52.0)
    assert left(overall("transcript", 0.5)) == pytest.approx(28.0)
    assert left(overall("speakers", 1.0)) == pytest.approx(0.0)


def test_without_a_measured_run_or_a_duration_nobody_knows() -> None:
    assert seconds_left(0.5, duration=60.0, speeds={}) is None
    assert seconds_left(0.5, duration=None, speeds={"audio": 1.0}) is None
