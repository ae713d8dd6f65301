from dataclasses import replace
from pathlib import Path

import pytest

from callmon.intake.folder import Seen
from callmon.intake.settling import RETRY_SECONDS, Settling

ROOT = Path("/calls")


def seen(name: str = "a.wav", *, size: int = 1, mtime_ns: int = 1) -> Seen:
    return Seen(
        root=ROOT,
        path=ROOT / name,
        device=1,
        inode=1,
        size=size,
        mtime_ns=mtime_ns,
        sidecar=None,
        sidecar_size=0,
        sidecar_mtime_ns=0,
    )


@pytest.fixture
def settling() -> Settling:
    return Settling(stable_seconds=5.0, sidecar_seconds=8.0)


def test_a_file_is_ready_when_it_has_stayed_as_it_is(settling: Settling) -> None:
    file = replace(seen(), sidecar=ROOT / "a.json")
    assert settling.look([file], now=100.0) == []
    assert settling.look([file], now=104.9) == []
    assert settling.look([file], now=105.0) == [file]


def test_without_a_sidecar_it_waits_for_one(settling: Settling) -> None:
    assert settling.look([seen()], now=0.0) == []
    assert settling.look([seen()], now=7.9) == []
    assert settling.look([seen()], now=8.0) == [seen()]


@pytest.mark.parametrize("change", [{"size": 2}, {"mtime_ns": 2}])
def test_a_change_makes_it_wait_anew(settling: Settling, change: dict[str, int]) -> None:
    settling.look([seen()], now=0.0)
    assert settling.look([seen(**change)], now=8.0) == []
    assert settling.look([seen(**change)], now=16.0) == [seen(**change)]


def test_a_sidecar_that_comes_makes_it_wait_anew(settling: Settling) -> None:
    settling.look([seen()], now=0.0)
    with_sidecar = replace(seen(), sidecar=ROOT / "a.json", sidecar_size=1)
    assert settling.look([with_sidecar], now=7.0) == []
    assert settling.look([with_sidecar], now=12.0) == [with_sidecar]


def test_an_old_time_stamp_makes_nothing_ready(settling: Settling) -> None:
    assert settling.look([seen(mtime_ns=0)], now=1e9) == []


def test_the_oldest_come_first(settling: Settling) -> None:
    files = [
        seen("b.wav", mtime_ns=3),
        seen("c.wav", mtime_ns=1),
        seen("a.wav", mtime_ns=2),
    ]
    settling.look(files, now=0.0)
    ready = settling.look(files, now=9.0)
    assert [each.path.name for each in ready] == ["c.wav", "a.wav", "b.wav"]


def test_a_file_that_has_gone_is_forgotten(settling: Settling) -> None:
    settling.look([seen()], now=0.0)
    settling.look([], now=1.0)
    assert len(settling) == 0
    assert settling.look([seen()], now=9.0) == []


def test_a_file_is_tried_again_a_few_times(settling: Settling) -> None:
    settling.look([seen()], now=0.0)
    now = 8.0
    for pause in RETRY_SECONDS:
        assert settling.look([seen()], now=now) == [seen()]
        assert settling.postpone(seen(), now=now)
        assert settling.look([seen()], now=now + pause - 0.1) == []
        now += pause
    assert settling.look([seen()], now=now) == [seen()]
    assert not settling.postpone(seen(), now=now)
