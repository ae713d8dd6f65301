"""`callmon reanalyze`: analyses again with what is installed now, or by another rubric."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

from callmon.call import Finding
from callmon.commands.jobs import load_engines, set_up
from callmon.commands.output import say
from callmon.empathy.rubric import Rubric
from callmon.empathy.rubric_file import load_rubric
from callmon.errors import BadSettings, CallmonError, MissingModel
from callmon.jobs import orders
from callmon.jobs.journal import now
from callmon.jobs.queue import REANALYSIS, Queue
from callmon.jobs.reanalysis import compare
from callmon.report.wording import harmless
from callmon.settings import Settings, load_settings
from callmon.store.calls import recordings
from callmon.store.database import Database
from callmon.store.work import rubrics


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when all that was named could be queued, or compared."""
    _check_usage(arguments)
    settings = load_settings()
    document = _read(arguments.rubric) if arguments.rubric else None
    rubric = load_rubric(arguments.rubric) if arguments.rubric else None
    with Database.open(settings.database_url) as database:
        chosen = arguments.ids or list(_analysed(database, since=arguments.since))
        for recording_id in arguments.ids:
            with database.reading() as connection:
                recordings.get(connection, recording_id)
        if arguments.diff:
            return _show(database, settings, chosen, rubric)
        if arguments.dry_run:
            say(f"{len(chosen)} recordings would be analysed again; --diff compares them")
            return 0
        kept = None
        if document is not None and rubric is not None:
            with database.writing() as connection:
                kept = rubrics.keep(connection, document, version=rubric.version, at=now())
        with Queue.open(settings.queue_url) as queue:
            jobs = orders.request(
                database,
                queue,
                chosen,
                reason="reanalysis",
                priority=REANALYSIS,
                rubric=kept,
                who="cli",
                at=now(),
            )
    say(f"{len(jobs)} queued; workers take them when nothing else waits")
    return 0


def _check_usage(arguments: argparse.Namespace) -> None:
    fail = arguments.parser.error
    if arguments.ids and (arguments.all or arguments.since):
        fail("name recordings by their ids, or choose with --all or --since, not both")
    if not arguments.ids and not arguments.all and not arguments.since:
        fail("name recordings by their ids, or choose with --all or --since DATE")
    if arguments.diff and not arguments.dry_run:
        fail("--diff compares without writing; it needs --dry-run")


def _analysed(database: Database, *, since: date | None) -> Iterator[str]:
    """The ids of all recordings that have an analysis, those of the latest calls first."""
    begin = None if since is None else datetime.combine(since, time.min, UTC)
    after = None
    while True:
        with database.reading() as connection:
            page = recordings.find(
                connection, states={"done"}, started_from=begin, after=after
            )
        if not page:
            return
        yield from (each.id for each in page)
        after = page[-1].id


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadSettings(f"The rubric {path} cannot be read: {error.strerror}.") from None


def _show(
    database: Database, settings: Settings, chosen: list[str], rubric: Rubric | None
) -> int:
    """Prints the findings gained (+) and lost (-) of each recording."""
    setup, engines = set_up(settings), load_engines(settings)
    gained = lost = broken = 0
    for number, recording_id in enumerate(chosen, 1):
        say(f"comparing {recording_id}, {number} of {len(chosen)}")
        try:
            found = compare(database, setup, engines, recording_id, rubric=rubric)
        except MissingModel:
            raise  # none can be compared, so it is told once
        except CallmonError as error:
            say(f"callmon: {recording_id}: {error}")
            broken += 1
            continue
        for sign, findings in (("+", found.gained), ("-", found.lost)):
            for finding in findings:
                _print(f"{sign} {recording_id} {_line(finding)}")
        gained += len(found.gained)
        lost += len(found.lost)
    _print(f"{len(chosen) - broken} compared, {gained} findings gained, {lost} lost")
    return 1 if broken else 0


def _line(finding: Finding) -> str:
    place = f"turn {finding.turn}" if finding.start is None else f"{finding.start:.1f} s"
    return f"{finding.kind} at {place}: {finding.summary}"


def _print(line: str) -> None:
    sys.stdout.write(harmless(line) + "\n")
