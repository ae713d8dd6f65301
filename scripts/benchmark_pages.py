"""The review pages with a million findings and with a two-hour call, in milliseconds.

    python scripts/benchmark.py pages [--findings 1000000] [--url URL] [--results out/demo]

The database is the one of `benchmark.py store`, with one call more, whose findings stand
first in the queue: a sample call that `make demo` analysed, again and again for two hours,
with its sound and its outline. `callmon serve` runs on it as a process of its own, without
a worker. First the pages' time on the server, asked over loopback on one open connection;
then the time from the click until a page is usable, in Chromium without anything cached:
of the queue, until the first card can be judged; of the call, until its waves are drawn
and its transcript is there. Without --url it is an SQLite file. The load of the machine
is printed too: what else runs on it is in the figures.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import os
import secrets
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx2
from benchmark_api import _client as client_of
from benchmark_api import _serving as serving
from benchmark_store import databases
from playwright.sync_api import Browser, Page, sync_playwright

from callmon.call import Analysis
from callmon.metadata import Metadata
from callmon.redaction.call import redact_call
from callmon.review.access.secrets import hash_password, new_id
from callmon.store.access import users
from callmon.store.access.standing import Standing
from callmon.store.calls import analyses, recordings
from callmon.store.database import Database
from callmon.store.media import Media
from callmon.store.work import runs

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = "internet-down"
HOURS = 2
WARM_UP = 3
LOGIN = f"bench-{secrets.token_hex(4)}"
ARGUMENTS = ["--no-sandbox", "--disable-gpu"]
QUEUE_IS_USABLE = "#stage .card [data-verdict]"
CALL_IS_USABLE = "#call:has(#wave-note[hidden]):has(#turns li)"
SHIFTED: Final = ("start", "end")
TURNED: Final = ("turn", "index", "after")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--findings", type=int, default=1_000_000)
    parser.add_argument("--url", help="a database, filled if empty (default: SQLite)")
    parser.add_argument("--results", type=Path, default=ROOT / "out" / "demo")
    parser.add_argument(
        "--spread",
        type=int,
        default=1,
        help="of so many repetitions in the long call one keeps its findings (default:"
        " 1, two findings a minute; 5 is two in six minutes)",
    )
    parser.add_argument("--asked", type=int, default=40, help="how often each page")
    parser.add_argument("--loaded", type=int, default=8, help="how often in Chromium")


def run(options: argparse.Namespace) -> None:
    chromium = os.environ.get("CALLMON_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        raise SystemExit("no chromium on the path; name one in CALLMON_CHROMIUM")
    given = [options.url] if options.url else None
    for url, database in databases(given, number=options.findings):
        password = secrets.token_urlsafe(12)
        with _media() as media, serving(url) as (address, key):
            call = _prepare(database, media, options.results, password, options.spread)
            print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
            print(f"{'page, on the server':34} {'p50 ms':>8} {'p95 ms':>8}", flush=True)
            with client_of(address, key) as client:
                for name, path in _paths(client, call).items():
                    _print(name, list(_asked(client, path, options.asked)))
            print(f"{'page, usable in Chromium':34} {'p50 ms':>8} {'p95 ms':>8}")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=chromium, args=ARGUMENTS
                )
                for name, path, usable in (
                    ("review queue", "/review", QUEUE_IS_USABLE),
                    (f"call of {HOURS} hours", f"/calls/{call}", CALL_IS_USABLE),
                ):
                    go = _signed_in(browser, address, password)
                    _print(name, [go(path, usable) for _ in range(options.loaded)])
                browser.close()
        return  # of several databases only the first: the browser asks the same


@contextmanager
def _media() -> Iterator[Media]:
    """A media store, which what is started now has too."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CALLMON_MEDIA"] = folder
        yield Media.open(folder)


def _paths(client: httpx2.Client, call: str) -> dict[str, str]:
    first = client.get("/v1/findings", params={"recording_id": call}).json()["items"][0]
    return {
        "review queue": "/review",
        "review queue of a team": "/review?team=team+05",
        "counts above the queue": "/review/counts",
        "pace of a reviewer": "/review/pace",
        "a card": f"/review/card/{first['id']}",
        "calls": "/calls",
        "call of two hours": f"/calls/{call}",
        "promises": "/promises",
        "trends": "/trends",
        "calibration": "/calibration",
        "audit log": "/audit",
    }


def _asked(client: httpx2.Client, path: str, times: int) -> Iterator[float]:
    for number in range(WARM_UP + times):
        began = time.perf_counter()
        client.get(path).raise_for_status()
        if number >= WARM_UP:
            yield 1000 * (time.perf_counter() - began)


