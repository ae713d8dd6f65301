"""Nothing is lost and nothing lies about, on both databases."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callmon.errors import NotFound
from callmon.jobs import orders, sweep
from callmon.jobs.erase import erase
from callmon.jobs.queue import BATCH, REANALYSIS, UPLOAD, Queue
from callmon.jobs.retention import retain
from callmon.jobs.sweep import Signs
from callmon.metadata import Metadata
from callmon.store.access import audit
from callmon.store.calls import recordings
from callmon.store.database import Database
from callmon.store.media import Media
from callmon.store.work import rubrics, runs, steps

NOW = datetime.now(UTC)


@pytest.fixture
def media(tmp_path: Path) -> Media:
    return Media.open(str(tmp_path / "media"))


def add(
    database: Database,
    media: Media,
    content: str = "one",
    *,
    received: datetime = NOW,
    requested: bool = True,
) -> str:
    """A recording that waits, whose job nobody has enqueued; its id."""
    got = media.receive(io.BytesIO(content.encode()), max_bytes=100)
    with database.writing() as connection:
        recording, _ = recordings.add(
            connection,
            sha256=got.sha256,
            name="call.wav",
            size=got.size,
            media=got.key,
            metadata=Metadata(),
            received=received,
            priority=BATCH,
        )
        if requested:
            runs.request(
                connection, recording.id, priority=BATCH, reason="batch", at=received
            )
    return recording.id


def state(database: Database, recording_id: str) -> str:
    with database.reading() as connection:
        return recordings.get(connection, recording_id).state


def test_what_waits_without_a_job_gets_one(
    database: Database, queue: Queue, media: Media
) -> None:
    waiting = add(database, media, "one")
    received = add(database, media, "two", requested=False)
    known = add(database, media, "three")
    queue.enqueue(known, 1, priority=BATCH)

    assert set(sweep.heal(database, queue, at=NOW)) == {(waiting, 1), (received, 1)}
    assert queue.live() == {(waiting, 1), (received, 1), (known, 1)}
    assert state(database, received) == "queued"
    assert sweep.heal(database, queue, at=NOW) == []


def test_what_has_ended_gets_no_job(database: Database, queue: Queue, media: Media) -> None:
    failed = add(database, media)
    with database.writing() as connection:
        runs.fail(connection, failed, 1, error="No sound.", kind="permanent", at=NOW)

    assert sweep.heal(database, queue, at=NOW) == []


def test_jobs_of_the_living_are_left_to_them(database: Database, queue: Queue) -> None:
    queue.enqueue("abc", 1, priority=BATCH)
    assert sweep.take_over(database, queue, Signs(silent=0.0), mine=set()) == []


def test_retention_deletes_recording_media_and_all_that_was_found(
    database: Database, queue: Queue, media: Media
) -> None:
    old = add(database, media, "old", received=NOW - timedelta(days=31))
    busy = add(database, media, "busy", received=NOW - timedelta(days=31))
    new = add(database, media, "new", received=NOW - timedelta(days=29))
    with database.writing() as connection:
        steps.keep(connection, old, "transcript", "f", b"words", at=NOW)
        for ended in (old, new):
            runs.fail(connection, ended, 1, error="No sound.", kind="permanent", at=NOW)

    assert retain(database, media, queue, days=30, at=NOW) == {"recording": 1}

    with pytest.raises(NotFound):
        state(database, old)
    assert (state(database, new), state(database, busy)) == ("failed", "queued")
    assert {key[3:19] for key, _ in media.keys()} == {new, busy}  # noqa: SIM118
    with database.reading() as connection:
        assert steps.kept(connection, old, "transcript", "f") is None
        (last, *_) = audit.entries(connection, recording_id=old)
    assert (last.who, last.action) == ("retention", "recording.deleted")


def test_a_recording_that_comes_again_after_its_deletion_is_analysed_again(
    database: Database, queue: Queue, media: Media
) -> None:
    first = add(database, media)
    queue.enqueue(first, 1, priority=BATCH)
    queue.cancel(first, 1)
    erase(database, media, queue, first, who="me", at=NOW)

    again = add(database, media)
    queue.enqueue(again, 1, priority=BATCH)
    assert queue.live() == {(again, 1)}


def test_orphans_are_removed_when_they_are_old(
    database: Database, media: Media, tmp_path: Path
) -> None:
    known = add(database, media, "known")
    orphan = media.receive(io.BytesIO(b"orphan"), max_bytes=100).key
    young = media.receive(io.BytesIO(b"young"), max_bytes=100).key
    foreign = tmp_path / "media" / "notes.txt"
    foreign.write_text("Not ours.")
    hours_ago = NOW.timestamp() - 2 * 3600
    for path in (tmp_path / "media").rglob("*"):
        if path.is_file() and not path.match(f"*{young[3:]}"):
            os.utime(path, (hours_ago, hours_ago))

    assert sweep.remove_orphans(database, media, at=NOW) == 1

    left = {key for key, _ in media.keys()}  # noqa: SIM118
    assert orphan not in left
    assert young in left
    assert known in {key[3:19] for key in left}
    assert foreign.is_file()


def test_orders_are_written_to_the_store_the_queue_and_the_audit_log(
    database: Database, queue: Queue, media: Media
) -> None:
    call = add(database, media)
    assert orders.cancel(database, queue, call, who="ann", at=NOW)
    assert not orders.cancel(database, queue, call, who="ann", at=NOW)
    assert state(database, call) == "cancelled"

    jobs = orders.request(
        database, queue, [call], reason="retry", priority=UPLOAD, who="ann", at=NOW
    )
    assert jobs == [(call, 2)]
    assert queue.live() == {(call, 2)}
    assert orders.pause(database, who="ann", at=NOW)
    assert not orders.pause(database, who="ann", at=NOW)
    assert orders.resume(database, who="ann", at=NOW)
    with database.reading() as connection:
        done = [entry.action for entry in audit.entries(connection)]
    assert done[:4] == ["jobs.resumed", "jobs.paused", "run.retry", "run.cancelled"]


def test_a_retry_is_by_the_rubric_of_the_run_that_failed(
    database: Database, queue: Queue, media: Media
) -> None:
    call = add(database, media)
    with database.writing() as connection:
        ours = rubrics.keep(connection, b"rules", version="en/ours", at=NOW)
        again = runs.request(
            connection, call, priority=BATCH, reason="reanalysis", rubric=ours, at=NOW
        )
        runs.fail(connection, call, again, error="No.", kind="permanent", at=NOW)

    ((_, retried),) = orders.request(
        database, queue, [call], reason="retry", priority=UPLOAD, who="ann", at=NOW
    )
    with database.reading() as connection:
        assert runs.rubric_of(connection, call, retried) == ours


def test_a_recording_that_never_had_a_run_can_be_retried(
    database: Database, queue: Queue, media: Media
) -> None:
    call = add(database, media, requested=False)
    assert orders.cancel(database, queue, call, who="ann", at=NOW)
    jobs = orders.request(
        database, queue, [call], reason="retry", priority=UPLOAD, who="ann", at=NOW
    )
    assert jobs == [(call, 1)]


def test_a_reanalysis_of_a_recording_that_waits_keeps_its_place(
    database: Database, queue: Queue, media: Media
) -> None:
    call = add(database, media)

    orders.request(
        database,
        queue,
        [call],
        reason="reanalysis",
        priority=REANALYSIS,
        who="ann",
        at=NOW,
    )

    with database.reading() as connection:
        assert recordings.get(connection, call).priority == BATCH
