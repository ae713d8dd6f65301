"""Workers of an older callmon beside newer ones."""

from __future__ import annotations

import pytest

from callmon.store.work import versions
from tests.acceptance.shop import Shop

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(120)]

NEWER = "9.0.0+1"


def test_an_older_worker_leaves_newer_runs_to_newer_workers_and_status_says_so(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as newer:
        newer.setattr(versions, "STAMP", NEWER)
        new = shop.add(1)
        lost = shop.add(2, lost=True)
    old = shop.add(3)
    shop.start("work", "--name", "old")
    shop.wait(lambda: shop.of(old).state == "done")
    shop.wait(lambda: "2 jobs wait for callmon 9.0.0" in shop.told())

    assert shop.of(new).state == shop.of(lost).state == "queued"
    shown = " ".join(shop.run("status").split())
    assert "2 of them wait for a worker of callmon 9.0.0; those that run are of" in shown
    shop.run("work", "--name", "new", "--until-idle", STUB_VERSION=NEWER)
    assert shop.counts() == {"done": 3}
    assert "begun by new/1" in shop.told()
    assert shop.log["begin audio 1"] == shop.log["begin audio 2"] == 1


def test_a_newer_worker_takes_older_runs(shop: Shop) -> None:
    calls = [shop.add(number) for number in range(3)]
    shop.run("work", "--name", "new", "--until-idle", STUB_VERSION=NEWER)
    assert [shop.of(call).attempts for call in calls] == [1, 1, 1]
    assert shop.counts() == {"done": 3}