def _signed_in(
    browser: Browser, address: str, password: str
) -> Callable[[str, str], float]:
    """Opens a page in a window of its own, with nothing cached; milliseconds."""

    def go(path: str, usable: str) -> float:
        window = browser.new_context(
            base_url=address, viewport={"width": 1440, "height": 900}
        )
        credentials = {"login": LOGIN, "password": password}
        window.request.post("/v1/session", data=credentials)
        page: Page = window.new_page()
        page.goto(path, wait_until="commit")
        page.wait_for_selector(usable)
        taken = page.evaluate("performance.now()")
        window.close()
        return float(taken)

    return go


def _print(name: str, taken: list[float]) -> None:
    p95 = statistics.quantiles(taken, n=20, method="inclusive")[-1]
    print(f"{name:34} {statistics.median(taken):8.0f} {p95:8.0f}", flush=True)


def _prepare(
    database: Database, media: Media, results: Path, password: str, spread: int
) -> str:
    """Adds somebody who reviews, and the long call; its id."""
    now, token = datetime.now(UTC), secrets.token_bytes(16)
    sha256 = hashlib.sha256(token).hexdigest()
    key = f"{sha256[:2]}/{sha256}"
    document = json.loads((results / f"{SAMPLE}.json").read_bytes())
    times = round(HOURS * 3600 / document["recording"]["duration"])
    with database.writing() as connection:
        users.add(
            connection,
            id=new_id(),
            login=LOGIN,
            name="Bench",
            standing=Standing(role="reviewer"),
            hash=hash_password(password),
            made_by="benchmark",
            at=now,
        )
        stored, _ = recordings.add(
            connection,
            sha256=sha256,
            name="two-hours.ogg",
            size=len(token),
            media=key,
            metadata=Metadata(agent="agent 0100", team="team 05", started=now),
            received=now,
            priority=2,
        )
        number = runs.request(connection, stored.id, priority=2, reason="upload", at=now)
        runs.begin(connection, stored.id, number, worker="benchmark", at=now)
        runs.finish(connection, stored.id, number, at=now)
        analysis = repeated(document, times, spread=spread, id_=stored.id, sha256=sha256)
        redacted = redact_call(analysis)
        analyses.save(connection, stored.id, number, analysis, redacted=redacted, at=now)
    with media.making(f"{key}.mp3") as target:
        target.write((results / f"{SAMPLE}.mp3").read_bytes() * times)
    with media.making(f"{key}.peaks") as target:
        target.write(_outline((results / f"{SAMPLE}.peaks").read_bytes(), times))
    return stored.id


def repeated(
    document: dict[str, Any], times: int, *, spread: int, id_: str, sha256: str
) -> Analysis:
    """The call again and again, as one. Its findings are grave and not sure, so that they
    stand first in the queue."""
    length, turns = document["recording"]["duration"], len(document["turns"])
    long = copy.deepcopy(document)
    long["recording"] |= {"id": id_, "sha256": sha256, "duration": length * times}
    lists = [name for name, value in document.items() if isinstance(value, list)]
    for name in lists:
        long[name] = []
        for number in range(times):
            if name == "findings" and number % spread:
                continue
            for item in document[name]:
                shifted = _shifted(item, number * length, number * turns, f"-{number}")
                long[name].append(shifted)
    for number, finding in enumerate(long["findings"], 1):
        finding |= {"id": f"f{number}", "severity": "high", "confidence": 0.0}
    return Analysis.model_validate(long)


def _shifted(value: Any, seconds: float, turns: int, copy_: str) -> Any:
    """The same, so much later in the call; names of moments get an ending."""
    if isinstance(value, list):
        return [_shifted(each, seconds, turns, copy_) for each in value]
    if not isinstance(value, dict):
        return value
    shifted = {k: _shifted(v, seconds, turns, copy_) for k, v in value.items()}
    for name, old in value.items():
        if name in SHIFTED and isinstance(old, (int, float)):
            shifted[name] = old + seconds
        elif name in TURNED and isinstance(old, int):
            shifted[name] = old + turns
        elif name == "turns" and isinstance(old, list):
            shifted[name] = [turn + turns for turn in old]
        elif name in ("id", "opportunity") and isinstance(old, str):
            shifted[name] = old + copy_
    return shifted


def _outline(peaks: bytes, times: int) -> bytes:
    """As `callmon.audio.peaks` writes it."""
    line, _, data = peaks.partition(b"\n")
    head = json.loads(line)
    made, at = [], 0
    for resolution in head["resolutions"]:
        size = 2 * resolution["length"]
        for _ in range(head["channels"]):
            made.append(data[at : at + size] * times)
            at += size
        resolution["length"] *= times
    head["duration"] *= times
    return json.dumps(head).encode() + b"\n" + b"".join(made)
