"""Recordings, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from callmon.errors import BadRecording, NotFound
from callmon.metadata import Metadata
from callmon.redaction.call import redact_call
from callmon.store.access import audit
from callmon.store.calls import analyses, questions, recordings
from callmon.store.database import Database
from callmon.store.tables.base import metadata_tables
from callmon.store.work import runs, sightings, steps
from tests.integration.store.made import (
    NOON,
    add,
    analysis,
    finding,
    later,
    promise,
    sha256,
)


def test_the_same_content_is_the_same_recording(database: Database) -> None:
    with database.writing() as connection:
        first = add(connection, "one")
    with database.writing() as connection:
        again, new = recordings.add(
            connection,
            sha256=first.sha256,
            name="another name.wav",
            size=100,
            media=first.media,
            metadata=Metadata(),
            received=later(days=1),
            priority=2,
        )
    assert not new
    assert again == first


def test_metadata_told_later_fills_gaps_and_replaces_what_differs(
    database: Database,
) -> None:
    with database.writing() as connection:
        add(connection, agent="ann", labels={"line": "3", "site": "A"})
        merged = add(connection, agent="ben", team="north", labels={"line": "4"})
    assert merged.metadata == Metadata(
        agent="ben", team="north", labels={"line": "4", "site": "A"}
    )


def test_what_a_person_put_right_stays(database: Database) -> None:
    with database.writing() as connection:
        recording = add(connection, agent="ann")
        right = Metadata(agent="ben")
        recordings.edit(connection, recording.id, right, who="cleo", at=NOON)
        again = add(connection, agent="ann", team="north")
    assert again.metadata == Metadata(agent="ben", team="north")


def test_what_is_not_told_again_stays(database: Database) -> None:
    with database.writing() as connection:
        add(connection, agent="ann", customer="42")
        merged = add(connection)
    assert merged.metadata == Metadata(agent="ann", customer="42")


def test_a_merge_is_audited_with_both_values_but_not_who_called(database: Database) -> None:
    with database.writing() as connection:
        add(connection, agent="ann", customer="42", labels={"phone": "555-1"})
        recording = add(connection, agent="ben", customer="43", labels={"phone": "555-2"})
    with database.reading() as connection:
        newest = audit.entries(connection, recording_id=recording.id)[0]
    assert newest.action == "metadata.merged"
    assert newest.detail == {
        "agent": {"from": "ann", "to": "ben"},
        "customer": "changed",
        "labels": ["phone"],
    }


def test_nothing_is_audited_when_nothing_changed(database: Database) -> None:
    with database.writing() as connection:
        add(connection, agent="ann")
        recording = add(connection, agent="ann")
        assert len(audit.entries(connection, recording_id=recording.id)) == 1


def test_a_merge_reaches_the_findings_and_promises(database: Database) -> None:
    with database.writing() as connection:
        recording = add(connection, agent="ann")
        document = analysis(recording, findings=(finding(),), commitments=(promise(),))
        analyses.save(
            connection, recording.id, 1, document, redacted=redact_call(document), at=NOON
        )
        started = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
        add(connection, agent="ben", team="north", started=started)
        (found,) = questions.findings(connection, agent="ben")
        (promised,) = questions.commitments(connection, team="north")
        weeks = questions.weekly(
            connection, first=date(2026, 11, 9), last=date(2026, 11, 9)
        )
    assert (found.team, found.held_at) == ("north", started)
    assert (promised.agent, promised.held_at) == ("ben", started)
    assert [week.count for week in weeks] == [1]


@pytest.mark.parametrize("odd", ["nul \0", "half \ud800 pair", "🙂", "'; DROP TABLE x; --"])
def test_odd_text_is_taken_in(database: Database, odd: str) -> None:
    with database.writing() as connection:
        recording = add(connection, "one", agent=odd, labels={odd: odd})
        (found,) = recordings.find(connection, agent=odd)
    assert found.id == recording.id


def test_a_name_without_end_is_taken_in(database: Database) -> None:
    # No two blocks alike, so that no compression makes it short.
    agent = "".join(sha256(str(number)) for number in range(2_000))
    with database.writing() as connection:
        recording = add(connection, agent=agent)
        (found,) = recordings.find(connection, agent=agent)
        assert found.metadata.agent == agent
        document = analysis(recording, findings=(finding(),))
        analyses.save(
            connection, recording.id, 1, document, redacted=redact_call(document), at=NOON
        )
        assert len(questions.findings(connection, agent=agent)) == 1


@pytest.mark.parametrize("year", [1, 9999])
def test_a_start_at_the_end_of_the_calendar_is_taken_in(
    database: Database, year: int
) -> None:
    month, day, offset = (1, 1, "+14:00") if year == 1 else (12, 31, "-12:00")
    started = datetime.fromisoformat(f"{year:04}-{month:02}-{day:02}T00:00:00{offset}")
    if year == 9999:
        started = started.replace(hour=23)
    with database.writing() as connection:
        recording = add(connection, started=started)
        (found,) = recordings.find(connection, started_from=NOON)
    assert found.id == recording.id


def test_a_start_without_an_offset_counts_as_utc(database: Database) -> None:
    with database.writing() as connection:
        add(connection, started=datetime(2026, 11, 1, 8, 0))  # noqa: DTZ001
        assert recordings.find(
            connection, started_from=datetime(2026, 11, 1, 8, tzinfo=UTC)
        )
        assert not recordings.find(
            connection, started_to=datetime(2026, 11, 1, 8, tzinfo=UTC)
        )


def test_a_content_made_to_collide_is_refused(database: Database) -> None:
    with database.writing() as connection:
        first = add(connection)
    with pytest.raises(BadRecording, match="collide"), database.writing() as connection:
        recordings.add(
            connection,
            sha256=first.sha256[:16] + "0" * 48,
            name="evil.wav",
            size=1,
            media="00/00",
            metadata=Metadata(agent="eve"),
            received=NOON,
            priority=1,
        )
    with database.reading() as connection:
        assert recordings.get(connection, first.id) == first


def test_pages_go_through_all_recordings_once(database: Database) -> None:
    with database.writing() as connection:
        expected = [
            add(connection, str(number), received=later(hours=number // 3)).id
            for number in range(10)
        ]
        seen: list[str] = []
        after = None
        while page := recordings.find(connection, limit=3, after=after):
            seen += [recording.id for recording in page]
            after = page[-1].id
    assert sorted(seen) == sorted(expected)
    assert len(seen) == 10


def test_the_page_after_a_deleted_row_says_so(database: Database) -> None:
    with database.reading() as connection, pytest.raises(NotFound, match="first page"):
        recordings.find(connection, after="gone")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["c", "b", "a"]),
        ({"agent": "ann"}, ["c", "a"]),
        ({"team": "north"}, ["b"]),
        ({"queue": "billing"}, ["a"]),
        ({"states": ["received"]}, ["c", "a"]),
        ({"states": ["queued", "received"]}, ["c", "b", "a"]),
        ({"started_from": later(hours=1)}, ["c", "b"]),
        ({"started_to": later(hours=1)}, ["a"]),
        ({"agent": "ann", "started_from": later(hours=1)}, ["c"]),
    ],
)
def test_recordings_are_found_by(
    database: Database, wanted: dict[str, Any], found: list[str]
) -> None:
    with database.writing() as connection:
        add(connection, "a", agent="ann", queue="billing", received=NOON)
        b = add(connection, "b", agent="ben", team="north", received=later(hours=1))
        add(connection, "c", agent="ann", received=later(hours=2))
        runs.request(connection, b.id, priority=1, reason="upload", at=NOON)
        rows = recordings.find(connection, **wanted)
    assert [row.name.removesuffix(".wav") for row in rows] == found


def test_counts_name_every_state(database: Database) -> None:
    with database.writing() as connection:
        add(connection)
        assert recordings.counts(connection) == {
            "received": 1,
            "queued": 0,
            "analysing": 0,
            "done": 0,
            "failed": 0,
            "cancelled": 0,
        }


def test_a_recording_that_is_not_there_is_named(database: Database) -> None:
    with database.reading() as connection:
        with pytest.raises(NotFound, match="'nothing'"):
            recordings.get(connection, "nothing")
        assert recordings.by_sha256(connection, "0" * 64) is None


def test_a_deleted_recording_leaves_only_what_was_done_and_that_a_file_was_seen(
    database: Database, tmp_path: Any
) -> None:
    with database.writing() as connection:
        recording = add(connection)
        runs.request(connection, recording.id, priority=1, reason="upload", at=NOON)
        steps.keep(connection, recording.id, "audio", "f", b"{}", at=NOON)
        document = analysis(recording, findings=(finding(),), commitments=(promise(),))
        analyses.save(
            connection, recording.id, 1, document, redacted=redact_call(document), at=NOON
        )
        sightings.note(
            connection,
            tmp_path / "one.wav",
            size=1,
            mtime_ns=1,
            at=NOON,
        )
        key = recordings.delete_recording(connection, recording.id, who="ann", at=NOON)
    assert key == recording.media
    with database.reading() as connection:
        filled = {
            table.name
            for table in metadata_tables.sorted_tables
            if connection.execute(select(table)).first() is not None
        }
        seen = connection.execute(select(metadata_tables.tables["sightings"])).all()
    assert filled - {"seals"} == {"audit", "sightings"}
    assert "one.wav" not in str(seen)


def test_media_of_a_recording_is_known(database: Database) -> None:
    with database.writing() as connection:
        recording = add(connection)
        assert recordings.media_is_known(connection, recording.media)
        assert not recordings.media_is_known(connection, "ab/other")
