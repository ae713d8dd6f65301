"""The queue of jobs: the only file that names the engine, DBOS Transact.

A job is one run of one recording. The store says what is to be done and what was done; the
queue only brings each job to one worker, once. So everybody commits to the store first and
enqueues after it, and what a crash loses in between is found by `Queue.heal`.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    column,
    func,
    make_url,
    select,
    table,
    update,
)

from callmon.errors import StoreUnavailable
from callmon.store.engine import kept_alive
from callmon.store.work import versions

if TYPE_CHECKING:
    from dbos import DBOSClient, EnqueueOptions

Job = tuple[str, int]
"""Id of a recording, and the number of its run."""

UPLOAD, BATCH, REANALYSIS = 1, 2, 3
"""Priorities; the smallest goes first."""

STEPS = ("audio", "transcript", "speakers", "tones", "judgement")
"""Of a job, in order."""

RECOVERIES = 3
"""How often the engine itself starts a job again; the store gives it up before that."""

APPLICATION = "callmon"
NAME = "analyse"
POLL = 0.25
"""Seconds between two looks for a job; a look takes about a millisecond."""
WAITING = ("ENQUEUED", "DELAYED")
LIVE = (*WAITING, "PENDING")
ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
AT_ONCE = 500
"""Jobs named in one statement."""


class Place(NamedTuple):
    """What a job is enqueued with."""

    priority: int
    version: str | None = None
    """Of the callmon that asked for it."""


class HandBack(BaseException):
    """Raised within a job to leave it as it is, for `Queue.take_over`.

    Not an Exception: the engine writes those down as the job's end.
    """


class Handler(Protocol):
    """What a worker does with a job. No method raises but HandBack: the end of a job, good
    or bad, is written to the store."""

    def begin(self, recording_id: str, run: int) -> bool:
        """Whether the job is still wanted; asked each time that a worker takes it up."""

    def perform(self, step: str, recording_id: str, run: int) -> bool:
        """Does one of `STEPS`; false when the job has ended with it."""


class Queue:
    """The queue as the API, the folder watcher and the command line have it.

    Every method raises StoreUnavailable when the database does not answer.
    """

    def __init__(self, client: DBOSClient) -> None:
        self._client = client
        self._engine = client._sys_db.engine
        # The engine's own table, as its manual describes it: its calls load jobs whole,
        # which for a hundred thousand that wait takes minutes. It gives each job only to
        # workers of the same version, here the stamp of `store.work.versions`.
        self._table = table(
            "workflow_status",
            column("workflow_uuid", Text),
            column("name", Text),
            column("status", Text),
            column("application_version", Text),
            column("priority", Integer),
            column("created_at", BigInteger),
            schema="dbos" if self._engine.dialect.name == "postgresql" else None,
        )
        self._jobs = self._table.c

    @classmethod
    def open(cls, url: str) -> Queue:
        """Opens the queue, and makes it where there is none.

        Tables that an older engine made are brought up to date by the first who opens them;
        `callmon migrate` changes only those of the store.
        """
        with _telling():
            url = _prepare(url)
            from dbos import DBOSClient, DBOSPortableJSONSerializer

            client = DBOSClient(
                system_database_url=url,
                application_name=APPLICATION,
                serializer=DBOSPortableJSONSerializer(),
                retry_connection_errors=False,
            )
            client.register_queue(
                NAME,
                worker_concurrency=1,
                polling_interval_sec=POLL,
                on_conflict="never_update",
            )
        return cls(client)

    def close(self) -> None:
        """Ends all connections."""
        self._client.destroy()

    def __enter__(self) -> Queue:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def enqueue(
        self,
        recording_id: str,
        run: int,
        *,
        priority: int,
        version: str | None = None,
        delay: float = 0.0,
    ) -> None:
        """Puts a job into the queue; the same one twice is there once.

        It is for workers of this callmon, or of the `version` if that is a newer one, and
        not before so many seconds.
        """
        newer = versions.is_newer(version, versions.STAMP)
        options: EnqueueOptions = {
            "workflow_name": NAME,
            "queue_name": NAME,
            "workflow_id": _id((recording_id, run)),
            "app_version": str(version) if newer else versions.STAMP,
            "priority": priority,
        }
        if delay:
            options["delay_seconds"] = delay
        with _telling():
            self._client.enqueue(options, recording_id, run)

    def again(self, job: Job, *, priority: int, delay: float) -> bool:
        """Enqueues a job again that has just ended, for an attempt after so many seconds.

        False while it has not ended yet: ask again.
        """
        with _telling():
            found = [each.status for each in self._list(workflow_ids=[_id(job)])]
            if found == ["PENDING"]:
                return False
            if found and found[0] in LIVE:  # by the sweep of another worker
                return True
            self._delete([_id(job)])
        self.enqueue(*job, priority=priority, delay=delay)
        return True

    def cancel(self, recording_id: str, run: int) -> None:
        """Takes a job out of the queue; one that a worker has ends after its step."""
        with _telling():
            self._client.cancel_workflow(_id((recording_id, run)))

    def live(self) -> set[Job]:
        """The jobs that wait or run."""
        with _telling():
            return {_job(each.workflow_id) for each in self._list(status=list(LIVE))}

    def is_empty(self) -> bool:
        """Whether no job waits or runs."""
        jobs = select(self._jobs.workflow_uuid).where(*self._these(LIVE)).limit(1)
        with _telling(), self._engine.begin() as connection:
            return connection.execute(jobs).first() is None

    def depth(self) -> int:
        """How many jobs wait."""
        return sum(self.waiting().values())

    def waiting(self) -> dict[str | None, int]:
        """How many jobs wait, by the stamp of the workers that may take them."""
        version = self._jobs.application_version
        counted = (
            select(version, func.count()).where(*self._these(WAITING)).group_by(version)
        )
        with _telling(), self._engine.begin() as connection:
            return {row[0]: row[1] for row in connection.execute(counted)}

    def adopt(self) -> int:
        """Lets workers of this callmon have jobs that wait for older ones; how many.

        Only as many as keep them busy: older workers may still be there for the rest.
        """
        waiting = self.waiting()
        mine = versions.STAMP
        older = [each for each in waiting if versions.is_newer(mine, each)]
        if not older or waiting.get(mine, 0) >= AT_ONCE:
            return 0
        version = self._jobs.application_version
        known = [each for each in older if each is not None]
        of_older = version.in_(known) | (version.is_(None) if None in older else False)
        first = (
            select(self._jobs.workflow_uuid)
            .where(*self._these(WAITING), of_older)
            .order_by(self._jobs.priority, self._jobs.created_at)
            .limit(AT_ONCE)
        )
        adopted = (
            update(self._table)
            .where(self._jobs.workflow_uuid.in_(first), *self._these(WAITING))
            .values(application_version=mine)
        )
        with _telling(), self._engine.begin() as connection:
            return connection.execute(adopted).rowcount

    def taken(self) -> dict[str, list[Job]]:
        """The jobs that run, by the executor that took them."""
        found: dict[str, list[Job]] = {}
        with _telling():
            for each in self._list(status="PENDING"):
                found.setdefault(each.executor_id or "", []).append(_job(each.workflow_id))
        return found

    def take_over(self, executor: str) -> list[Job]:
        """Puts the jobs of an executor back into the queue, each behind its last full step.

        Only for one that is gone, and under a lock that no other worker has: to take over
        twice would give a job to two workers.
        """
        jobs = self.taken().get(executor, [])
        with _telling():
            for job in jobs:
                self._client.resume_workflow(_id(job), queue_name=NAME)
        return jobs

    def lost(self, wanted: Iterable[Job]) -> list[Job]:
        """Those of the jobs that neither wait nor run, in order."""
        jobs = sorted(wanted)
        found: list[Job] = []
        uuid = self._jobs.workflow_uuid
        with _telling(), self._engine.begin() as connection:
            for start in range(0, len(jobs), AT_ONCE):
                some = jobs[start : start + AT_ONCE]
                ids = [_id(job) for job in some]
                there = select(uuid).where(uuid.in_(ids), self._jobs.status.in_(LIVE))
                live = set(connection.execute(there).scalars())
                found += [job for job in some if _id(job) not in live]
        return found

    def heal(self, wanted: Mapping[Job, Place]) -> list[Job]:
        """Enqueues in their places the jobs that are wanted and not live.

        Gives those that were not. Under the same lock as `take_over`.
        """
        lost = self.lost(wanted)
        with _telling():
            # Of one that the engine has put aside nothing may be left, or its id would
            # stand for a job that has ended.
            for start in range(0, len(lost), AT_ONCE):
                ids = [_id(job) for job in lost[start : start + AT_ONCE]]
                ended = self._list(workflow_ids=ids, status=list(ENDED))
                self._delete([each.workflow_id for each in ended])
        for job in lost:
            self.enqueue(*job, priority=wanted[job].priority, version=wanted[job].version)
        return lost

    def delete(self, jobs: Iterable[Job]) -> None:
        """Deletes what the engine keeps of these jobs, which have ended."""
        with _telling():
            self._delete([_id(job) for job in jobs])

    def forget(self, *, days: float) -> int:
        """Deletes what the engine keeps of jobs that ended so long ago; says how many."""
        before = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        forgotten = 0
        with _telling():
            while ended := self._list(
                status=list(ENDED), completed_before=before, limit=AT_ONCE
            ):
                self._delete([each.workflow_id for each in ended])
                forgotten += len(ended)
        return forgotten

    def _these(self, states: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
        return self._jobs.name == NAME, self._jobs.status.in_(states)

    def _list(self, **filters: Any) -> Sequence[Any]:
        return self._client.list_workflows(
            name=NAME, load_input=False, load_output=False, **filters
        )

    def _delete(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), AT_ONCE):
            self._client.delete_workflows(list(ids[start : start + AT_ONCE]))


@contextmanager
def serving(url: str, *, executor: str, handler: Handler) -> Iterator[None]:
    """Takes jobs from the queue, one at a time, while the block runs.

    To be called once in a process, under a lock that no other process with the same
    `executor` has; what the last one of that name left is taken up first. A job that has
    not ended with the block is left as it is, for `Queue.take_over`.
    """
    with _telling():
        url = _prepare(url)
        from dbos import DBOS, DBOSPortableJSONSerializer

        DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": url,
                "application_version": versions.STAMP,
                "executor_id": executor,
                "serializer": DBOSPortableJSONSerializer(),
                "log_level": "CRITICAL",
                "run_migrations": False,
                # One job at a time: more connections only count against the server's limit.
                "sys_db_pool_size": 5,
                "max_executor_threads": 4,
            }
        )

    @DBOS.step(name="step")
    def perform(step: str, recording_id: str, run: int) -> bool:
        return handler.perform(step, recording_id, run)

    @DBOS.workflow(name=NAME, max_recovery_attempts=RECOVERIES)
    def analyse(recording_id: str, run: int) -> None:
        if not handler.begin(recording_id, run):
            return
        for step in STEPS:
            if not perform(step, recording_id, run):
                return

    DBOS.listen_queues([NAME])
    with _telling():
        DBOS.launch()
    try:
        yield
    finally:
        DBOS.destroy()


def _id(job: Job) -> str:
    recording_id, run = job
    return f"{recording_id}-{run}"


def _job(identifier: str) -> Job:
    recording_id, _, run = identifier.rpartition("-")
    return recording_id, int(run)


def _prepare(url: str) -> str:
    """Makes the tables of the engine, or brings them up to date; the URL to use."""
    from dbos import DBOS

    logging.getLogger("dbos").setLevel(logging.CRITICAL)
    if url.startswith("sqlite:"):
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        with sqlite3.connect(path, timeout=30) as connection:
            # So that those who look are not kept waiting by the one who writes.
            connection.execute("PRAGMA journal_mode=WAL")
        connection.close()
    else:
        url = kept_alive(make_url(url)).render_as_string(hide_password=False)
    DBOS.migrate(url)
    return url


@contextmanager
def _telling() -> Iterator[None]:
    """Says that the database does not answer without its address, its password or SQL."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreUnavailable(
            "The database of the jobs does not answer"
            f" ({type(getattr(error, 'orig', None) or error).__name__}). It works again"
            " when the database does; the setting `database` names it."
        ) from None
