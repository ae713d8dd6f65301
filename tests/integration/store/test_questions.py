"""What reviewers ask, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, update

from callmon.call import Commitment, Finding
from callmon.redaction.call import redact_call
from callmon.store.calls import analyses, questions
from callmon.store.database import Database
from callmon.store.tables.calls import findings as findings_table
from tests.integration.store.made import NOON, add, analysis, finding, later, promise


def call(
    connection: Connection,
    content: str,
    *findings: Finding,
    promises: tuple[Commitment, ...] = (),
    days: float = 0,
    **metadata: Any,
) -> None:
    recording = add(connection, content, received=later(days=days), **metadata)
    document = analysis(recording, findings=findings, commitments=promises)
    analyses.save(
        connection, recording.id, 1, document, redacted=redact_call(document), at=NOON
    )


def names(rows: list[questions.StoredFinding]) -> list[str]:
    return [row.finding for row in rows]


def test_pages_go_through_all_findings_once(database: Database) -> None:
    with database.writing() as connection:
        for number in range(3):
            call(connection, str(number), *(finding(f"f{i}") for i in range(4)))
        seen: list[str] = []
        after = None
        while page := questions.findings(connection, limit=5, after=after):
            seen += [row.id for row in page]
            after = page[-1].id
    assert len(seen) == len(set(seen)) == 12


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["new", "old"]),
        ({"agent": "ann"}, ["old"]),
        ({"team": "north"}, ["new", "old"]),
        ({"team": "south"}, []),
        ({"queue": "billing"}, ["new"]),
        ({"since": later(days=1)}, ["new"]),
        ({"until": later(days=1)}, ["old"]),
        ({"kinds": ["missed_joy"]}, ["new"]),
        ({"severities": ["low", "high"]}, ["new"]),
        ({"states": ["dismissed"]}, []),
        ({"recording_id": "nothing"}, []),
    ],
)
def test_findings_are_found_by(
    database: Database, wanted: dict[str, Any], found: list[str]
) -> None:
    with database.writing() as connection:
        call(connection, "a", finding("old"), agent="ann", team="north")
        joy = finding("new", kind="missed_joy", severity="low")
        call(connection, "b", joy, days=2, agent="ben", team="north", queue="billing")
        rows = questions.findings(connection, **wanted)
    assert names(rows) == found


def test_promises_due_first_come_first_and_those_without_a_day_last(
    database: Database,
) -> None:
    promises = (
        promise(None, action="some day"),
        promise("2026-11-30", action="late"),
        promise("2026-11-20T10:00:00+01:00", action="soon"),
    )
    with database.writing() as connection:
        call(connection, "a", promises=promises)
        rows = questions.commitments(connection)
        due = questions.commitments(connection, due_until=date(2026, 11, 20))
        rest = questions.commitments(connection, after=rows[0].id)
    assert [row.action for row in rows] == ["soon", "late", "some day"]
    assert [row.action for row in due] == ["soon"]
    assert due[0].due == "2026-11-20T10:00:00+01:00"
    assert rest == rows[1:]


def test_open_promises_are_found_apart(database: Database) -> None:
    with database.writing() as connection:
        call(
            connection,
            "a",
            promises=(promise(action="kept", open=False), promise(action="open")),
            agent="ann",
        )
        wanted = questions.commitments(connection, open=True, agent="ann")
        kept = questions.commitments(connection, open=False)
    assert [row.action for row in wanted] == ["open"]
    assert [row.action for row in kept] == ["kept"]


def test_counts_are_by_week_and_kind(database: Database) -> None:
    joy = finding("f2", kind="missed_joy")
    with database.writing() as connection:
        call(connection, "a", finding(), joy, team="north")
        call(connection, "b", finding(), days=4.4)  # a Sunday evening
        call(connection, "c", finding(), days=4.6)  # a Monday
        first, last = date(2026, 11, 16), date(2026, 11, 23)
        every = questions.weekly(connection, first=first, last=last)
        north = questions.weekly(connection, first=first, last=last, team="north")
        before = questions.weekly(connection, first=first, last=first)
    rows = [(count.week, count.kind, count.count) for count in every]
    assert rows == [
        (first, "missed_empathy", 2),
        (first, "missed_joy", 1),
        (last, "missed_empathy", 1),
    ]
    assert [count.count for count in north] == [1, 1]
    assert before == every[:2]


def test_a_page_has_an_end(database: Database) -> None:
    with database.writing() as connection:
        call(connection, "a", *(finding(f"f{number}") for number in range(3)))
        assert len(questions.findings(connection, limit=0)) == 1
        assert len(questions.findings(connection, limit=10**18)) == 3


def test_values_from_outside_are_values_and_never_sql(database: Database) -> None:
    with database.writing() as connection:
        call(connection, "a", finding(), agent="ann")
        odd = "ann' OR '1'='1"
        assert questions.findings(connection, agent=odd) == []
        assert questions.commitments(connection, team=odd) == []


def test_a_reviewed_finding_is_no_longer_open(database: Database) -> None:
    with database.writing() as connection:
        call(connection, "a", finding("f1"), finding("f2"))
        connection.execute(
            update(findings_table)
            .where(findings_table.c.finding == "f1")
            .values(state="dismissed")
        )
        found = questions.findings(connection, states=["open"])
    assert names(found) == ["f2"]
