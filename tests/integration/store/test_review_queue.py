"""The review queue and what calibration counts, on both databases."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Connection, Table, delete, select, true, update

from callmon.redaction.call import redact_call
from callmon.store.database import Database
from callmon.store.faults import StatementRefused
from callmon.store.reviews import (
    assignments,
    calibration,
    controls,
    disputes,
    review_queue,
    rounds,
    subjects,
    verdicts,
)
from callmon.store.reviews.review_queue import STATES, Position, Wanted
from callmon.store.reviews.subjects import Subject
from callmon.store.tables.calls import recordings
from callmon.store.tables.reviews import controls as controls_table
from callmon.store.tables.reviews import verdicts as verdicts_table
from tests.integration.review.made import make_analysis, make_finding
from tests.integration.review.test_controls import LONG, NOW, keep

SEVERITIES = ("high", "medium", "low")


@pytest.fixture
def filled(database: Database) -> Database:
    """Twelve calls with three findings each, and controls, in all states."""
    chance = random.Random(2)
    for number in range(12):
        found = tuple(
            make_finding(
                n,
                kind=chance.choice(("missed_empathy", "no_mirroring")),
                severity=chance.choice(SEVERITIES),
                confidence=chance.choice((0.5, 0.7, 0.9)),
            )
            for n in (1, 2, 3)
        )
        keep(database, number, make_analysis(turns=LONG, findings=found), share=0.5)
    with database.writing() as connection:
        for subject in page(connection, limit=200):
            if chance.random() < 0.4:
                subjects.set_state(connection, subject, chance.choice(STATES))
    return database


def page(
    connection: Connection, wanted: Wanted | None = None, **more: Any
) -> list[Subject]:
    return review_queue.find(
        connection,
        wanted or Wanted(),
        findings_seen=true(),
        controls_seen=true(),
        **more,
    )


def every(_table: Table) -> ColumnElement[bool]:
    return true()


def pages(connection: Connection, wanted: Wanted, *, of: int) -> Iterator[Subject]:
    """All subjects, read in pages."""
    after: Position | None = None
    while found := page(connection, wanted, limit=of, after=after):
        yield from found
        after = review_queue.position_of(found[-1])


def judge(connection: Connection, subject: Subject, **changes: Any) -> verdicts.Verdict:
    given: dict[str, Any] = {
        "reviewer": "user:ann",
        "at": NOW,
        "verdict": "agree",
        "label": subject.label,
        "outcome": None,
        "rung": None,
        "note": None,
        "seconds": None,
        "blind": False,
        "round_id": None,
        "rules": ["model"],
        "snapshot": {"id": subject.id},
    }
    return verdicts.add(connection, subject, **{**given, **changes})


def test_the_order_is_state_then_severity_then_doubt(filled: Database) -> None:
    with filled.reading() as connection:
        found = page(connection, limit=200)

    order = [
        (STATES.index(s.state), SEVERITIES.index(s.severity), s.confidence) for s in found
    ]
    assert order == sorted(order)
    assert {subject.kind is None for subject in found} == {True, False}


@pytest.mark.parametrize("of", [1, 3, 7, 200])
@pytest.mark.parametrize(
    "wanted", [Wanted(), Wanted(assignee="user:ann")], ids=["stretches", "few"]
)
def test_pages_of_any_size_hold_everything_once_in_order(
    filled: Database, of: int, wanted: Wanted
) -> None:
    with filled.writing() as connection:
        everything = page(connection, limit=200)
        for subject in everything:
            assignments.assign(
                connection, subject, assignee="user:ann", by="user:eve", at=NOW
            )
        assert list(pages(connection, wanted, of=of)) == everything


def test_what_was_given_on_is_the_new_one_s_alone(filled: Database) -> None:
    with filled.writing() as connection:
        subject = page(connection, limit=1)[0]
        for person in ("user:ann", "user:bob"):
            assignments.assign(connection, subject, assignee=person, by="user:eve", at=NOW)

        assert page(connection, Wanted(assignee="user:ann")) == []
        assert page(connection, Wanted(assignee="user:bob")) == [subject]
        assert assignments.assignees(connection, [subject.id]) == {subject.id: "user:bob"}


@pytest.mark.parametrize("value", [True, False])
def test_disputes_that_are_open_are_found(filled: Database, value: bool) -> None:
    with filled.writing() as connection:
        everything = page(connection, Wanted(with_controls=False), limit=200)
        begun = [
            disputes.begin(
                connection,
                subject,
                by="user:ann",
                at=NOW,
                reason="No.",
                proposed="none",
                deadline=NOW + timedelta(days=7),
                rules=("model",),
            )
            for subject in everything[:3]
        ]
        disputes.resolve(
            connection, begun[0], by="user:bob", at=NOW, label="none", note=None
        )

        wanted = Wanted(with_controls=False, disputed=value)
        found = page(connection, wanted, limit=200)

    waiting = everything[1:3]
    assert found == (waiting if value else [s for s in everything if s not in waiting])


def test_a_blind_reviewer_finds_what_is_open_and_what_they_judged(filled: Database) -> None:
    with filled.writing() as connection:
        everything = page(connection, limit=200)
        closed = [subject for subject in everything if subject.state != "open"]
        judge(connection, closed[0])

        found = page(connection, Wanted(reviewer="user:ann", blind=True), limit=200)
        by_state = Wanted(reviewer="user:ann", blind=True, states=STATES[1:])

        assert found == [s for s in everything if s.state == "open"] + closed[:1]
        assert page(connection, by_state, limit=200) == closed[:1]


def test_an_open_round_keeps_its_moments_from_its_reviewers(filled: Database) -> None:
    with filled.writing() as connection:
        everything = page(connection, limit=200)
        begun = rounds.begin(
            connection,
            name="One",
            subjects=everything[:4],
            reviewers=["user:ann", "user:bob"],
            by="user:eve",
            at=NOW,
            deadline=None,
        )
        ann, eve = Wanted(reviewer="user:ann"), Wanted(reviewer="user:eve")

        assert page(connection, ann, limit=200) == everything[4:]
        assert page(connection, eve, limit=200) == everything
        judge(connection, everything[1], round_id=begun.id)
        assert page(connection, ann, limit=1) == [everything[1]]
        assert rounds.done(connection, begun.id, begun.subjects) == {"user:ann": 1}
        assert rounds.close(connection, begun.id, at=NOW)
        assert page(connection, ann, limit=200) == everything


def test_both_ids_name_the_finding_and_one_names_the_control(filled: Database) -> None:
    with filled.reading() as connection:
        for subject in page(connection, limit=200):
            assert subjects.get(connection, subject.id) == subject
            assert subjects.get(connection, subject.blind_id) == subject


def test_verdicts_are_never_changed_but_what_was_seen_can_be_forgotten(
    filled: Database,
) -> None:
    with filled.writing() as connection:
        subject = page(connection, limit=1)[0]
        kept = judge(connection, subject)
    for column in ("label", "verdict", "reviewer", "note"):
        with pytest.raises(StatementRefused), filled.writing() as connection:
            connection.execute(update(verdicts_table).values({column: "none"}))
    with filled.writing() as connection:
        verdicts.forget_words(connection, subject.recording_id)

        assert verdicts.snapshot(connection, kept.id) is None
        assert verdicts.of_subjects(connection, [subject.id]) == [kept]
        assert verdicts.counts(connection) == {"agree": 1}


def test_everything_goes_with_the_recording(filled: Database) -> None:
    with filled.writing() as connection:
        shown = page(connection, limit=200)
        judge(connection, shown[0])
        connection.execute(
            delete(recordings).where(recordings.c.id == shown[0].recording_id)
        )

        assert connection.execute(select(verdicts_table)).all() == []
        left = select(controls_table.c.recording_id)
        assert shown[0].recording_id not in connection.execute(left).scalars().all()


def test_calibration_counts_flags_moments_and_labels(filled: Database) -> None:
    period = calibration.Period(
        since=NOW - timedelta(days=1), until=NOW + timedelta(days=1), seen=every
    )
    with filled.writing() as connection:
        for subject in page(connection, limit=200):
            judge(connection, subject, label="none")
        judge(connection, page(connection, limit=1)[0], verdict="unsure", label=None)
        flags, passed = calibration.raised(connection, period)
        labels = calibration.labels(connection, period)

    assert sum(each.number for each in flags) == 36
    assert all(each.drawn for each in flags)
    assert sum(each.moments for each in passed) == 12 * 19
    found = [each for each in labels if each.probability is None]
    assert len(found) == 36
    assert all(each.severity for each in found)
    assert all(each.probability for each in labels if each not in found)
    assert {each.made.rubric for each in labels} == {"en/1"}


def test_calls_out_of_the_period_do_not_count(filled: Database) -> None:
    past = calibration.Period(
        since=datetime(2020, 1, 1, tzinfo=UTC), until=NOW - timedelta(days=1), seen=every
    )
    with filled.reading() as connection:
        assert calibration.raised(connection, past) == ([], [])
        assert calibration.labels(connection, past) == []
        assert calibration.disputed(connection, past) == []
        assert calibration.added(connection, past) == {}


def test_a_superseded_call_leaves_the_queue_with_its_controls(filled: Database) -> None:
    from callmon.store.calls import analyses

    with filled.writing() as connection:
        before = page(connection, limit=200)
        recording_id = before[0].recording_id
        analysis = analyses.load(connection, before[0].analysis_id)
        new = analysis.model_copy(update={"findings": ()})
        analysis_id = analyses.save(
            connection, recording_id, 2, new, redacted=redact_call(new), at=NOW
        )
        controls.draw(connection, analysis_id, new, share=0.0, at=NOW)

        after = page(connection, limit=200)

    assert after == [s for s in before if s.recording_id != recording_id]
