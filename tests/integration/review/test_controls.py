"""Blind controls: drawn by chance that is known, shown like all that is judged blind."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, true
from starlette.testclient import TestClient

from callmon.call import Analysis
from callmon.metadata import Metadata
from callmon.redaction.call import redact_call
from callmon.review.calibration.summary import summary
from callmon.review.site import Site
from callmon.store.calls import analyses, recordings
from callmon.store.database import Database
from callmon.store.reviews import calibration, controls, review_queue, verdicts
from callmon.store.reviews.review_queue import Wanted
from callmon.store.tables import reviews as tables
from tests.integration.review.conftest import AddRecording, AsRole
from tests.integration.review.made import make_analysis, make_finding

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

LONG = tuple(
    ("customer" if index % 2 else "agent", f"Sentence {index} of a call.")
    for index in range(41)
)
"""Twenty turns of the customer's; the finding is about the first."""


def keep(database: Database, number: int, analysis: Analysis, *, share: float) -> str:
    """Puts an analysed call into the store and draws its controls; the analysis's id."""
    sha256 = hashlib.sha256(f"call {number}".encode()).hexdigest()
    with database.writing() as connection:
        stored, _ = recordings.add(
            connection,
            sha256=sha256,
            name="call.wav",
            size=1,
            media=f"{number}",
            metadata=Metadata(team="north"),
            received=NOW,
            priority=1,
        )
        recording = analysis.recording.model_copy(
            update={"id": stored.id, "sha256": sha256}
        )
        analysis = analysis.model_copy(update={"recording": recording})
        analysis_id = analyses.save(
            connection, stored.id, 1, analysis, redacted=redact_call(analysis), at=NOW
        )
        controls.draw(connection, analysis_id, analysis, share=share, at=NOW)
    return analysis_id


def drawn(database: Database) -> list:
    with database.reading() as connection:
        query = select(tables.controls).order_by(tables.controls.c.id)
        return list(connection.execute(query))


def test_what_a_finding_rests_on_or_is_about_is_no_control() -> None:
    turns = controls.unflagged(make_analysis(turns=LONG))

    assert [turn.index for turn in turns] == list(range(3, 41, 2))


def test_a_call_that_cannot_be_judged_has_no_controls() -> None:
    assert controls.unflagged(make_analysis(turns=LONG, unscorable="language")) == ()


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_controls_become_the_wanted_share_of_the_queue(database: Database, share) -> None:
    chance = random.Random(1)
    for number in range(150):
        found = tuple(make_finding(n) for n in range(1, chance.randint(0, 4) + 1))
        keep(database, number, make_analysis(turns=LONG, findings=found), share=share)

    with database.reading() as connection:
        sums = select(func.sum(tables.draws.c.findings), func.sum(tables.draws.c.moments))
        findings, moments = connection.execute(sums).one()
    number = len(drawn(database))

    assert number / (number + findings) == pytest.approx(share, abs=0.06)
    # What each was drawn with makes up for what was not drawn.
    estimate = sum(1 / row.probability for row in drawn(database))
    assert estimate == pytest.approx(moments, rel=0.35)


