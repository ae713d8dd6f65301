"""Sums, promises, webhooks, retention and holds, on both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, true, update

from callmon.errors import OnHold
from callmon.metadata import Metadata
from callmon.redaction.call import redact_call
from callmon.store.calls import analyses, recordings, search
from callmon.store.database import Database
from callmon.store.faults import StatementRefused
from callmon.store.keeping import holds, retention
from callmon.store.media import Media
from callmon.store.reports import call_figures, fairness, kinds, promises
from callmon.store.reports import groups as reports
from callmon.store.reports.groups import OfPromises, Wanted
from callmon.store.tables.calls import analyses as analyses_table
from callmon.store.tables.calls import recordings as recordings_table
from callmon.store.tables.operations import call_figures as figures_table
from callmon.store.webhooks import targets as webhooks
from tests.integration.review.made import make_analysis
from tests.integration.store.made import NOON, add

TODAY = date(2026, 11, 18)


def save(database: Database, content: str, **metadata: object) -> str:
    """A call that is over, with a moment that was missed; its id."""
    with database.writing() as connection:
        call = add(connection, content, **metadata).id
        connection.execute(
            update(recordings_table)
            .where(recordings_table.c.id == call)
            .values(state="done")
        )
        analyses.save(
            connection,
            call,
            1,
            make_analysis(),
            redacted=redact_call(make_analysis()),
            at=NOON,
        )
    return call


def wanted(**filters: str) -> Wanted:
    return Wanted(
        since=NOON - timedelta(days=1),
        until=NOON + timedelta(days=1),
        seen=lambda _: true(),
        **filters,
    )


def test_sums_by_group_and_week(database: Database) -> None:
    save(database, "one", team="north", queue="q")
    save(database, "two", team="north")
    save(database, "three", team="south")
    monday = date(2026, 11, 16)
    with database.reading() as connection:
        moments = reports.moments(connection, wanted(), by="team")
        assert moments["north"][monday].missed == 2
        assert moments["south"][monday].settling == 0.0
        assert reports.delays(connection, wanted(), by="team") == {}
        calls = reports.calls(connection, wanted(rubric="en/1"), by="team")
        assert {name: each.calls for name, each in calls.items()} == {
            "north": 2,
            "south": 1,
        }
        promised = reports.promised(connection, wanted(rubric="en/1"), by="team")
        assert promised["north"] == OfPromises(open=2)
        (kind,) = kinds.kinds(connection, wanted(queue="q"))
        assert (kind.kind, kind.week, kind.number) == ("missed_empathy", monday, 1)
        assert kinds.scorable(connection, wanted()) == (3, {monday: 3})


def test_what_is_compared_by_label(database: Database) -> None:
    odd = 'it\'s "odd" $.x'
    save(database, "one", team="north", labels={odd: "a"})
    save(database, "two", team="north", labels={odd: "b"})
    save(database, "three", team="north")
    with database.reading() as connection:
        cells = fairness.flagged(connection, wanted(), label=odd)
        assert {cell.groups["agents"] for cell in cells} == {"a", "b", None}
        (cell,) = fairness.flagged(connection, wanted())
        assert (cell.groups["agents"], cell.groups["confidence_band"]) == ("north", "high")
        assert (cell.calls, cell.trials, cell.events, cell.expected) == (3, 3, 3, 3.0)
        assert fairness.dismissed(connection, wanted()) == []


def test_figures_follow_the_recording_and_are_caught_up(database: Database) -> None:
    call = save(database, "one", team="north", customer="c")
    with database.writing() as connection:
        moved = Metadata(team="south", customer="d")
        recordings.edit(connection, call, moved, who="me", at=NOON)
        row = connection.execute(select(figures_table)).one()
        assert (row.team, row.customer) == ("south", "d")
        connection.execute(delete(figures_table))
        assert call_figures.catch_up(connection) == 1
        assert call_figures.catch_up(connection) == 0
        assert connection.execute(select(figures_table)).one() == row


def test_a_promise_is_marked_and_found_by_its_state(database: Database) -> None:
    call = save(database, "one", customer="c")
    save(database, "two", customer="c", started=NOON + timedelta(hours=1))
    everything = {"today": TODAY, "seen": true(), "calls_seen": true(), "limit": 9}
    with database.writing() as connection:
        (first,) = promises.find(connection, recording_id=call, **everything)
        assert (first.state, len(first.later)) == ("open", 1)
        promises.mark(connection, first, "kept", shown_by=None, by="me", at=NOON)
        (kept,) = promises.find(connection, states=["kept"], **everything)
        assert (kept.id, kept.marked_by, kept.kept_in_call) == (first.id, "me", False)
        assert len(promises.find(connection, states=["open", "broken"], **everything)) == 1
        assert promises.find(connection, states=["overdue"], **everything) == []
        analyses.save(
            connection,
            call,
            2,
            make_analysis(),
            redacted=redact_call(make_analysis()),
            at=NOON,
        )
        (still,) = promises.find(connection, states=["kept"], **everything)
        assert still.id == f"{call}-2-c1"
        last = (still.due_on, still.id)
        found = promises.find(connection, after=last, **everything)
        assert [each.recording_id for each in found] == [
            each.recording_id
            for each in promises.find(connection, **everything)
            if each.id > still.id
        ]


def test_lines_are_taken_once_and_rest_after_a_failure(database: Database) -> None:
    with database.writing() as connection:
        webhooks.add(
            connection,
            id="w",
            url="https://example.com",
            events=["recording.analyzed", "finding.created"],
            secret="whsec_AAAA",
            by="me",
            at=NOON,
        )
    save(database, "one")
    with database.writing() as connection:
        assert webhooks.waits(connection, at=NOON)
        first, second = webhooks.take(connection, at=NOON, limit=9)
        assert webhooks.take(connection, at=NOON, limit=9) == []
        webhooks.failed(connection, first, status=None, error="Gone.", seconds=1.0, at=NOON)
        webhooks.give_back(connection, [second])
        assert not webhooks.waits(connection, at=NOON)
        later = NOON + webhooks.BACK_OFF[0]
        assert len(webhooks.take(connection, at=later, limit=9)) == 2
        webhooks.arrived(connection, first, status=200, seconds=0.1, at=later)
        assert webhooks.get(connection, "w").failures == 0
        states = {line.state for line in webhooks.log(connection, "w", limit=9)}
        assert states == {"delivered", "waiting"}
        webhooks.remove(connection, "w")
        assert webhooks.waiting(connection) == 0


def test_words_are_forgotten_and_documents_otherwise_stay(
    database: Database, tmp_path: Path
) -> None:
    media = Media.open(str(tmp_path / "media"))
    call, other = save(database, "one"), save(database, "two")
    late = NOON + timedelta(days=9)
    with database.writing() as connection:
        search.index(connection, call, analysis_id=f"{call}-1", words="third time")
        assert retention.due(connection, "transcript", before=NOON) == []
        assert sorted(retention.due(connection, "transcript", before=late)) == sorted(
            [call, other]
        )
        assert retention.forget_part(
            connection, media, call, "transcript", who="me", at=late
        )
        assert retention.due(connection, "transcript", before=late) == [other]
        told = analyses.load(connection, f"{call}-1")
        assert "third time" not in told.model_dump_json()
        assert told.score.missed == 1
    with pytest.raises(StatementRefused), database.writing() as connection:
        connection.execute(
            update(analyses_table)
            .where(analyses_table.c.recording_id == other)
            .values(document=b"{}")
        )
    with pytest.raises(StatementRefused), database.writing() as connection:
        connection.execute(
            update(analyses_table)
            .where(analyses_table.c.recording_id == call)
            .values(score=1.0)
        )
    with database.writing() as connection:
        assert retention.forget_part(connection, media, call, "analysis", who="me", at=late)
        assert recordings.get(connection, call).analysis is None
        assert retention.due(connection, "analysis", before=late) == [other]


def test_a_recording_under_hold_is_not_deleted(database: Database, tmp_path: Path) -> None:
    media = Media.open(str(tmp_path / "media"))
    call = save(database, "one")
    late: datetime = NOON + timedelta(days=9)
    with database.writing() as connection:
        holds.begin(connection, call, reason="Case 1", by="me", at=NOON)
        holds.begin(connection, call, reason="Case 2", by="me", at=NOON)
        assert [hold.reason for hold in holds.find(connection, limit=9)] == ["Case 2"]
        for kind in retention.KINDS:
            assert retention.due(connection, kind, before=late) == []
        assert not retention.forget_part(
            connection, media, call, "audio", who="me", at=late
        )
        with pytest.raises(OnHold):
            recordings.delete_recording(connection, call, who="me", at=late)
        assert holds.end(connection, call, by="me", at=late)
        assert not holds.end(connection, call, by="me", at=late)
        recordings.delete_recording(connection, call, who="me", at=late)
