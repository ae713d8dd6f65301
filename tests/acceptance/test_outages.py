"""What a worker and a watcher do while something that they need is away."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from callmon.jobs.queue import BATCH, UPLOAD, Queue
from callmon.store.calls import recordings
from callmon.store.database import Database
from callmon.store.work import runs
from tests.acceptance.buckets import S3, bucket_with, s3_server
from tests.acceptance.shop import Shop, open_shop
from tests.acceptance.test_watch import eventually, watching
from tests.databases import Server
from tests.disks import small_disk
from tests.integration.intake.taking import wav

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(120)]


def test_a_media_store_on_s3_that_goes_away_costs_no_attempt(shop: Shop) -> None:
    calls = [
        shop.add(0, first={"transcript": 1.5}, priority=UPLOAD),
        shop.add(1, priority=BATCH),
    ]
    with s3_server(0) as url:
        bucket_with(shop, url)
        worker = shop.start(
            "work", "--until-idle", CALLMON_MEDIA="s3://calls", AWS_ENDPOINT_URL=url, **S3
        )
        shop.wait_for("begin transcript 0")
    shop.wait(lambda: "The media store does not work" in shop.told())
    assert shop.of(calls[1]).state == "analysing"
    with s3_server(int(url.rpartition(":")[2])):
        assert worker.wait(timeout=60) == 0, shop.told()

    assert [(shop.of(call).state, shop.of(call).attempts) for call in calls] == [
        ("done", 1),
        ("done", 1),
    ]
    assert [shop.log[f"end transcript {number}"] for number in range(2)] == [1, 1]
    assert "127.0.0.1" not in shop.told()


def test_a_disk_that_is_full_when_a_step_is_kept_loses_nothing(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path, megabytes=16) as disk,
        open_shop(tmp_path, f"sqlite:///{disk / 'callmon.db'}") as shop,
    ):
        call = shop.add(1, first={"transcript": 1.5})
        worker = shop.start("work", "--until-idle")
        shop.wait_for("begin transcript 1")
        fill(disk / "filler")
        shop.wait_for("end transcript 1")
        shop.wait(lambda: f"{call}: The database does not work" in shop.told())
        assert "the disk is full" in shop.told()
        (disk / "filler").unlink()

        assert worker.wait(timeout=60) == 0, shop.told()
        assert (shop.of(call).state, shop.of(call).attempts) == ("done", 1)
        assert shop.log["end transcript 1"] == 1
        assert "Traceback" not in shop.told()


def fill(path: Path) -> None:
    """Leaves no byte free on the disk that the file is on."""
    with path.open("wb", buffering=0) as file:
        for block in (1 << 16, 1):
            try:
                while True:
                    file.write(bytes(block))
            except OSError:
                continue


def test_status_is_watched_until_it_is_interrupted(shop: Shop) -> None:
    call = shop.add(1)
    program = shop.start("status", "--watch")
    assert program.stdout is not None
    lines = iter(program.stdout)
    assert any("1 queued" in line for line in lines)
    with shop.database.writing() as connection:
        runs.cancel(connection, call, at=shop.of(call).received)
    assert any("1 cancelled" in line for line in lines)
    program.send_signal(signal.SIGINT)
    assert program.wait(timeout=20) == 130
    assert "Traceback" not in shop.told()


def test_a_watcher_whose_connections_are_killed_takes_each_file_once(
    tmp_path: Path, postgresql_server: Server
) -> None:
    root = tmp_path / "calls"
    root.mkdir()
    url = postgresql_server.create()
    name = url.rpartition("/")[2]
    names = {f"{number}.wav" for number in range(60)}
    settings = {"CALLMON_DATABASE": url, "CALLMON_STABLE_SECONDS": "0.2",
                "CALLMON_SIDECAR_SECONDS": "0"}  # fmt: skip
    with watching(root, "--after", "move", **settings) as program:
        done = root / "done"
        (root / "first.wav").write_bytes(wav("first"))
        eventually((done / "first.wav").exists)
        for each in names:
            (root / f"{each}.part").write_bytes(wav(each))
            (root / f"{each}.part").rename(root / each)
        killed = 0
        end = time.monotonic() + 60
        while len(list(done.iterdir())) <= len(names):
            assert time.monotonic() < end, "they were never all taken"
            if killed < 60:
                postgresql_server.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    f" WHERE datname = '{name}'"
                )
                killed += 1
            time.sleep(0.03)
        program.send_signal(signal.SIGTERM)
        told = program.communicate(timeout=30)[0]
    assert program.returncode == 0, told
    assert "The folders wait until then." in told
    assert "Traceback" not in told

    with Database.open(url) as database, database.reading() as connection:
        found = recordings.find(connection, limit=1000)
    assert sorted(each.name for each in found) == sorted({*names, "first.wav"})
    assert {(each.run, each.state) for each in found} == {(1, "queued")}
    with Queue.open(url) as queue:
        assert queue.live() == {(each.id, 1) for each in found}
    assert {path.name for path in done.iterdir()} == {*names, "first.wav"}