def test_what_was_missed_is_recovered_from_the_draw(site: Site) -> None:
    """From call to number: every fifth moment that was not flagged should have been."""
    chance = random.Random(4)
    for number in range(200):
        found = tuple(make_finding(n) for n in range(1, chance.randint(0, 4) + 1))
        keep(site.database, number, make_analysis(turns=LONG, findings=found), share=0.3)
    period = calibration.Period(
        since=NOW - timedelta(days=1), until=NOW + timedelta(days=1), seen=lambda _: true()
    )
    with site.database.writing() as connection:
        shown = review_queue.find(
            connection, Wanted(), findings_seen=true(), controls_seen=true(), limit=10_000
        )
        for subject in shown:
            raise_it = subject.kind is not None or subject.turn % 5 == 0
            verdicts.add(
                connection,
                subject,
                reviewer="user:ann",
                at=NOW,
                verdict="agree",
                label="missed_empathy" if raise_it else "none",
                outcome=None,
                rung=None,
                note=None,
                seconds=None,
                blind=subject.kind is None,
                round_id=None,
                rules=[],
                snapshot={},
            )
        flags, passed = calibration.raised(connection, period)
        view = summary(
            since=period.since,
            until=period.until,
            given=calibration.labels(connection, period),
            flags=flags,
            passed=passed,
            decided=[],
            added={},
        )
        calls = connection.execute(select(tables.draws.c.findings)).scalars().all()

    # Turns 3 to 39 of a call with a finding, and turn 1 too of one without: 5, 15, 25, 35.
    truth = 4 * len(calls)
    missed, recall = view.total.missed, view.total.recall
    assert missed.interval is not None
    assert recall.interval is not None
    assert missed.interval[0] < truth < missed.interval[1]
    assert missed.interval[1] < 2 * truth
    assert recall.interval[0] < sum(calls) / (sum(calls) + truth) < recall.interval[1]
    assert view.total.flags == sum(calls)


def test_calls_without_a_finding_have_controls_too(database: Database) -> None:
    for number in range(80):
        keep(database, number, make_analysis(turns=LONG, findings=()), share=0.5)

    assert drawn(database)


def test_drawing_again_draws_nothing_and_another_machine_draws_the_same(
    database: Database, site: Site
) -> None:
    document = make_analysis(turns=LONG)
    for number in range(20):
        for each in (database, site.database):
            keep(each, number, document, share=0.5)
    before = drawn(database)
    with database.writing() as connection:
        analysis = analyses.load(connection, before[0].analysis_id)
        again = controls.draw(
            connection, before[0].analysis_id, analysis, share=0.5, at=NOW
        )

    assert again == 0
    assert drawn(database) == before == drawn(site.database)


def test_no_share_is_no_control(database: Database) -> None:
    for number in range(20):
        keep(database, number, make_analysis(turns=LONG), share=0.0)

    assert drawn(database) == []


def test_what_was_analysed_before_is_caught_up_with(
    site: Site, recording: AddRecording
) -> None:
    for _ in range(3):
        recording(analysis=make_analysis(turns=LONG))
    with site.database.writing() as connection:
        done = [controls.catch_up(connection, share=0.5, at=NOW, limit=2) for _ in range(3)]

    assert done == [2, 1, 0]


