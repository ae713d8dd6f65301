"""`callmon status`: where recordings stand."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from callmon.commands.output import console
from callmon.jobs.progress import seconds_left
from callmon.report.wording import amount, harmless, percent
from callmon.settings import load_settings
from callmon.store.calls import recordings
from callmon.store.calls.recordings import StoredRecording
from callmon.store.database import Database
from callmon.store.work import runs, sightings, versions, workers
from callmon.store.work.sightings import Refused

if TYPE_CHECKING:
    from rich.console import RenderableType
    from sqlalchemy import Connection

PAGE: Final = 1000
REFRESH_SECONDS: Final = 2.0
TICK_SECONDS: Final = 0.1
"""Ctrl-C is answered after that at the latest."""
SILENT: Final = timedelta(minutes=2)
"""A worker that was not heard of for so long counts as gone, as for the other workers."""

FIELDS: Final = (
    "id", "name", "state", "stage", "progress", "attempts", "run", "error", "warnings",
    "priority", "source", "metadata", "duration", "received", "queued_at", "started_at",
    "finished_at", "analysis",
)  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when there was something to answer."""
    if arguments.watch and arguments.json:
        arguments.parser.error("--watch is for people; leave out --json")
    settings = load_settings()
    with Database.open(settings.database_url) as database:
        if arguments.json:
            _write_json(database, arguments)
        elif arguments.watch:
            _watch(database, arguments)
        else:
            console(sys.stdout).print(_page(database, arguments))
    return 0


def _chosen(database: Database, arguments: argparse.Namespace) -> Iterator[StoredRecording]:
    """The recordings that were asked for, those of the latest calls first.

    Raises NotFound for an id that there is not.
    """
    if arguments.ids:
        with database.reading() as connection:
            # All of them before the first one is shown.
            named = [recordings.get(connection, each) for each in arguments.ids]
        yield from named
        return
    after = None
    while True:
        with database.reading() as connection:
            page = recordings.find(
                connection, states=arguments.state or None, limit=PAGE, after=after
            )
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].id


def _write_json(database: Database, arguments: argparse.Namespace) -> None:
    """One list, written as it is read: a million recordings need not fit in memory."""
    with database.reading() as connection:
        speeds = runs.speeds(connection)
    begin = "["
    chosen = _chosen(database, arguments)
    first = next(chosen, None)  # an id that there is not is told before anything is written
    for recording in () if first is None else _and_rest(first, chosen):
        document = json.dumps(_document(recording, speeds), ensure_ascii=True)
        sys.stdout.write(f"{begin}\n{document}")
        begin = ","
    sys.stdout.write("[]\n" if begin == "[" else "\n]\n")


def _and_rest(
    first: StoredRecording, rest: Iterator[StoredRecording]
) -> Iterator[StoredRecording]:
    yield first
    yield from rest


def _document(recording: StoredRecording, speeds: Mapping[str, float]) -> dict[str, Any]:
    told = recording.model_dump(mode="json", include=set(FIELDS))
    document = {name: told[name] for name in FIELDS}
    document["metadata"] = recording.metadata.model_dump(mode="json", exclude_defaults=True)
    return {**document, "seconds_left": _left(recording, speeds)}


def _left(recording: StoredRecording, speeds: Mapping[str, float]) -> float | None:
    if recording.state != "analysing":
        return None
    left = seconds_left(recording.progress, duration=recording.duration, speeds=speeds)
    return None if left is None else round(left, 1)


def _watch(database: Database, arguments: argparse.Namespace) -> None:
    """Shows the table again and again, until Ctrl-C; in a pipe one below the other."""
    from rich.live import Live

    # Not by the exception, which is lost where it comes up in a library's clean-up.
    asked: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: asked.append(number))
    out = console(sys.stdout)
    with Live(console=out, auto_refresh=False) as live:
        while not asked:
            if out.is_terminal:
                live.update(_page(database, arguments), refresh=True)
            else:
                out.print(_page(database, arguments))
                sys.stdout.flush()
            again_at = time.monotonic() + REFRESH_SECONDS
            while not asked and time.monotonic() < again_at:
                time.sleep(TICK_SECONDS)
    raise KeyboardInterrupt


