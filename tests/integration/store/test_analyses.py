"""Analyses and what they leave to ask for, on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, update

from callmon.errors import NotFound
from callmon.redaction.call import redact_call
from callmon.store.calls import analyses, questions, recordings
from callmon.store.database import Database
from callmon.store.faults import StatementRefused
from callmon.store.tables.calls import analyses as analyses_table
from callmon.store.tables.calls import findings as findings_table
from callmon.store.tables.calls import opportunities, responses, turns
from tests.integration.store.made import NOON, add, analysis, finding, later, promise


def test_a_document_comes_back_as_it_was(database: Database) -> None:
    with database.writing() as connection:
        recording = add(connection)
        document = analysis(recording, findings=(finding(),), commitments=(promise(),))
        analysis_id = analyses.save(
            connection, recording.id, 1, document, redacted=redact_call(document), at=NOON
        )
    with database.reading() as connection:
        assert analyses.load(connection, analysis_id) == document
        assert analyses.current(connection, recording.id) == document
        assert recordings.get(connection, recording.id).duration == 60.0


def test_its_rows_tell_the_same(database: Database) -> None:
    with database.writing() as connection:
        recording = add(connection)
        analyses.save(
            connection,
            recording.id,
            1,
            analysis(recording),
            redacted=redact_call(analysis(recording)),
            at=NOON,
        )
        party = connection.execute(select(turns.c.party).order_by(turns.c.turn)).scalars()
        assert list(party) == ["customer", "agent"]
        outcome = connection.execute(
            select(opportunities.c.outcome, opportunities.c.rung)
        ).one()
        assert tuple(outcome) == ("missed", "sorry_only")
        assert connection.execute(select(responses.c.behaviours)).scalar() == ["apology"]


def test_the_same_run_twice_is_once(database: Database) -> None:
    with database.writing() as connection:
        recording = add(connection)
        first = analysis(recording, findings=(finding(),))
        one = analyses.save(
            connection, recording.id, 1, first, redacted=redact_call(first), at=NOON
        )
        other = analysis(recording, words="Something else.")
        two = analyses.save(
            connection, recording.id, 1, other, redacted=redact_call(other), at=NOON
        )
        assert one == two
        assert analyses.load(connection, one) == first
        assert len(questions.findings(connection)) == 1


def test_a_second_run_supersedes_the_first_and_keeps_its_rows(database: Database) -> None:
    with database.writing() as connection:
        recording = add(connection)
        first = analysis(recording, findings=(finding(),), commitments=(promise(),))
        old = analyses.save(
            connection, recording.id, 1, first, redacted=redact_call(first), at=NOON
        )
    with database.writing() as connection:
        second = analysis(recording, findings=(finding("f1", turn=0),))
        new = analyses.save(
            connection,
            recording.id,
            2,
            second,
            redacted=redact_call(second),
            at=later(days=1),
        )
    with database.reading() as connection:
        assert analyses.current(connection, recording.id) == second
        assert analyses.load(connection, old) == first
        (found,) = questions.findings(connection)
        assert found.analysis_id == new
        assert questions.commitments(connection) == []
        count = connection.execute(select(func.count()).select_from(findings_table))
        assert count.scalar() == 2
        marks = connection.execute(
            select(analyses_table.c.superseded_at, analyses_table.c.superseded_by).where(
                analyses_table.c.id == old
            )
        ).one()
        assert tuple(marks) == (later(days=1), new)


def test_an_older_run_that_ends_later_does_not_count(database: Database) -> None:
    with database.writing() as connection:
        recording = add(connection)
        new = analysis(recording, findings=(finding("f1"),))
        old = analysis(recording, findings=(finding("f2"),))
        analyses.save(connection, recording.id, 2, new, redacted=redact_call(new), at=NOON)
        analyses.save(
            connection, recording.id, 1, old, redacted=redact_call(old), at=later(hours=1)
        )
        assert analyses.current(connection, recording.id) == new
        assert [row.finding for row in questions.findings(connection)] == ["f1"]


@pytest.mark.parametrize("column", ["document", "score", "rubric", "recording_id"])
def test_the_database_refuses_to_change_an_analysis(
    database: Database, column: str
) -> None:
    with database.writing() as connection:
        recording = add(connection)
        analyses.save(
            connection,
            recording.id,
            1,
            analysis(recording),
            redacted=redact_call(analysis(recording)),
            at=NOON,
        )
    value: Any = {"document": b"{}", "score": 1.0}.get(column, "other")
    with pytest.raises(StatementRefused), database.writing() as connection:
        connection.execute(update(analyses_table).values({column: value}))


def test_words_that_postgresql_cannot_hold_stay_true_in_the_document(
    database: Database,
) -> None:
    with database.writing() as connection:
        recording = add(connection)
        document = analysis(
            recording, words="a\0b", findings=(finding(summary="<b>\0</b>"),)
        )
        analyses.save(
            connection, recording.id, 1, document, redacted=redact_call(document), at=NOON
        )
        assert analyses.current(connection, recording.id) == document
        (found,) = questions.findings(connection)
    assert found.summary == "<b>\N{REPLACEMENT CHARACTER}</b>"


def test_an_analysis_that_is_not_there_is_named(database: Database) -> None:
    with database.writing() as connection:
        with pytest.raises(NotFound, match="'none-1'"):
            analyses.load(connection, "none-1")
        recording = add(connection)
        assert analyses.current(connection, recording.id) is None
        with pytest.raises(NotFound, match="'gone'"):
            analyses.save(
                connection,
                "gone",
                1,
                analysis(recording),
                redacted=redact_call(analysis(recording)),
                at=NOON,
            )
