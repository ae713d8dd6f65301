"""Runs: one row for each time that a recording is to be analysed.

What happens to a run happens to its recording in the same transaction. Only the newest run
of a recording is live; asking for another supersedes it. And only the worker that began a
run last has it: one that was taken for dead may come back, and what it says then is late.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from statistics import median
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, exists, func, insert, select, true, update

from callmon.call import Value
from callmon.errors import NotFound
from callmon.store.calls.recordings import RecordingState, locked
from callmon.store.tables.calls import recordings, runs
from callmon.store.work import versions

Reason = Literal["upload", "batch", "retry", "reanalysis"]
RunState = Literal["queued", "analysing", "done", "failed", "cancelled", "superseded"]
FailureKind = Literal["permanent", "transient"]

UNFINISHED: Final = ("received", "queued", "analysing")
MAX_ATTEMPTS = 3
SPEEDS_FROM = 50
"""Newest finished runs whose steps are timed; enough for a median, few to read."""


class Run(Value):
    """A run that is not finished."""

    recording_id: str
    run: int
    """0 for a recording that no run was requested for: its program was killed."""
    state: Literal["received", "queued", "analysing"]
    priority: int
    reason: Reason
    rubric: str | None
    """Hash of the rubric that this run judges by; null is the worker's own."""
    attempts: int
    worker: str | None
    """Who began it last."""
    version: str | None
    """Of the callmon that asked for it; see `versions`."""


def request(
    connection: Connection,
    recording_id: str,
    *,
    priority: int,
    reason: Reason,
    rubric: str | None = None,
    at: datetime,
) -> int:
    """Queues the recording for a run; its number. A run that is not finished is superseded.

    Raises NotFound.
    """
    known = locked(connection, recording_id)
    run = known.run + 1
    _supersede(connection, recording_id, known.run, at=at)
    connection.execute(
        insert(runs).values(
            recording_id=recording_id,
            run=run,
            state="queued",
            reason=reason,
            rubric=rubric,
            priority=priority,
            attempts=0,
            version=versions.STAMP,
            seconds={},
            requested_at=at,
        )
    )
    _set_recording(
        connection,
        recording_id,
        state="queued",
        stage=None,
        progress=0.0,
        attempts=0,
        run=run,
        error=None,
        priority=priority,
        queued_at=at,
        started_at=None,
        finished_at=None,
    )
    return run


def begin(
    connection: Connection, recording_id: str, run: int, *, worker: str, at: datetime
) -> bool:
    """Takes up a run, again after a crash too: one attempt more.

    False when there is nothing to do: it is finished, cancelled or superseded. Raises
    NotFound when the recording was deleted.
    """
    known = locked(connection, recording_id)
    if known.run != run or known.state not in ("queued", "analysing"):
        return False
    attempts = known.attempts + 1
    _set_run(
        connection,
        recording_id,
        run,
        state="analysing",
        attempts=attempts,
        worker=worker,
        begun_at=at,
        stage=None,
        stage_at=None,
    )
    _set_recording(
        connection,
        recording_id,
        state="analysing",
        attempts=attempts,
        stage=None,
        started_at=at,
        finished_at=None,
    )
    return True


def stage(
    connection: Connection,
    recording_id: str,
    run: int,
    *,
    stage: str,
    progress: float,
    worker: str | None = None,
    at: datetime,
) -> bool:
    """Notes how far a run is: the step under way, and the share of the whole, 0 to 1.

    False when the run is no longer to go on: it was cancelled or superseded, or another
    worker than the one that is named has it.
    """
    live = connection.execute(
        update(recordings)
        .where(
            recordings.c.id == recording_id,
            recordings.c.run == run,
            recordings.c.state == "analysing",
            *_had_by(worker),
        )
        .values(stage=stage, progress=progress)
    )
    if live.rowcount == 0:
        return False
    timed = _timed(connection, recording_id, run, at)
    if timed.stage != stage:
        _set_run(
            connection,
            recording_id,
            run,
            stage=stage,
            stage_at=at,
            seconds=timed.seconds,
        )
    return True


def is_live(
    connection: Connection, recording_id: str, run: int, *, worker: str | None = None
) -> bool:
    """Whether the run is to go on, and the worker that is named has it."""
    known = connection.execute(
        select(recordings.c.id).where(
            recordings.c.id == recording_id,
            recordings.c.run == run,
            recordings.c.state.in_(("queued", "analysing")),
            *_had_by(worker),
        )
    )
    return known.first() is not None


