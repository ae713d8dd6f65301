"""What the API answers with a million findings: requests per second and milliseconds.

    python scripts/benchmark.py api [--findings 1000000] [--url URL]... [--clients 8]

The database is the one of `benchmark.py store`; `callmon serve` runs on it as a process of
its own, without a worker, and clients ask it over loopback, each on a connection that stays
open, one request after the other, each with values drawn anew. p50 and p95 are
those of one client alone, requests per second those of all clients together. Without --url
it is an SQLite file, and PostgreSQL where Debian's package is installed.
"""

from __future__ import annotations

import argparse
import os
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import httpx2
from benchmark_store import DAYS, SEED, SEED_DAY, databases, draw_agent, team_of
from sqlalchemy import select

from callmon.store.database import Database
from callmon.store.tables.calls import findings, recordings

KNOWN = 2_000
"""Ids that are asked for."""
WARM_UP = 5
SECONDS = 3.0
"""That all clients ask together, for each read."""

Ask = Callable[[Random], tuple[str, dict[str, str]]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--findings", type=int, default=1_000_000)
    parser.add_argument(
        "--url",
        action="append",
        help="a database, filled if empty (default: an SQLite file, and PostgreSQL if"
        " installed, for this run alone)",
    )
    parser.add_argument("--asked", type=int, default=100, help="how often, by one client")
    parser.add_argument("--clients", type=int, default=8)


def run(options: argparse.Namespace) -> None:
    for url, database in databases(options.url, number=options.findings):
        reads = _reads(database)
        with _serving(url) as (address, key):
            print(f"{'read':34} {'p50 ms':>8} {'p95 ms':>8} {'requests/s':>11}", flush=True)
            for name, ask in reads.items():
                alone = _alone(address, key, ask, options.asked)
                rate = _together(address, key, ask, options.clients)
                p95 = statistics.quantiles(alone, n=20)[-1]
                print(
                    f"{name:34} {statistics.median(alone):8.1f} {p95:8.1f} {rate:11.0f}",
                    flush=True,
                )


def _reads(database: Database) -> dict[str, Ask]:
    with database.reading() as connection:
        calls = list(connection.scalars(select(recordings.c.id).limit(KNOWN)))
        found = list(connection.scalars(select(findings.c.id).limit(KNOWN)))

    def period(rng: Random, days: int) -> dict[str, str]:
        first = SEED_DAY - timedelta(days=rng.uniform(days, DAYS))
        return {"since": first.isoformat(), "until": (first + timedelta(days)).isoformat()}

    return {
        "me": lambda _: ("/v1/me", {}),
        "review queue": lambda _: ("/v1/findings", {"state": "open"}),
        "review queue of a team": lambda rng: (
            "/v1/findings",
            {"state": "open", "team": team_of(draw_agent(rng))},
        ),
        "review queue of an agent": lambda rng: (
            "/v1/findings",
            {"state": "open", "agent": draw_agent(rng)},
        ),
        "review queue of calls by score": lambda rng: (
            "/v1/findings",
            {"state": "open", "max_score": str(round(rng.uniform(0.001, 1), 3))},
        ),
        "history of a finding": lambda rng: (
            f"/v1/findings/{rng.choice(found)}/history",
            {},
        ),
        "recordings, newest first": lambda _: ("/v1/recordings", {}),
        "recordings of an agent in a week": lambda rng: (
            "/v1/recordings",
            {"agent": draw_agent(rng), "state": "done", **period(rng, 7)},
        ),
        "a recording": lambda rng: (f"/v1/recordings/{rng.choice(calls)}", {}),
        "promises overdue": lambda _: ("/v1/promises", {"state": "overdue"}),
        "promises of an agent": lambda rng: ("/v1/promises", {"agent": draw_agent(rng)}),
        "report by teams, a month": lambda rng: ("/v1/reports/teams", period(rng, 30)),
        "report by agents of a team, month": lambda rng: (
            "/v1/reports/agents",
            {"team": team_of(draw_agent(rng)), **period(rng, 30)},
        ),
        "report by kinds, a month": lambda rng: ("/v1/reports/kinds", period(rng, 30)),
        "report on fairness, a month": lambda rng: (
            "/v1/reports/fairness",
            period(rng, 30),
        ),
        "calibration, a month": lambda rng: ("/v1/calibration", period(rng, 30)),
        "audit log": lambda _: ("/v1/audit", {}),
    }


def _alone(address: str, key: str, ask: Ask, asked: int) -> list[float]:
    rng, taken = Random(SEED), []
    with _client(address, key) as client:
        for number in range(WARM_UP + asked):
            path, query = ask(rng)
            began = time.perf_counter()
            client.get(path, params=query).raise_for_status()
            if number >= WARM_UP:
                taken.append(1000 * (time.perf_counter() - began))
            if sum(taken) > 30_000:
                break
    return taken


def _together(address: str, key: str, ask: Ask, clients: int) -> float:
    def one(number: int) -> int:
        rng, answered = Random(number), 0
        with _client(address, key) as client:
            until = time.monotonic() + SECONDS
            while time.monotonic() < until:
                path, query = ask(rng)
                client.get(path, params=query).raise_for_status()
                answered += 1
        return answered

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        answered = sum(pool.map(one, range(clients)))
    return answered / (time.perf_counter() - began)


def _client(address: str, key: str) -> httpx2.Client:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx2.Client(base_url=address, headers=headers, timeout=120)


@contextmanager
def _serving(url: str) -> Iterator[tuple[str, str]]:
    """The address of the service on that database, and an admin's key."""
    key = secrets.token_hex(16)
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w") as log:
        settings = {
            "CALLMON_DATA": folder,
            "CALLMON_DATABASE": url,
            "CALLMON_ADMIN_KEY": key,
            "CALLMON_REQUESTS_PER_MINUTE": "0",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "callmon", "serve", "--port", "0", "--no-worker"],
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            found = re.search(r"http://[^,\s]+", said)
            if found is None:
                raise SystemExit((Path(folder) / "log").read_text())
            yield found[0], key
        finally:
            process.terminate()
            process.wait(60)
            process.stdout.close()
