"""The work: what waits, who does it, what failed, what is to be delivered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import inspect

from callmon.doctor.check import SILENT, Check
from callmon.jobs.queue import Queue
from callmon.settings import Settings
from callmon.store import switches
from callmon.store.database import Database
from callmon.store.engine import make_engine
from callmon.store.faults import translate
from callmon.store.webhooks import targets
from callmon.store.work import figures, runs, versions, workers

LONG: Final = timedelta(hours=4)
"""That nothing should wait for; the alert of `docker/monitoring` begins there too."""

WAITING_WEBHOOKS: Final = 100
"""Deliveries; as the alert."""


def jobs(settings: Settings, database: Database, *, now: datetime) -> Iterator[Check]:
    with database.reading() as connection:
        wanted = {(run.recording_id, run.run) for run in runs.unfinished(connection)}
        oldest = figures.oldest_queued(connection)
        paused = switches.on_since(connection, switches.PAUSED)
    if not _has_queue(settings):
        if not wanted:
            text = "There is none yet, and nothing waits."
            yield Check(name="queue", state="ok", found=text)
            return
        yield Check(
            name="queue",
            state="broken",
            found=f"There is none, and {len(wanted)} recordings wait.",
            advice="Start `callmon serve` or `callmon work`: they make it again.",
        )
        return
    with Queue.open(settings.queue_url) as queue:
        waiting = queue.depth()
        lost = queue.lost(wanted)
    text = f"{waiting} recordings wait."
    if oldest is not None:
        text = f"{text[:-1]}, the oldest for {_long(now - oldest)}."
    if paused is not None:
        yield Check(
            name="queue",
            state="warning",
            found=f"{text} It is paused since {paused:%Y-%m-%d %H:%M} UTC.",
            advice="`callmon resume` lets workers go on.",
        )
    elif oldest is not None and now - oldest > LONG:
        yield Check(
            name="queue",
            state="warning",
            found=text,
            advice="Is it a peak, or are the workers too few? docker/CAPACITY.md says how"
            " many a load needs.",
        )
    elif lost:
        yield Check(
            name="queue",
            state="warning",
            found=f"{text} {len(lost)} more have lost their job.",
            advice="A worker puts them back within half a minute; is one alive?",
        )
    else:
        yield Check(name="queue", state="ok", found=text)


def _has_queue(settings: Settings) -> bool:
    """Opening it would make it."""
    if settings.queue_url.startswith("sqlite:"):
        return Path(settings.queue_url.removeprefix("sqlite:///")).exists()
    engine = make_engine(settings.queue_url)
    try:
        with translate(), engine.connect() as connection:
            return inspect(connection).has_table("workflow_status", schema="dbos")
    finally:
        engine.dispose()


def crew(database: Database, *, now: datetime) -> Iterator[Check]:
    with database.reading() as connection:
        known = workers.every(connection)
        waiting = runs.waiting_versions(connection)
    alive = [each for each in known if each.state != "stopped" and now - each.at < SILENT]
    gone = [each for each in known if each.state != "stopped" and now - each.at >= SILENT]
    if not alive:
        number = sum(waiting.values())
        text = "None is alive."
        if number:
            text = f"None is alive, and {number} recordings wait."
        yield Check(
            name="workers",
            state="broken" if number else "warning",
            found=text,
            advice="Start `callmon work`, or `callmon serve`; its log says why it ended.",
        )
        return
    there = sorted({each.version or "" for each in alive})
    text = f"{len(alive)} alive, of {', '.join(map(versions.release, there))}."
    too_new = [
        stamp for stamp in waiting if all(versions.is_newer(stamp, each) for each in there)
    ]
    if too_new:
        release = ", ".join(sorted(map(versions.release, too_new)))
        yield Check(
            name="workers",
            state="broken",
            found=f"{text} What waits is for {release}, and they leave it.",
            advice="Install the newer version there.",
        )
    elif gone:
        names = ", ".join(sorted(each.name for each in gone)[:3])
        yield Check(
            name="workers",
            state="warning",
            found=f"{text} {len(gone)} stopped giving signs of life, such as {names}.",
            advice="Others have taken its jobs over. Its log says why it ended.",
        )
    elif there != [versions.STAMP]:
        yield Check(
            name="workers",
            state="warning",
            found=f"{text} This callmon is of {versions.release(versions.STAMP)}.",
            advice="Bring all to one version.",
        )
    else:
        yield Check(name="workers", state="ok", found=text)


def failures(database: Database) -> Iterator[Check]:
    with database.reading() as connection:
        failed = len(runs.failed(connection))
    if not failed:
        yield Check(name="failures", state="ok", found="No analysis has failed.")
        return
    yield Check(
        name="failures",
        state="warning",
        found=f"The newest analysis of {failed} recordings failed.",
        advice="`callmon status --state failed` says why, `callmon retry --failed` tries"
        " again.",
    )


def deliveries(database: Database) -> Iterator[Check]:
    with database.reading() as connection:
        known = targets.every(connection)
        waiting = targets.waiting(connection)
    failing = [each.id for each in known if each.failures and each.off_at is None]
    text = f"{len(known)} targets, {waiting} deliveries wait."
    if not failing and waiting < WAITING_WEBHOOKS:
        yield Check(name="webhooks", state="ok", found=text)
        return
    if failing:
        text = f"{text} {', '.join(failing[:3])} did not take the last one."
    yield Check(
        name="webhooks",
        state="warning",
        found=text,
        advice="Settings, Webhooks shows what each target answers; `callmon serve` has to"
        " run for anything to be delivered.",
    )


def _long(age: timedelta) -> str:
    seconds = max(0.0, age.total_seconds())
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