def finish(
    connection: Connection,
    recording_id: str,
    run: int,
    *,
    worker: str | None = None,
    at: datetime,
) -> bool:
    """Ends a run well. False, and nothing changed, when it is not the live one any more.

    So too when another worker than the one that is named has it. Save the analysis in the
    same transaction, and only after True.
    """
    locked(connection, recording_id)
    if not is_live(connection, recording_id, run, worker=worker):
        return False
    _set_run(
        connection,
        recording_id,
        run,
        state="done",
        error=None,
        finished_at=at,
        stage=None,
        stage_at=None,
        seconds=_timed(connection, recording_id, run, at).seconds,
    )
    _set_recording(
        connection,
        recording_id,
        state="done",
        stage=None,
        progress=1.0,
        error=None,
        finished_at=at,
    )
    return True


def fail(
    connection: Connection,
    recording_id: str,
    run: int,
    *,
    error: str,
    kind: FailureKind,
    max_attempts: int = MAX_ATTEMPTS,
    worker: str | None = None,
    at: datetime,
) -> RecordingState:
    """Ends an attempt badly; the state of the recording after it.

    That is `queued` while trying again may help and attempts are left, else `failed`; a
    recording that has an analysis is `done` by that one, with the error beside it. A run
    that is not the live one any more, or that another worker than the one that is named
    has, changes nothing.
    """
    known = locked(connection, recording_id)
    if not is_live(connection, recording_id, run, worker=worker):
        return known.state
    again = kind == "transient" and known.attempts < max_attempts
    ended: RecordingState = "failed" if known.analysis is None else "done"
    state: RecordingState = "queued" if again else ended
    finished = None if again else at
    _set_run(
        connection,
        recording_id,
        run,
        state="queued" if again else "failed",
        error=error,
        finished_at=finished,
        stage=None,
        stage_at=None,
    )
    _set_recording(
        connection,
        recording_id,
        state=state,
        stage=None,
        error=error,
        finished_at=finished,
    )
    return state


def hand_back(
    connection: Connection, recording_id: str, run: int, *, worker: str | None = None
) -> None:
    """Puts a run back into the queue that a worker had to leave; no attempt is counted.

    Unless another worker than the one that is named has it.
    """
    known = locked(connection, recording_id)
    live = is_live(connection, recording_id, run, worker=worker)
    if not live or known.state != "analysing":
        return
    attempts = max(0, known.attempts - 1)
    _set_run(
        connection,
        recording_id,
        run,
        state="queued",
        attempts=attempts,
        worker=None,
        stage=None,
        stage_at=None,
    )
    _set_recording(connection, recording_id, state="queued", attempts=attempts, stage=None)


def cancel(connection: Connection, recording_id: str, *, at: datetime) -> int | None:
    """Cancels what is under way; the number of that run, None when there was none.

    A recording that has an analysis is `done` again, by that one. Raises NotFound.
    """
    known = locked(connection, recording_id)
    if known.state not in UNFINISHED:
        return None
    state: RecordingState = "cancelled" if known.analysis is None else "done"
    _set_run(
        connection,
        recording_id,
        known.run,
        state="cancelled",
        finished_at=at,
        stage=None,
        stage_at=None,
    )
    _set_recording(
        connection, recording_id, state=state, stage=None, error=None, finished_at=at
    )
    return known.run


def unfinished(connection: Connection, *, only: Sequence[str] | None = None) -> list[Run]:
    """Every run that is to be done or under way, by priority, oldest first.

    Of these recordings, if some are named.
    """
    r = recordings.c
    query = (
        select(
            r.id.label("recording_id"),
            r.run,
            r.state,
            r.priority,
            runs.c.reason,
            runs.c.rubric,
            r.attempts,
            runs.c.worker,
            runs.c.version,
        )
        .select_from(recordings)
        .outerjoin(runs, (runs.c.recording_id == r.id) & (runs.c.run == r.run))
        .where(r.state.in_(UNFINISHED), true() if only is None else r.id.in_(only))
        .order_by(r.priority, r.received, r.id)
    )
    rows = (dict(row._mapping) for row in connection.execute(query))
    return [
        Run.model_validate({**row, "reason": row["reason"] or "upload"}) for row in rows
    ]


