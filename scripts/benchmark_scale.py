"""Many workers on one PostgreSQL: `python scripts/benchmark.py scale`.

    python scripts/benchmark.py scale [--workers 1 4 8] [--seconds 6] [--calls 10]
    python scripts/benchmark.py scale --chaos [--away 30]
    python scripts/benchmark.py scale --backlog 100000

Everything but what happens within a step is the real program: its processes, its queue, its
store. The speech stage waits for as long as one would that takes `--seconds` for a call, so
that this machine's cores are not what is measured.

The throughput of a worker is the number of its calls by the time from the begin of its
first to the end of its last: without what it takes to start, with every pause between two
calls. `calls/minute` adds these up; `as a whole` is all calls by the time from the first
begin of any worker to the last end, so with the end, when some have nothing left to do.
`--chaos` freezes a worker until others have its call and lets it go on, kills one
with SIGKILL, starts PostgreSQL again and takes the S3 store away. `--backlog` measures what
workers ask of a queue in which so many wait.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from random import Random
from subprocess import Popen

# Started as a script, Python knows this folder alone.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psutil
from sqlalchemy import insert, select

from callmon.jobs import sweep
from callmon.jobs.queue import BATCH, REANALYSIS, UPLOAD
from callmon.store.tables.calls import analyses, recordings, runs
from scripts.postgresql import Server, running_server
from tests.acceptance.buckets import S3, bucket_with, s3_server
from tests.acceptance.shop import Shop, open_shop

SEED = 7
OTHER_STEPS = 0.2
"""Share of a call's seconds that the other steps take."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--seconds", type=float, default=6.0, help="for a call")
    parser.add_argument("--calls", type=int, default=10, help="for each worker")
    parser.add_argument("--chaos", action="store_true")
    parser.add_argument("--away", type=float, default=30.0, help="seconds without S3")
    parser.add_argument("--backlog", type=int, help="jobs that wait")


def run(options: argparse.Namespace) -> None:
    with running_server() as server:
        if options.chaos:
            for line in survive(server, calls=64, away=options.away):
                print(line, flush=True)
        elif options.backlog is not None:
            for name, milliseconds in ask_of_a_long_queue(server, options.backlog).items():
                print(f"{name:44} {milliseconds:10.1f} ms", flush=True)
        else:
            alone = None
            print(
                "workers  calls  calls/minute  ratio  as a whole  connections  CPU s/call"
            )
            for number in options.workers:
                found = work_together(
                    server, number, calls=options.calls * number, seconds=options.seconds
                )
                alone = alone or found.per_minute / number
                print(
                    f"{number:7} {found.calls:6} {found.per_minute:13.1f}"
                    f" {found.per_minute / alone:6.2f} {found.whole:11.1f}"
                    f" {found.connections:12}"
                    f" {found.cpu:11.2f}",
                    flush=True,
                )


@dataclass(frozen=True)
class Found:
    """Of some workers on one queue."""

    calls: int
    per_minute: float
    """The sum of what each worker does while it has something to do."""
    whole: float
    """Calls in a minute, from the first begin of all to the last end."""
    connections: int
    """To PostgreSQL, in the middle."""
    cpu: float
    """Seconds of all cores for a call, without those for starting."""
    displaced: int
    """How many places a call was begun behind one of a lower priority, at most."""


def work_together(server: Server, workers: int, *, calls: int, seconds: float) -> Found:
    """Measures so many workers. Raises AssertionError for a call lost or done twice."""
    with _shop(server) as shop:
        rng = Random(SEED)
        speech = (1 - OTHER_STEPS) * seconds
        for number in range(calls):
            shop.add(
                number,
                first={"transcript": speech, "audio": seconds - speech},
                priority=rng.choice((UPLOAD, BATCH, REANALYSIS)),
            )
        programs = [
            shop.start("work", "--name", f"w{n}", "--until-idle", STUB_PACE="real")
            for n in range(workers)
        ]
        patience = 60 + 15 * workers + 3 * calls * seconds / workers
        _wait_for_share(shop, calls, 0.25, patience)
        before, begun = _cpu(programs), shop.counts()["done"]
        _wait_for_share(shop, calls, 0.75, patience)
        cpu = (_cpu(programs) - before) / (shop.counts()["done"] - begun)
        connections = _connections(server, shop)
        for program in programs:
            assert program.wait(timeout=patience) == 0, shop.told()
        check(shop, calls)
        done = _times(shop)
        return Found(
            calls=calls,
            per_minute=60 * sum(map(rate, done)),
            whole=60 * rate(list(chain.from_iterable(done))),
            connections=connections,
            cpu=cpu,
            displaced=_displaced(shop),
        )