def _page(database: Database, arguments: argparse.Namespace) -> RenderableType:
    """How many are in each state, the latest of them, and files that were not taken in."""
    from rich.console import Group
    from rich.text import Text

    now = datetime.now(UTC)
    with database.reading() as connection:
        counts = recordings.counts(connection)
        speeds = runs.speeds(connection)
        refused = [each for each in sightings.failed(connection) if _still_there(each)]
        too_new = list(_too_new(connection, now=now))
    shown = list(islice(_chosen(database, arguments), arguments.limit))
    numbers = [f"{number} {state}" for state, number in counts.items() if number]
    parts: list[RenderableType] = [Text(", ".join(numbers) or "There are no recordings.")]
    if shown:
        parts += [Text(), _table(shown, speeds, now=now)]
    parts += [Text(sentence, overflow="fold") for sentence in too_new]
    told = [(each.id, _failure(each)) for each in shown if each.error is not None]
    if arguments.ids:
        told += [(each.id, warning) for each in shown for warning in each.warnings]
    if told:
        parts += [Text()]
        parts += [
            Text(harmless(f"{recording_id}: {sentence}"), overflow="fold")
            for recording_id, sentence in told
        ]
    if refused and not arguments.ids and not arguments.state:
        parts += [Text(), Text("Files that could not be taken in:")]
        parts += [
            Text(harmless(f"  {each.path}: {each.error}"), overflow="fold")
            for each in refused[: arguments.limit]
        ]
    return Group(*parts)


def _too_new(connection: Connection, *, now: datetime) -> Iterator[str]:
    """What waits for workers of a newer callmon than those that run."""
    there = {
        worker.version
        for worker in workers.every(connection)
        if worker.state == "working" and now - worker.at < SILENT
    }
    for stamp, number in runs.waiting_versions(connection).items():
        if there and all(versions.is_newer(stamp, each) for each in there):
            run = ", ".join(sorted(map(versions.release, there)))
            yield (
                f"{number} of them wait for a worker of callmon {versions.release(stamp)};"
                f" those that run are of {run} and leave them. Install the newer one there."
            )


def _failure(recording: StoredRecording) -> str:
    error = recording.error or ""
    if recording.state == "done":
        return f"The last analysis failed, and an earlier one counts. {error}"
    return error


def _table(
    shown: Sequence[StoredRecording], speeds: Mapping[str, float], *, now: datetime
) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table(
        "id", "name", "state", "for", "attempts", "", box=None, padding=(0, 2, 0, 0)
    )
    for each in shown:
        since = each.finished_at or each.started_at or each.queued_at or each.received
        table.add_row(
            Text(each.id),
            Text(harmless(each.name), overflow="ellipsis", no_wrap=True),
            Text(each.state),
            # A clock that was set back makes no negative age.
            Text(_age(max(0.0, (now - since).total_seconds()))),
            Text(str(each.attempts)),
            Text(harmless(_remark(each, _left(each, speeds))), overflow="fold"),
        )
    return table


def _still_there(refused: Refused) -> bool:
    """False when somebody has taken the file away; on another machine nobody knows."""
    path = Path(refused.path)
    return not path.parent.is_dir() or os.path.lexists(path)


def _remark(recording: StoredRecording, left: float | None) -> str:
    if recording.state != "analysing":
        number = len(recording.warnings)
        return f"{number} warning{'' if number == 1 else 's'}" if number else ""
    remark = f"{recording.stage or 'beginning'}, {percent(recording.progress)}"
    return remark if left is None else f"{remark}, about {amount(left)} left"


def _age(seconds: float) -> str:
    """For example `12 s`, `5 min`, `3 h`, `8 d`."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return f"{seconds:.0f} s"
