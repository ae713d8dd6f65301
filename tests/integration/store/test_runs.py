"""Runs and the states of a recording, on SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from sqlalchemy import Connection, select

from callmon.errors import NotFound
from callmon.redaction.call import redact_call
from callmon.store.calls import analyses, recordings
from callmon.store.calls.recordings import StoredRecording
from callmon.store.database import Database
from callmon.store.tables.calls import runs as runs_table
from callmon.store.work import rubrics, runs, versions
from tests.integration.store.made import NOON, add, analysis, finding, later


def requested(database: Database, reason: runs.Reason = "upload") -> tuple[str, int]:
    with database.writing() as connection:
        recording = add(connection)
        run = runs.request(connection, recording.id, priority=1, reason=reason, at=NOON)
    return recording.id, run


def begin(database: Database, recording_id: str, run: int) -> bool:
    with database.writing() as connection:
        return runs.begin(connection, recording_id, run, worker="w", at=later(seconds=1))


def read(database: Database, recording_id: str) -> StoredRecording:
    with database.reading() as connection:
        return recordings.get(connection, recording_id)


def test_a_request_queues_the_recording(database: Database) -> None:
    recording_id, run = requested(database)
    recording = read(database, recording_id)
    assert (recording.state, recording.run, recording.queued_at) == ("queued", run, NOON)
    assert run == 1


def test_a_run_that_is_begun_again_counts_another_attempt(database: Database) -> None:
    recording_id, run = requested(database)
    assert begin(database, recording_id, run)
    assert begin(database, recording_id, run)
    recording = read(database, recording_id)
    assert (recording.state, recording.attempts) == ("analysing", 2)


def test_a_finished_run_is_not_begun_again(database: Database) -> None:
    recording_id, run = requested(database)
    with database.writing() as connection:
        assert runs.finish(connection, recording_id, run, at=NOON)
    assert not begin(database, recording_id, run)
    assert read(database, recording_id).state == "done"


def test_a_cancelled_run_is_neither_begun_nor_finished(database: Database) -> None:
    recording_id, run = requested(database)
    with database.writing() as connection:
        assert runs.cancel(connection, recording_id, at=NOON) == run
    assert not begin(database, recording_id, run)
    with database.writing() as connection:
        assert not runs.finish(connection, recording_id, run, at=NOON)
        assert runs.cancel(connection, recording_id, at=NOON) is None
    assert read(database, recording_id).state == "cancelled"


def test_cancelling_a_second_run_leaves_the_first_one_s_analysis(
    database: Database,
) -> None:
    recording_id, run = requested(database)
    with database.writing() as connection:
        runs.finish(connection, recording_id, run, at=NOON)
        document = analysis(recordings.get(connection, recording_id))
        saved = analyses.save(
            connection, recording_id, run, document, redacted=redact_call(document), at=NOON
        )
        runs.request(connection, recording_id, priority=3, reason="reanalysis", at=NOON)
        runs.cancel(connection, recording_id, at=NOON)
    recording = read(database, recording_id)
    assert (recording.state, recording.analysis) == ("done", saved)


def test_a_new_request_supersedes_the_run_under_way(database: Database) -> None:
    recording_id, old = requested(database)
    assert begin(database, recording_id, old)
    with database.writing() as connection:
        new = runs.request(connection, recording_id, priority=1, reason="retry", at=NOON)
        assert not runs.stage(
            connection, recording_id, old, stage="tones", progress=0.9, at=NOON
        )
        assert not runs.finish(connection, recording_id, old, at=NOON)
        failed = runs.fail(
            connection, recording_id, old, error="late", kind="permanent", at=NOON
        )
    assert new == old + 1
    assert failed == "queued"
    recording = read(database, recording_id)
    assert (recording.state, recording.run, recording.attempts) == ("queued", new, 0)
    assert recording.error is None


def test_a_transient_failure_is_tried_again_three_times_at_most(database: Database) -> None:
    recording_id, run = requested(database)
    states = []
    for _ in range(3):
        assert begin(database, recording_id, run)
        with database.writing() as connection:
            states.append(
                runs.fail(
                    connection,
                    recording_id,
                    run,
                    error="no memory",
                    kind="transient",
                    at=NOON,
                )
            )
    assert states == ["queued", "queued", "failed"]
    recording = read(database, recording_id)
    assert (recording.error, recording.finished_at) == ("no memory", NOON)


def test_a_permanent_failure_is_not_tried_again(database: Database) -> None:
    recording_id, run = requested(database)
    begin(database, recording_id, run)
    with database.writing() as connection:
        state = runs.fail(
            connection, recording_id, run, error="no sound", kind="permanent", at=NOON
        )
    assert state == "failed"
    assert not begin(database, recording_id, run)


def test_a_run_handed_back_is_queued_with_no_attempt_counted(database: Database) -> None:
    recording_id, run = requested(database)
    begin(database, recording_id, run)
    with database.writing() as connection:
        runs.hand_back(connection, recording_id, run)
    recording = read(database, recording_id)
    assert (recording.state, recording.attempts) == ("queued", 0)


def test_unfinished_runs_come_by_priority_then_age(database: Database) -> None:
    with database.writing() as connection:
        for content, priority, hour in (("c", 2, 0), ("b", 1, 2), ("a", 1, 1)):
            recording = add(connection, content, received=later(hours=hour))
            runs.request(
                connection, recording.id, priority=priority, reason="batch", at=NOON
            )
        found = runs.unfinished(connection)
        names = [recordings.get(connection, run.recording_id).name for run in found]
    assert names == ["a.wav", "b.wav", "c.wav"]


def test_a_recording_without_a_run_is_unfinished_too(database: Database) -> None:
    with database.writing() as connection:
        recording = add(connection)
        (run,) = runs.unfinished(connection)
    assert (run.recording_id, run.run, run.state) == (recording.id, 0, "received")


def test_speeds_are_seconds_of_work_for_a_minute_of_call(database: Database) -> None:
    recording_id, run = requested(database)
    begin(database, recording_id, run)
    with database.writing() as connection:
        for stage, second in (("audio", 0), ("audio", 5), ("transcript", 10)):
            assert runs.stage(
                connection,
                recording_id,
                run,
                stage=stage,
                progress=0.5,
                at=later(seconds=second),
            )
        recordings.describe(connection, recording_id, duration=120.0, channels=1)
        runs.finish(connection, recording_id, run, at=later(seconds=40))
        assert runs.speeds(connection) == {"audio": 5.0, "transcript": 15.0}


def test_a_clock_that_was_set_back_gives_no_speed_below_zero(database: Database) -> None:
    recording_id, run = requested(database)
    begin(database, recording_id, run)
    with database.writing() as connection:
        runs.stage(
            connection, recording_id, run, stage="audio", progress=0.1, at=later(hours=1)
        )
        recordings.describe(connection, recording_id, duration=60.0, channels=1)
        runs.finish(connection, recording_id, run, at=NOON)
        assert runs.speeds(connection) == {"audio": 0.0}


def test_a_run_of_several_attempts_tells_no_speed(database: Database) -> None:
    recording_id, run = requested(database)
    begin(database, recording_id, run)
    begin(database, recording_id, run)
    with database.writing() as connection:
        runs.stage(connection, recording_id, run, stage="audio", progress=0.1, at=NOON)
        recordings.describe(connection, recording_id, duration=60.0, channels=1)
        runs.finish(connection, recording_id, run, at=later(hours=1))
        assert runs.speeds(connection) == {}


def test_a_run_keeps_its_rubric_and_its_history(database: Database) -> None:
    with database.writing() as connection:
        rubric = rubrics.keep(connection, b"[rubric]", version="en/2", at=NOON)
        recording = add(connection)
        run = runs.request(
            connection,
            recording.id,
            priority=3,
            reason="reanalysis",
            rubric=rubric,
            at=NOON,
        )
        runs.request(connection, recording.id, priority=3, reason="retry", at=NOON)
        assert runs.rubric_of(connection, recording.id, run) == rubric
        assert runs.rubric_of(connection, recording.id, run + 1) is None
        assert rubrics.load(connection, rubric) == b"[rubric]"
        states = connection.execute(
            select(runs_table.c.state).order_by(runs_table.c.run)
        ).scalars()
        assert list(states) == ["superseded", "queued"]


def test_a_run_of_a_deleted_recording_says_so(database: Database) -> None:
    with database.writing() as connection, pytest.raises(NotFound, match="'gone'"):
        runs.begin(connection, "gone", 1, worker="w", at=NOON)


def test_programs_that_change_states_at_once_never_dead_lock(database: Database) -> None:
    with database.writing() as connection:
        names = [add(connection, str(number)).id for number in range(3)]

    def work(seed: int) -> None:
        rng = Random(seed)
        for _ in range(40):
            recording_id = rng.choice(names)
            with database.writing() as connection:
                change(connection, recording_id, rng)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    with database.reading() as connection:
        for recording_id in names:
            recording = recordings.get(connection, recording_id)
            states = connection.execute(
                select(runs_table.c.run, runs_table.c.state)
                .where(runs_table.c.recording_id == recording_id)
                .order_by(runs_table.c.run)
            ).all()
            assert [state.run for state in states] == list(range(1, recording.run + 1))
            # Only the newest may be unfinished, and it is what the recording says.
            live = {"queued", "analysing"}
            assert not {state.state for state in states[:-1]} & live
            if recording.state in live:
                assert states[-1].state == recording.state


def change(connection: Connection, recording_id: str, rng: Random) -> None:
    """One thing that a program does to the recording's newest run, as it last saw it."""
    recording = recordings.get(connection, recording_id)
    run = recording.run
    match rng.randrange(6):
        case 0:
            runs.request(connection, recording_id, priority=1, reason="retry", at=NOON)
        case 1:
            runs.begin(connection, recording_id, run, worker="w", at=NOON)
        case 2:
            runs.stage(connection, recording_id, run, stage="a", progress=0.1, at=NOON)
        case 3:
            if runs.finish(connection, recording_id, run, at=NOON):
                document = analysis(recording, findings=(finding(),))
                analyses.save(
                    connection,
                    recording_id,
                    run,
                    document,
                    redacted=redact_call(document),
                    at=NOON,
                )
        case 4:
            runs.fail(connection, recording_id, run, error="e", kind="transient", at=NOON)
        case 5:
            runs.cancel(connection, recording_id, at=NOON)