def survive(server: Server, *, calls: int, away: float) -> Iterator[str]:
    """Does to four workers what happens to machines; tells what it did and what came out.

    Raises AssertionError for a call lost or done twice.
    """
    with _shop(server) as shop, ExitStack() as store:
        url = store.enter_context(s3_server(0))
        ids = [shop.add(n, first={"transcript": 1.5}) for n in range(calls)]
        bucket_with(shop, url)
        settings = {"CALLMON_MEDIA": "s3://calls", "AWS_ENDPOINT_URL": url, **S3}
        programs = [
            shop.start("work", "--name", f"w{n}", "--until-idle", **settings)
            for n in range(4)
        ]
        shop.wait(lambda: len(_under_way(shop)) == 4, 120)

        frozen = [psutil.Process(programs[0].pid)]
        frozen += frozen[0].children(recursive=True)
        for process in frozen:
            process.suspend()
        (held,) = (call for call, worker in _under_way(shop).items() if worker == "w0/1")
        yield "the first worker is frozen within a call"
        programs[1].send_signal(signal.SIGKILL)
        yield "the second is killed"
        shop.wait(lambda: _workers(shop)[held] != "w0/1", 60)
        yield "another worker has the call of the first"
        for process in frozen:
            process.resume()
        yield "the first goes on"

        _wait_for_share(shop, calls, 0.25)
        server.stop()
        time.sleep(2.0)
        server.start()
        yield "PostgreSQL was started again"

        _wait_for_share(shop, calls, 0.4)
        store.close()
        time.sleep(away)
        store.enter_context(s3_server(int(url.rpartition(":")[2])))
        yield f"the S3 store is back after {away:.0f} seconds"

        for program in (programs[0], *programs[2:]):
            assert program.wait(timeout=60 + 5 * calls) == 0, shop.told()
        check(shop, calls)
        assert _workers(shop)[held] != "w0/1", "a late result counts"
        assert {shop.of(each).run for each in ids} == {1}
        attempts = Counter(shop.of(each).attempts for each in ids)
        told = ", ".join(
            f"{number} in {n} attempts" for n, number in sorted(attempts.items())
        )
        yield f"{calls} calls, each analysed once: {told}"


def ask_of_a_long_queue(server: Server, backlog: int) -> dict[str, float]:
    """Milliseconds of what workers ask, with so many recordings that wait."""
    with _shop(server) as shop:
        at = datetime.now(UTC)
        for first in range(0, backlog, 1000):
            some = range(first, min(first + 1000, backlog))
            with shop.database.writing() as connection:
                connection.execute(insert(recordings), [_recording(n, at) for n in some])
                connection.execute(insert(runs), [_run(n, at) for n in some])
        taken: dict[str, float] = {}

        def measure(name: str, ask: Callable[[], object]) -> None:
            began = time.perf_counter()
            ask()
            taken[name] = 1000 * (time.perf_counter() - began)

        measure("enqueue all of them", lambda: sweep.heal(shop.database, shop.queue, at=at))
        measure("look for lost jobs", lambda: sweep.heal(shop.database, shop.queue, at=at))
        measure("which jobs run", shop.queue.taken)
        measure("how many wait, by version", shop.queue.waiting)
        measure("is anything to be done", shop.queue.is_empty)
        shop.add(backlog, priority=UPLOAD)
        began = time.perf_counter()
        shop.start("work", "--name", "w", STUB_PACE="real")
        shop.wait_for("load engines 0")
        shop.wait_for(f"begin audio {backlog}")
        taken["an upload overtakes them, with starting"] = 1000 * (
            time.perf_counter() - began
        )
        return taken


