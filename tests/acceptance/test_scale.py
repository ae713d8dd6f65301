"""Many workers on one PostgreSQL; `scripts/benchmark.py scale` measures it in earnest.

No time is asserted: the machine that runs tests may have one core.
"""

from __future__ import annotations

import pytest

from scripts.benchmark_scale import survive, work_together
from tests.databases import Server

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]


def test_workers_share_one_queue_and_each_call_is_done_once_by_its_priority(
    postgresql_server: Server,
) -> None:
    alone = work_together(postgresql_server, 1, calls=4, seconds=1.0)
    four = work_together(postgresql_server, 4, calls=16, seconds=1.0)

    ratio = four.per_minute / alone.per_minute
    print(f"four workers do {ratio:.2f} times what one does")  # noqa: T201
    assert alone.displaced == 0
    # Four that take a call at the same moment may begin them in any order.
    assert four.displaced < 4


def test_what_happens_to_machines_loses_nothing_and_repeats_nothing(
    postgresql_server: Server,
) -> None:
    told = list(survive(postgresql_server, calls=24, away=3.0))
    print(*told, sep="\n")  # noqa: T201
    assert told[-1].startswith("24 calls, each analysed once")