def all_ended(connection: Connection) -> bool:
    """Whether no recording is to be analysed or under way."""
    open_ones = select(recordings.c.id).where(recordings.c.state.in_(UNFINISHED)).limit(1)
    return connection.execute(open_ones).first() is None


def waiting_versions(connection: Connection) -> dict[str | None, int]:
    """How many runs wait, by the callmon that asked for them; see `versions`."""
    counted = select(runs.c.version, func.count()).where(runs.c.state == "queued")
    return {row[0]: row[1] for row in connection.execute(counted.group_by(runs.c.version))}


def failed(connection: Connection) -> list[str]:
    """The recordings whose newest run has failed, those too that have an older analysis."""
    query = (
        select(runs.c.recording_id)
        .join(
            recordings,
            (recordings.c.id == runs.c.recording_id) & (recordings.c.run == runs.c.run),
        )
        .where(runs.c.state == "failed")
        .order_by(runs.c.finished_at.desc(), runs.c.recording_id)
    )
    return list(connection.execute(query).scalars())


def rubric_of(connection: Connection, recording_id: str, run: int) -> str | None:
    """Hash of the rubric that a run judges by; None is the worker's own.

    Raises NotFound when there is no such run.
    """
    row = connection.execute(
        select(runs.c.rubric).where(runs.c.recording_id == recording_id, runs.c.run == run)
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no run {run} of the recording {recording_id!r}.")
    rubric: str | None = row.rubric
    return rubric


def speeds(connection: Connection) -> dict[str, float]:
    """Seconds of work for each minute of call, by stage: the median of the newest runs.

    Only of first runs that went through in one attempt: others found steps done already.
    """
    query = (
        select(runs.c.seconds, recordings.c.duration)
        .join(recordings, recordings.c.id == runs.c.recording_id)
        .where(
            runs.c.state == "done",
            runs.c.attempts == 1,
            runs.c.reason.in_(("upload", "batch")),
            recordings.c.duration > 0,
        )
        .order_by(runs.c.finished_at.desc())
        .limit(SPEEDS_FROM)
    )
    measured: dict[str, list[float]] = {}
    for seconds, duration in connection.execute(query):
        for name, spent in seconds.items():
            measured.setdefault(name, []).append(60 * spent / duration)
    return {name: median(values) for name, values in measured.items()}


class _Timed(NamedTuple):
    stage: str | None
    seconds: dict[str, float]


def _timed(connection: Connection, recording_id: str, run: int, at: datetime) -> _Timed:
    """The stage of a run, and the seconds of its stages with those of this one.

    A clock that was set back counts as no time.
    """
    row = connection.execute(
        select(runs.c.stage, runs.c.stage_at, runs.c.seconds).where(
            runs.c.recording_id == recording_id, runs.c.run == run
        )
    ).one()
    seconds: dict[str, float] = row.seconds
    if row.stage is not None:
        spent = max(0.0, (at - row.stage_at).total_seconds())
        seconds = {**seconds, row.stage: seconds.get(row.stage, 0.0) + spent}
    return _Timed(row.stage, seconds)


def _had_by(worker: str | None) -> tuple[ColumnElement[bool], ...]:
    """For queries of `recordings`: that this worker was the last to begin its run."""
    if worker is None:
        return ()
    begun = exists().where(
        runs.c.recording_id == recordings.c.id,
        runs.c.run == recordings.c.run,
        runs.c.worker == worker,
    )
    return (begun,)


def _supersede(
    connection: Connection, recording_id: str, run: int, *, at: datetime
) -> None:
    connection.execute(
        update(runs)
        .where(
            runs.c.recording_id == recording_id,
            runs.c.run == run,
            runs.c.state.in_(("queued", "analysing")),
        )
        .values(state="superseded", finished_at=at, stage=None, stage_at=None)
    )


def _set_run(connection: Connection, recording_id: str, run: int, **values: Any) -> None:
    connection.execute(
        update(runs)
        .where(runs.c.recording_id == recording_id, runs.c.run == run)
        .values(**values)
    )


def _set_recording(connection: Connection, recording_id: str, **values: Any) -> None:
    connection.execute(
        update(recordings).where(recordings.c.id == recording_id).values(**values)
    )
