"""What reviewers ask of a database with a million findings, in milliseconds.

    python scripts/benchmark.py store [--findings 1000000] [--url URL]...

The findings are made up: five to a call, 600 agents in 30 teams of unlike sizes, two years
of calls up to SEED_DAY, each question asked with values drawn anew, in a connection that is
open already. One finding of twenty was judged, and controls were drawn from each call.
Every question gives a page of a hundred rows; the counts are of a quarter. Without --url it
is an SQLite file, and PostgreSQL where Debian's package is installed; a database that is
given is filled where it is empty, and stays.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, get_args

import postgresql
from sqlalchemy import Connection, Table, insert, select, text, true

from callmon.call import FindingKind, Severity
from callmon.store.calls import questions, recordings
from callmon.store.calls.recordings import monday
from callmon.store.database import Database
from callmon.store.engine import make_engine
from callmon.store.reviews.review_queue import Position, Wanted, find
from callmon.store.tables.calls import analyses, commitments, findings
from callmon.store.tables.calls import recordings as recordings_table
from callmon.store.tables.operations import call_figures, moment_figures
from callmon.store.tables.reviews import draws, verdicts

SEED = 7
SEED_DAY = datetime(2026, 11, 22, tzinfo=UTC)
DAYS = 730
PER_CALL = 5
TEAMS = 30
AGENTS = 600
JUDGED = 0.05
"""Of the findings: at the ten thousand a week that there are, some hundred a day."""
REVIEWERS = 12
BATCH_CALLS = 2_000
WARM_UP = 5

Question = Callable[[Connection, Random], object]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--findings", type=int, default=1_000_000)
    parser.add_argument(
        "--url",
        action="append",
        help="a database, filled if empty (default: an SQLite file, and PostgreSQL if"
        " installed, for this run alone)",
    )
    parser.add_argument("--asked", type=int, default=200, help="how often (default: 200)")


def run(options: argparse.Namespace) -> None:
    for _, database in databases(options.url, number=options.findings):
        print(f"{'question':42} {'p50 ms':>8} {'p95 ms':>8} {'rows':>6}", flush=True)
        for name, question in QUESTIONS.items():
            _measure(database, name, question, options.asked)


def databases(urls: Sequence[str] | None, *, number: int) -> Iterator[tuple[str, Database]]:
    """One after the other, with so many findings, while it is open."""
    with tempfile.TemporaryDirectory() as folder:
        for url in urls or _urls(Path(folder)):
            with Database.open(url) as database:
                began = time.perf_counter()
                if _is_empty(database):
                    _fill(database, number)
                    _settle(url)
                print(
                    f"{url.partition(':')[0]}: {number:,} findings in"
                    f" {time.perf_counter() - began:.0f} s",
                    flush=True,
                )
                yield url, database


def _is_empty(database: Database) -> bool:
    with database.reading() as connection:
        return connection.execute(select(findings.c.id).limit(1)).first() is None


def _urls(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / 'callmon.db'}"
    if postgresql.BINARIES:
        with postgresql.running_server() as server:
            yield server.create()


def _measure(database: Database, name: str, question: Question, asked: int) -> None:
    rng = Random(SEED)
    taken: list[float] = []
    rows = 0
    for number in range(WARM_UP + asked):
        with database.reading() as connection:
            began = time.perf_counter()
            answer: Any = question(connection, rng)
            if number >= WARM_UP:
                taken.append(1000 * (time.perf_counter() - began))
                rows += len(answer)
    p95 = statistics.quantiles(taken, n=20)[-1]
    print(f"{name:42} {statistics.median(taken):8.1f} {p95:8.1f} {rows / asked:6.0f}")


def _severity(rng: Random) -> Severity:
    drawn: list[Severity] = rng.choices(("low", "medium", "high"), (5, 3, 1))
    return drawn[0]


def draw_agent(rng: Random) -> str:
    # Squared: some work many more calls than others.
    return f"agent {int(AGENTS * rng.random() ** 2):04}"


def team_of(agent: str) -> str:
    return f"team {int(TEAMS * (int(agent[6:]) / AGENTS) ** 0.5):02}"


def _period(rng: Random, days: int) -> dict[str, datetime]:
    first = SEED_DAY - timedelta(days=rng.uniform(days, DAYS))
    return {"since": first, "until": first + timedelta(days=days)}


def _queue(connection: Connection, _: Random) -> object:
    return _reviewed(connection, Wanted(states=("open",)))


def _queue_further(connection: Connection, rng: Random) -> object:
    after = Position(state="open", severity=_severity(rng), confidence=rng.random(), id="0")
    return _reviewed(connection, Wanted(states=("open",)), after=after)


def _queue_of_team(connection: Connection, rng: Random) -> object:
    return _reviewed(connection, Wanted(states=("open",), team=team_of(draw_agent(rng))))


def _queue_of_agent(connection: Connection, rng: Random) -> object:
    return _reviewed(connection, Wanted(states=("open",), agent=draw_agent(rng)))


def _reviewed(
    connection: Connection, wanted: Wanted, after: Position | None = None
) -> object:
    return find(
        connection,
        wanted,
        findings_seen=true(),
        controls_seen=true(),
        limit=100,
        after=after,
    )


def _of_agent(connection: Connection, rng: Random) -> object:
    return questions.findings(connection, agent=draw_agent(rng), **_period(rng, 30))


def _of_team(connection: Connection, rng: Random) -> object:
    return questions.findings(connection, team=team_of(draw_agent(rng)), **_period(rng, 30))


def _recordings(connection: Connection, rng: Random) -> object:
    period = _period(rng, 7)
    return recordings.find(
        connection,
        states=["done"],
        agent=draw_agent(rng),
        started_from=period["since"],
        started_to=period["until"],
    )


def _failed(connection: Connection, _: Random) -> object:
    return recordings.find(connection, states=["failed"])


def _promises(connection: Connection, rng: Random) -> object:
    due = SEED_DAY.date() - timedelta(days=rng.randrange(DAYS))
    return questions.commitments(connection, open=True, due_until=due)


def _promises_of_agent(connection: Connection, rng: Random) -> object:
    return questions.commitments(connection, open=True, agent=draw_agent(rng))


def _weeks(connection: Connection, rng: Random) -> object:
    return questions.weekly(connection, **_quarter(rng))


def _weeks_of_team(connection: Connection, rng: Random) -> object:
    return questions.weekly(connection, team=team_of(draw_agent(rng)), **_quarter(rng))


def _quarter(rng: Random) -> dict[str, date]:
    last = monday(SEED_DAY) - timedelta(weeks=rng.randrange(DAYS // 7 - 13))
    return {"first": last - timedelta(weeks=12), "last": last}


FILLED = (
    recordings_table,
    analyses,
    findings,
    commitments,
    call_figures,
    moment_figures,
    draws,
    verdicts,
)

QUESTIONS: dict[str, Question] = {
    "review queue": _queue,
    "review queue, any later page": _queue_further,
    "review queue of a team": _queue_of_team,
    "review queue of an agent": _queue_of_agent,
    "findings of an agent in a month": _of_agent,
    "findings of a team in a month": _of_team,
    "recordings by state, agent and week": _recordings,
    "recordings that failed": _failed,
    "open promises due by a day": _promises,
    "open promises of an agent": _promises_of_agent,
    "counts by week and kind, a quarter": _weeks,
    "counts by week and kind, of a team": _weeks_of_team,
}


def _fill(database: Database, number: int) -> None:
    """Fills the tables, then makes their indexes: several times faster."""
    rng = Random(SEED)
    calls = -(-number // PER_CALL)
    indexes = [index for table in FILLED for index in table.indexes]
    with database.writing() as connection:
        for index in indexes:
            index.drop(connection)
    for first in range(0, calls, BATCH_CALLS):
        rows: dict[Table, list[dict[str, Any]]] = {table: [] for table in FILLED}
        for _ in range(first, min(calls, first + BATCH_CALLS)):
            _make_call(rng, rows)
        with database.writing() as connection:
            for table, made in rows.items():
                connection.execute(insert(table), made)
    with database.writing() as connection:
        for index in indexes:
            index.create(connection)


def _settle(url: str) -> None:
    """What PostgreSQL does by itself some minutes after so many rows came in."""
    engine = make_engine(url)
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def _make_call(rng: Random, rows: dict[Table, list[dict[str, Any]]]) -> None:
    sha256 = f"{rng.getrandbits(256):064x}"
    recording_id = sha256[:16]
    held = SEED_DAY - timedelta(seconds=rng.randrange(DAYS * 86_400))
    agent = draw_agent(rng)
    call = {"agent": agent, "team": team_of(agent), "queue": "billing", "held_at": held}
    failed = rng.random() < 0.01
    current = rng.random() < 0.9
    rows[recordings_table].append(
        {
            "id": recording_id,
            "sha256": sha256,
            "name": f"{recording_id}.wav",
            "size": 4_000_000,
            "media": f"{sha256[:2]}/{sha256}",
            "received": held,
            "state": "failed" if failed else "done",
            "progress": 1.0,
            "attempts": 1,
            "run": 1,
            "priority": 1,
            "duration": 240.0,
            "channels": 2,
            "metadata": {"agent": agent, "team": call["team"], "queue": "billing"},
            "warnings": [],
            "analysis": f"{recording_id}-1",
            **call,
        }
    )
    analysis_id = f"{recording_id}-1"
    rows[analyses].append(
        {
            "id": analysis_id,
            "recording_id": recording_id,
            "run": 1,
            "at": held,
            "callmon": "0.1.0",
            "rubric": "en/1",
            "models": {},
            "score": rng.random(),
            "document": b"{}",
        }
    )
    shared = {
        "analysis_id": analysis_id,
        "recording_id": recording_id,
        "current": current,
        "start": 1.0,
        "end": 2.0,
        **call,
    }
    rows[findings] += [
        {
            **shared,
            "id": f"{analysis_id}-f{number}",
            "finding": f"f{number}",
            "kind": rng.choice(get_args(FindingKind)),
            "severity": _severity(rng),
            "confidence": round(rng.random(), 3),
            "opportunity": "o1",
            "turn": number,
            "summary": "After the customer told of the wait the agent asked for a number.",
            "cleared_by": "Naming the wait, then what happens next, would have met it.",
            "quote": "I have been waiting for an hour now",
            "state": "open",
            "week": monday(held),
            "outcome": rng.choice(("met", "partial", "missed")),
            "delay": round(rng.uniform(0.5, 20), 1),
            "settling": round(rng.uniform(-2, 2), 1),
        }
        for number in range(PER_CALL)
    ]
    for finding in rows[findings][-PER_CALL:]:
        if rng.random() < JUDGED:
            _judge(rng, rows, finding)
    rows[draws].append(
        {
            "analysis_id": analysis_id,
            "recording_id": recording_id,
            "moments": 12,
            "findings": PER_CALL,
            "probability": 0.05,
            "at": held,
        }
    )
    if current and not failed:
        _make_figures(rng, rows, recording_id, call)
    due = (held + timedelta(days=rng.randrange(14))).date()
    rows[commitments].append(
        {
            **shared,
            "id": f"{analysis_id}-c1",
            "turn": 3,
            "action": "refund the charge",
            "deadline": "by Friday",
            "due": due.isoformat(),
            "due_on": due,
            "level": "timed",
            "who": "agent",
            "open": rng.random() < 0.7,
            "quote": "I will refund it by Friday",
        }
    )


def _judge(
    rng: Random, rows: dict[Table, list[dict[str, Any]]], finding: dict[str, Any]
) -> None:
    finding["state"] = rng.choice(("agreed", "agreed", "corrected", "dismissed"))
    label = {
        "agreed": finding["kind"],
        "corrected": rng.choice(get_args(FindingKind)),
        "dismissed": "none",
    }[finding["state"]]
    rows[verdicts].append(
        {
            "subject": finding["id"],
            "recording_id": finding["recording_id"],
            "analysis_id": finding["analysis_id"],
            "reviewer": f"key:{rng.randrange(REVIEWERS)}",
            "at": finding["held_at"],
            "verdict": "agree" if label == finding["kind"] else "disagree",
            "machine": finding["kind"],
            "label": label,
            "seconds": round(rng.uniform(5, 90), 1),
            "blind": False,
            "rules": ["model"],
        }
    )


def _make_figures(
    rng: Random, rows: dict[Table, list[dict[str, Any]]], recording_id: str, call: Any
) -> None:
    """What reports add up: of the call, and of as many moments as it has findings."""
    shared = {
        "recording_id": recording_id,
        "rubric": "en/1",
        "week": monday(call["held_at"]),
        **call,
    }
    rows[call_figures].append(
        {
            **shared,
            "analysis_id": f"{recording_id}-1",
            "customer": f"customer {rng.randrange(100_000)}",
            "commendations": rng.randrange(2),
            "resolved": rng.random() < 0.5,
            "language": rng.choice(("en", "de")),
            "channels": rng.choice(("mono", "stereo")),
            "confidence_band": rng.choice(("low", "middle", "high")),
            "pitch_band": rng.choice(("low", "middle", "high")),
        }
    )
    rows[moment_figures] += [
        {
            **shared,
            "number": number,
            "outcome": rng.choice(("met", "partial", "missed")),
            "stratum": rng.choice(("negative explicit 2", "negative implicit 1")),
            "flagged": rng.random() < 0.5,
            "delay": round(rng.uniform(0.5, 20), 1),
            "settling": round(rng.uniform(1, 60), 1),
        }
        for number in range(PER_CALL)
    ]