def test_what_a_worker_says_late_does_not_count(database: Database) -> None:
    recording_id, run = requested(database)
    begin(database, recording_id, run)
    with database.writing() as connection:
        assert runs.is_live(connection, recording_id, run, worker="w")
        runs.begin(connection, recording_id, run, worker="other", at=NOON)
        for worker, has_it in (("w", False), ("other", True)):
            assert runs.is_live(connection, recording_id, run, worker=worker) is has_it
            assert has_it is runs.stage(
                connection,
                recording_id,
                run,
                stage="audio",
                progress=0.1,
                worker=worker,
                at=NOON,
            )
        state = runs.fail(
            connection,
            recording_id,
            run,
            error="late",
            kind="permanent",
            worker="w",
            at=NOON,
        )
        runs.hand_back(connection, recording_id, run, worker="w")
        assert not runs.finish(connection, recording_id, run, worker="w", at=NOON)
    assert state == "analysing"
    found = read(database, recording_id)
    assert (found.state, found.error, found.attempts) == ("analysing", None, 2)
    with database.writing() as connection:
        assert runs.finish(connection, recording_id, run, worker="other", at=NOON)


def test_a_failed_reanalysis_leaves_the_analysis_and_tells_the_failure(
    database: Database,
) -> None:
    recording_id, run = requested(database)
    with database.writing() as connection:
        runs.finish(connection, recording_id, run, at=NOON)
        document = analysis(recordings.get(connection, recording_id))
        analyses.save(
            connection, recording_id, run, document, redacted=redact_call(document), at=NOON
        )
        again = runs.request(
            connection, recording_id, priority=3, reason="reanalysis", at=NOON
        )
        state = runs.fail(
            connection, recording_id, again, error="No memory.", kind="permanent", at=NOON
        )
    found = read(database, recording_id)
    assert state == found.state == "done"
    assert found.error == "No memory."
    assert found.analysis == f"{recording_id}-{run}"
    with database.reading() as connection:
        assert runs.failed(connection) == [recording_id]
        assert runs.all_ended(connection)
    with database.writing() as connection:
        third = runs.request(connection, recording_id, priority=1, reason="retry", at=NOON)
    assert read(database, recording_id).error is None
    with database.reading() as connection:
        assert runs.failed(connection) == []
        assert runs.waiting_versions(connection) == {versions.STAMP: 1}
        assert not runs.all_ended(connection)
    assert third == 3