class TestInTheQueue:
    """One call with one finding, and all its other moments as controls."""

    @pytest.fixture
    def queue(self, site: Site, recording: AddRecording, as_role: AsRole) -> TestClient:
        recording(team="north", agent="Ann", analysis=make_analysis(turns=LONG))
        with site.database.writing() as connection:
            # The first draw expects a finding in ten moments: one of two is drawn.
            controls.catch_up(connection, share=0.5, at=NOW)
            connection.execute(
                tables.controls.update().values(severity="low", confidence=0.9)
            )
        return as_role("reviewer")

    def test_a_control_looks_like_all_that_is_judged_blind(self, queue, as_role) -> None:
        items = queue.get("/v1/findings?limit=200").json()["items"]
        shown = [each for each in items if each["blind"]]

        assert shown
        one = queue.get(f"/v1/findings/{shown[0]['id']}").json()
        for view in (*shown, one):
            assert view["machine"] is None
            assert view["state"] == "open"
        assert one["evidence"] is None
        assert one["context"]
        # The one finding shows its label, since this site is not blind first.
        assert [e["machine"]["kind"] for e in items if not e["blind"]] == ["missed_empathy"]

    def test_what_is_said_of_a_control_is_kept_and_then_it_is_shown(self, queue) -> None:
        items = queue.get("/v1/findings?limit=200").json()["items"]
        shown = next(each for each in items if each["blind"])
        url = f"/v1/findings/{shown['id']}"

        missed = queue.post(f"{url}/verdicts", json={"kind": "missed_joy"}).json()

        assert missed["verdict"]["verdict"] == "disagree"
        assert missed["verdict"]["machine"] == "none"
        assert missed["verdict"]["blind"] is True
        assert missed["finding"]["machine"]["kind"] == "none"
        assert missed["finding"]["state"] == "corrected"

    def test_nothing_to_raise_is_agreement(self, queue) -> None:
        items = queue.get("/v1/findings?limit=200").json()["items"]
        shown = next(each for each in items if each["blind"])

        answer = queue.post(
            f"/v1/findings/{shown['id']}/verdicts", json={"kind": "none"}
        ).json()

        assert answer["verdict"]["verdict"] == "agree"
        assert answer["finding"]["state"] == "agreed"

    def test_filters_by_label_leave_controls_out(self, queue) -> None:
        for query in ("kind=missed_empathy", "severity=low", "min_confidence=0"):
            items = queue.get(f"/v1/findings?limit=200&{query}").json()["items"]
            assert not [each for each in items if each["blind"]], query

    def test_other_filters_hold_for_controls(self, queue, as_role) -> None:
        everything = queue.get("/v1/findings?limit=200").json()["items"]

        found = queue.get("/v1/findings?limit=200&team=north&agent=Ann").json()["items"]
        assert found == everything
        assert queue.get("/v1/findings?team=south").json()["items"] == []
        assert (
            as_role("reviewer", teams={"south"}).get("/v1/findings").json()["items"] == []
        )

    def test_agents_and_coaches_have_no_part_in_controls(self, queue, as_role) -> None:
        items = queue.get("/v1/findings?limit=200").json()["items"]
        flagged = next(each["id"] for each in items if not each["blind"])
        shown = next(each["id"] for each in items if each["blind"])
        queue.post(f"/v1/findings/{flagged}/coaching", json={"text": "Listen to this."})
        agent = as_role("agent", agent="Ann")

        assert len(agent.get("/v1/findings").json()["items"]) == 1
        assert agent.get(f"/v1/findings/{shown}").status_code == 404
        queue.post(f"/v1/findings/{shown}/verdicts", json={"kind": "none"})
        answer = queue.post(f"/v1/findings/{shown}/coaching", json={"text": "Well."})
        assert answer.status_code == 409

    def test_pages_hold_findings_and_controls_once_each(self, queue) -> None:
        everything = queue.get("/v1/findings?limit=200").json()["items"]
        seen, cursor = [], None
        for _ in range(len(everything)):
            parameters = {"limit": 1} | ({"cursor": cursor} if cursor else {})
            page = queue.get("/v1/findings", params=parameters).json()
            seen += page["items"]
            cursor = page["next"]

        assert cursor is None
        assert seen == everything

    def test_controls_are_numbers_in_the_calibration(self, queue, as_role) -> None:
        items = queue.get("/v1/findings?limit=200").json()["items"]
        shown = [each["id"] for each in items if each["blind"]]
        for number, id_ in enumerate(shown):
            kind = "missed_empathy" if number == 0 else "none"
            queue.post(f"/v1/findings/{id_}/verdicts", json={"kind": kind})
        flagged = next(each["id"] for each in items if not each["blind"])
        queue.post(f"/v1/findings/{flagged}/verdicts", json={"verdict": "agree"})

        view = as_role("supervisor").get("/v1/calibration").json()

        assert view["controls"] == {"moments": 19, "judged": len(shown), "missed": 1}
        missed = 19 / len(shown)
        assert view["total"]["missed"]["value"] == pytest.approx(missed)
        assert view["total"]["recall"]["value"] == pytest.approx(1 / (1 + missed))
        assert view["total"]["precision"]["value"] == 1
        assert [each["kind"] for each in view["kinds"]] == ["missed_empathy"]
        assert view["versions"][0]["rubric"] == "en/1"
