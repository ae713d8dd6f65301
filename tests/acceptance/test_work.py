"""`callmon work` as a user runs it, and as a machine ends it: with processes that die.

The steps are stubs (`stubbed_callmon.py`); all else is the real program.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from callmon.jobs.queue import BATCH, STEPS, UPLOAD
from callmon.store.calls import analyses
from tests.acceptance.shop import ROOT, Shop, open_shop
from tests.databases import Server

MANY = int(os.environ.get("CALLMON_TEST_RECORDINGS", "40"))
"""200 take some minutes."""

pytestmark = pytest.mark.timeout(120 + 3 * MANY)


@pytest.fixture
def any_shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    """On SQLite and on PostgreSQL."""
    with open_shop(tmp_path, database_url) as opened:
        yield opened


def kill(program: subprocess.Popen[str]) -> None:
    program.kill()
    program.wait()


def child_of(program: subprocess.Popen[str]) -> psutil.Process:
    """The process that analyses."""
    (child,) = (
        child
        for child in psutil.Process(program.pid).children()
        if "spawn_main" in " ".join(child.cmdline())
    )
    return child


def test_a_worker_that_is_killed_in_each_step_does_no_finished_step_again(
    any_shop: Shop,
) -> None:
    shop = any_shop
    call = shop.add(1, first=dict.fromkeys(STEPS, 60.0))
    for step in STEPS:
        worker = shop.start("work", "--name", "w", CALLMON_MAX_ATTEMPTS="9")
        shop.wait_for(f"begin {step} 1")
        kill(worker)
    shop.run("work", "--name", "w", "--until-idle", CALLMON_MAX_ATTEMPTS="9")

    assert shop.of(call).state == "done"
    for step in STEPS:
        assert shop.log[f"begin {step} 1"] == 2, step
        assert shop.log[f"end {step} 1"] == 1, step


def test_workers_share_a_queue_and_one_dies_and_nothing_is_lost_or_done_twice(
    any_shop: Shop,
) -> None:
    shop = any_shop
    calls = [shop.add(number, every=0.02) for number in range(MANY)]
    workers = 4 if shop.url.startswith("postgresql") else 2
    programs = [
        shop.start("work", "--name", f"w{n}", "--until-idle") for n in range(workers)
    ]
    shop.wait(lambda: shop.counts().get("done", 0) >= MANY // 4, seconds=60 + MANY)
    kill(programs[0])
    for program in programs[1:]:
        assert program.wait(timeout=60 + MANY) == 0, shop.told()

    assert shop.counts() == {"done": MANY}
    for step in ("transcript", "judgement"):
        made = [shop.log[f"end {step} {number}"] for number in range(MANY)]
        assert min(made) == 1
        # What the killed one had just ended, and not yet kept, is made once more.
        assert sum(made) <= MANY + 1
    with shop.database.reading() as connection:
        for call in calls:
            assert analyses.current(connection, call) is not None
    begun = re.findall(r"begun by (w\d)", shop.told())
    assert len(set(begun)) == workers


def test_a_process_that_dies_is_an_attempt_and_the_worker_goes_on(shop: Shop) -> None:
    call = shop.add(1, first={"transcript": 60.0})
    worker = shop.start("work", "--until-idle")
    shop.wait_for("begin transcript 1")
    child_of(worker).kill()

    assert worker.wait(timeout=60) == 0
    assert (shop.of(call).state, shop.of(call).attempts) == ("done", 2)
    assert shop.log["end audio 1"] == 1
    assert "ended by SIGKILL, as the system does when memory runs out" in shop.told()


def test_what_cannot_be_analysed_ends_with_its_reason_and_the_rest_goes_on(
    shop: Shop,
) -> None:
    refused = shop.add(1, do={"audio": "refuse"})
    poison = shop.add(2, do={"transcript": "crash"})
    defect = shop.add(3, do={"tones": "defect"}, words="words of a customer")
    hiccup = shop.add(4, do={"speakers": "hiccup"})
    sound = shop.add(5)
    shop.run("work", "--until-idle")

    assert shop.counts() == {"failed": 3, "done": 2}
    assert shop.of(sound).state == "done"
    assert (shop.of(hiccup).state, shop.of(hiccup).attempts) == ("done", 2)
    assert shop.of(refused).error == "This is no sound that can be analysed."
    assert shop.of(refused).attempts == 1
    assert shop.of(poison).error == "The process crashed (SIGABRT)."
    assert shop.log["begin transcript 2"] == shop.of(poison).attempts == 3
    assert "defect in callmon: KeyError" in str(shop.of(defect).error)
    # What was said is in no log.
    assert "words of a customer" not in shop.told()

    shop.run("retry", "--failed")
    assert shop.counts() == {"queued": 3, "done": 2}
    assert shop.of(poison).attempts == 0


def test_a_recording_that_fails_lets_others_go_first(shop: Shop) -> None:
    failing = shop.add(1, do={"audio": "hiccup"}, priority=UPLOAD)
    sound = shop.add(2, priority=BATCH)
    shop.run("work", "--until-idle", STUB_BACK_OFF="4")

    assert (shop.of(failing).state, shop.of(failing).attempts) == ("done", 2)
    assert (shop.of(sound).state, shop.of(sound).attempts) == ("done", 1)
    assert list(shop.log).index("end judgement 2") < list(shop.log).index("end audio 1")


def test_a_step_that_hangs_is_ended_and_tried_again(shop: Shop) -> None:
    call = shop.add(1, first={"judgement": 80.0})
    shop.run("work", "--until-idle", CALLMON_STEP_LIMIT="0.01", STUB_LEAST="3")

    assert (shop.of(call).state, shop.of(call).attempts) == ("done", 2)
    assert shop.log["end transcript 1"] == 1
    assert "The step 'judgement' was not done after" in shop.told()
    assert "step_limit" in shop.told()


def test_a_reanalysis_that_fails_leaves_the_one_before(shop: Shop) -> None:
    call = shop.add(1, do={"judgement": "refuse again"})
    shop.run("work", "--until-idle")
    before = shop.of(call).analysis
    shop.run("reanalyze", "--all")
    shop.run("work", "--until-idle")

    after = shop.of(call)
    assert (after.state, after.analysis) == ("done", before)
    assert after.error == "This is no sound that can be analysed."
    shown = " ".join(shop.run("status").split())
    assert "The last analysis failed, and an earlier one counts." in shown
    shop.run("retry", "--failed")
    assert shop.counts() == {"queued": 1}


def test_a_process_that_takes_too_much_memory_is_ended(shop: Shop) -> None:
    call = shop.add(1, do={"transcript": "fill"})
    shop.run("work", "--until-idle", "--memory", "0.4", CALLMON_MAX_ATTEMPTS="1")

    assert shop.of(call).state == "failed"
    assert "more memory than" in str(shop.of(call).error)


def test_sigterm_finishes_the_step_and_hands_the_job_back(shop: Shop) -> None:
    call = shop.add(1, first={"transcript": 2.0})
    worker = shop.start("work", "--name", "one")
    shop.wait_for("begin transcript 1")
    worker.terminate()
    assert worker.wait(timeout=30) == 0
    left = shop.of(call)

    # Handed back: no attempt is counted, and another worker need not wait for it.
    assert (left.state, left.attempts) == ("queued", 0)
    assert shop.log["end transcript 1"] == 1
    assert shop.log["begin speakers 1"] == 0
    shop.run("work", "--name", "two", "--until-idle")
    assert shop.of(call).state == "done"
    assert shop.log["begin transcript 1"] == 1


def test_a_second_sigterm_ends_at_once(shop: Shop) -> None:
    call = shop.add(1, first={"transcript": 60.0})
    worker = shop.start("work")
    shop.wait_for("begin transcript 1")
    worker.terminate()
    time.sleep(0.5)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=20) == 0

    assert shop.of(call).state == "queued"


def test_a_running_and_a_waiting_recording_can_be_cancelled(shop: Shop) -> None:
    running = shop.add(1, first={"transcript": 60.0}, priority=UPLOAD)
    silent = shop.add(2, first={"judgement": 60.0}, priority=UPLOAD)
    waiting = shop.add(3)
    worker = shop.start("work", "--concurrency", "2")
    shop.wait_for("begin transcript 1")
    # A judgement reports no progress, so only the end of its process cancels it.
    shop.wait_for("begin judgement 2")
    shop.run("cancel", running, silent, waiting)
    after = shop.add(4)
    shop.wait(lambda: shop.of(after).state == "done")
    worker.terminate()
    worker.wait(timeout=30)

    assert shop.counts() == {"cancelled": 3, "done": 1}
    assert shop.log["begin audio 3"] == 0
    assert shop.log["end transcript 1"] == shop.log["end judgement 2"] == 0


def test_paused_workers_begin_nothing_until_they_are_resumed(shop: Shop) -> None:
    call = shop.add(1, first={"transcript": 3.0})
    worker = shop.start("work", "--until-idle")
    shop.wait_for("begin transcript 1")
    shop.run("pause")
    shop.wait(lambda: shop.of(call).state == "queued")
    assert shop.log["end transcript 1"] == 1
    time.sleep(1.0)
    assert shop.log["begin speakers 1"] == 0

    shop.run("resume")
    assert worker.wait(timeout=60) == 0
    assert shop.of(call).state == "done"


def test_uploads_come_before_batches(shop: Shop) -> None:
    for number in range(3):
        shop.add(number, priority=BATCH)
    shop.add(9, priority=UPLOAD)
    shop.run("work", "--until-idle")

    begun = [line for line in shop.log if line.startswith("begin audio")]
    assert begun[0] == "begin audio 9"


def test_a_recording_whose_job_was_lost_is_queued_again(shop: Shop) -> None:
    call = shop.add(1, lost=True)
    shop.run("work", "--until-idle")

    assert shop.of(call).state == "done"


def test_two_workers_of_one_name_are_refused(shop: Shop) -> None:
    first = shop.start("work", "--name", "same")
    shop.wait_for("load engines 0")
    shop.run("work", "--name", "same", code=1)

    assert "A worker called 'same' runs already" in shop.told()
    assert first.poll() is None


def test_another_rubric_repeats_only_the_judgement(shop: Shop, tmp_path: Path) -> None:
    call = shop.add(1)
    shop.run("work", "--until-idle")
    packaged = (ROOT / "callmon/empathy/rubrics/en.toml").read_text()
    ours = tmp_path / "ours.toml"
    ours.write_text(re.sub(r'(?m)^version = ".*"$', 'version = "en/ours"', packaged))
    shown = shop.run("reanalyze", "--all", "--rubric", str(ours), "--dry-run", "--diff")
    assert shown == "1 compared, 0 findings gained, 0 lost\n"
    assert shop.of(call).run == 1

    shop.run("reanalyze", call, "--rubric", str(ours))
    shop.run("work", "--until-idle")
    with shop.database.reading() as connection:
        analysis = analyses.current(connection, call)
    assert analysis is not None
    assert analysis.versions.rubric == "en/ours"
    assert [shop.log[f"end {step} 1"] for step in STEPS] == [1, 1, 1, 1, 2]


def test_a_media_store_that_is_away_for_a_while_is_waited_for(shop: Shop) -> None:
    call = shop.add(1)
    (shop.folder / "media").rename(shop.folder / "away")
    worker = shop.start("work", "--until-idle")
    shop.wait(lambda: "is it mounted?" in shop.told())
    (shop.folder / "away").rename(shop.folder / "media")

    assert worker.wait(timeout=60) == 0
    assert (shop.of(call).state, shop.of(call).attempts) == ("done", 1)


def test_a_database_that_is_restarted_loses_nothing(
    tmp_path: Path, postgresql_server: Server
) -> None:
    url = postgresql_server.create()
    with open_shop(tmp_path, url) as shop:
        calls = [shop.add(n, first={"transcript": 2.0}) for n in range(3)]
        worker = shop.start("work", "--until-idle")
        shop.wait_for("begin transcript 0")
        postgresql_server.stop()
        shop.wait_for("end transcript 0")
        time.sleep(1.0)
        postgresql_server.start()

        assert worker.wait(timeout=100) == 0, shop.told()
        assert [shop.of(call).state for call in calls] == ["done"] * 3
        assert [shop.log[f"end transcript {n}"] for n in range(3)] == [1, 1, 1]


def libfaketime() -> Path | None:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    return found[0] if found else None


def test_a_clock_that_is_set_back_loses_nothing(shop: Shop) -> None:
    library = libfaketime()
    if library is None:
        pytest.skip("libfaketime is not installed (Debian: apt install libfaketime)")
    clock = shop.folder / "clock"
    clock.write_text("+0d")
    fake = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    for number in range(3):
        shop.add(number, first={"transcript": 1.0})
    first = shop.start("work", "--name", "first", **fake)
    second = shop.start("work", "--name", "second", "--until-idle", **fake)
    shop.wait(lambda: "begin transcript 0" in shop.log or "begin transcript 1" in shop.log)
    clock.write_text("-3d")
    kill(first)
    shop.add(7, do={"audio": "hiccup"})

    assert second.wait(timeout=90) == 0, shop.told()
    assert shop.counts() == {"done": 4}
    assert [shop.log[f"end transcript {n}"] for n in (0, 1, 2, 7)] == [1, 1, 1, 1]