def check(shop: Shop, calls: int) -> None:
    """That every call was analysed, and once."""
    assert shop.counts() == {"done": calls}, shop.counts()
    with shop.database.reading() as connection:
        kept = Counter(connection.execute(select(analyses.c.recording_id)).scalars())
    assert sorted(kept.values()) == [1] * calls
    assert not shop.queue.live()


@contextmanager
def _shop(server: Server) -> Iterator[Shop]:
    with tempfile.TemporaryDirectory(prefix="callmon-scale-") as folder:
        url = server.create()
        with open_shop(Path(folder), url) as shop:
            yield shop
        server.drop(url)


def _under_way(shop: Shop) -> dict[str, str]:
    """Recordings whose speech is being recognised, and by whom."""
    query = select(runs.c.recording_id, runs.c.worker).where(
        runs.c.state == "analysing", runs.c.stage == "transcript"
    )
    with shop.database.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def _workers(shop: Shop) -> dict[str, str]:
    """Who had each recording last."""
    with shop.database.reading() as connection:
        rows = connection.execute(select(runs.c.recording_id, runs.c.worker))
        return {row[0]: row[1] for row in rows}


def _wait_for_share(shop: Shop, calls: int, share: float, patience: float = 120.0) -> None:
    shop.wait(lambda: shop.counts().get("done", 0) >= share * calls, patience)


def rate(calls: Sequence[tuple[datetime, datetime]]) -> float:
    """Calls in a second, from the first begin to the last end."""
    seconds = (
        max(end for _, end in calls) - min(begin for begin, _ in calls)
    ).total_seconds()
    return len(calls) / seconds


def _times(shop: Shop) -> list[list[tuple[datetime, datetime]]]:
    """Begin and end of the calls of each worker."""
    times: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    with shop.database.reading() as connection:
        for worker, begun, ended in connection.execute(
            select(runs.c.worker, runs.c.begun_at, runs.c.finished_at)
        ):
            times[worker].append((begun, ended))
    return list(times.values())


def _displaced(shop: Shop) -> int:
    """How many calls of a lower priority were begun before one of a higher, at most."""
    with shop.database.reading() as connection:
        begun = connection.execute(select(runs.c.priority).order_by(runs.c.begun_at))
        priorities = list(begun.scalars())
    return max(
        sum(other > priority for other in priorities[:place])
        for place, priority in enumerate(priorities)
    )


def _connections(server: Server, shop: Shop) -> int:
    name = shop.url.rpartition("/")[2]
    return server.ask("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", name)


def _cpu(programs: Sequence[Popen[str]]) -> float:
    """Seconds that the programs and their processes have computed."""
    total = 0.0
    for program in programs:
        with suppress(psutil.Error):
            one = psutil.Process(program.pid)
            for process in (one, *one.children(recursive=True)):
                times = process.cpu_times()
                total += times.user + times.system
    return total


def _recording(number: int, at: datetime) -> dict[str, object]:
    sha256 = f"{number:016x}{0:048x}"
    return {
        "id": sha256[:16],
        "sha256": sha256,
        "name": f"{number}.wav",
        "size": 1,
        "media": f"{sha256[:2]}/{sha256}",
        "received": at,
        "state": "queued",
        "progress": 0.0,
        "attempts": 0,
        "run": 1,
        "priority": BATCH,
        "metadata": {},
        "warnings": [],
        "held_at": at,
    }


def _run(number: int, at: datetime) -> dict[str, object]:
    return {
        "recording_id": f"{number:016x}",
        "run": 1,
        "state": "queued",
        "reason": "batch",
        "priority": BATCH,
        "attempts": 0,
        "seconds": {},
        "requested_at": at,
    }
