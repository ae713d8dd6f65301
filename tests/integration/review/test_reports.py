"""Reports add up the calls that count and that one may see."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from callmon.call import Commendation, Outcome
from callmon.metadata import Metadata
from callmon.redaction.call import redact_call
from callmon.review.site import Site
from callmon.store.calls import analyses, recordings
from callmon.store.work import runs
from tests.integration.review.conftest import NOW, AddRecording, AsRole
from tests.integration.review.made import make_analysis, make_finding


def calls(
    recording: AddRecording, number: int, outcome: str, **metadata: object
) -> list[str]:
    findings = (make_finding(),) if outcome == "missed" else ()
    analysis = make_analysis(outcome=outcome, findings=findings)
    return [recording(analysis=analysis, **metadata) for _ in range(number)]


def test_agents_are_shown_by_name_from_twenty_moments_on(
    recording: AddRecording, as_role: AsRole
) -> None:
    calls(recording, 15, "met", agent="zoe", team="north")
    calls(recording, 5, "missed", agent="zoe", team="north")
    calls(recording, 20, "partial", agent="Bob", team="north")
    calls(recording, 19, "met", agent="Ann", team="north")

    report = as_role("supervisor").get("/v1/reports/agents").json()

    assert [item["name"] for item in report["items"]] == ["Bob", "zoe"]
    assert (report["left_out"], report["least_opportunities"]) == (1, 20)
    bob, zoe = report["items"]
    assert (zoe["calls"], zoe["opportunities"], zoe["met"], zoe["missed"]) == (
        20,
        20,
        15,
        5,
    )
    assert (zoe["score"], bob["score"]) == (0.75, 0.5)
    assert zoe["interval"][0] < 0.75 < zoe["interval"][1]
    assert zoe["time_to_acknowledge"] == 1.5
    assert zoe["promises"] == {"made": 20, "open": 20, "kept": 0, "broken": 0}
    assert [stretch["opportunities"] for stretch in zoe["trend"]] == [20]
    assert "Ann" not in str(report)


def test_supervisors_see_the_sums_of_their_teams(
    recording: AddRecording, as_role: AsRole
) -> None:
    calls(recording, 20, "met", agent="Ann", team="north", queue="billing")
    calls(recording, 20, "missed", agent="Ann", team="south", queue="billing")
    client = as_role("supervisor", teams={"north"})
    for report in ("agents", "teams", "queues"):
        (item,) = client.get(f"/v1/reports/{report}").json()["items"]
        assert (item["opportunities"], item["score"]) == (20, 1.0)
    kinds = client.get("/v1/reports/kinds").json()
    assert (kinds["items"], kinds["calls"], kinds["opportunities"]) == ([], 20, 20)


def test_filters_choose_period_queue_and_rubric(
    recording: AddRecording, as_role: AsRole
) -> None:
    old = datetime(2026, 9, 1, 10, tzinfo=UTC)
    calls(recording, 20, "missed", team="north", queue="a", started=old)
    calls(recording, 20, "met", team="north", queue="b")
    client = as_role("admin")

    def score(**filters: str) -> object:
        items = client.get("/v1/reports/teams", params=filters).json()["items"]
        return [item["score"] for item in items]

    assert score() == [0.5]
    assert score(queue="a") == [0.0]
    assert score(since="2026-11-01T00:00:00Z") == [1.0]
    assert score(until="2026-11-01T00:00:00Z") == [0.0]
    assert score(rubric="en/1") == [0.5]
    assert score(rubric="en/2") == []
    assert score(team="south") == []
    wrong = client.get(
        "/v1/reports/teams",
        params={"since": "2026-11-01T00:00:00Z", "until": "2026-10-01T00:00:00Z"},
    )
    assert (wrong.status_code, wrong.json()["field"]) == (422, "since")


def test_the_sums_follow_what_is_edited_and_analysed_again(
    recording: AddRecording, site: Site, as_role: AsRole
) -> None:
    ids = calls(recording, 20, "missed", agent="Ann", team="north")
    with site.database.writing() as connection:
        for each in ids:
            moved = Metadata(agent="Ann", team="south")
            recordings.edit(connection, each, moved, who="me", at=NOW)
    again = make_analysis(outcome="met", findings=())
    with site.database.writing() as connection:
        run = runs.request(connection, ids[0], priority=1, reason="reanalysis", at=NOW)
        runs.begin(connection, ids[0], run, worker="w", at=NOW)
        assert runs.finish(connection, ids[0], run, at=NOW)
        analyses.save(connection, ids[0], run, again, redacted=redact_call(again), at=NOW)
    client = as_role("admin")
    (south,) = client.get("/v1/reports/teams").json()["items"]
    assert (south["name"], south["met"], south["missed"]) == ("south", 1, 19)
    (kind,) = client.get("/v1/reports/kinds").json()["items"]
    assert (kind["kind"], kind["findings"], kind["open"]) == ("missed_empathy", 19, 19)
    assert kind["per_hundred_opportunities"] == 95.0
    assert kind["trend"][0]["findings"] == 19


def test_commendations_settling_and_what_reviewers_dismissed_are_counted(
    recording: AddRecording, as_role: AsRole
) -> None:
    praise = Commendation(
        opportunity="o1", turn=2, start=1.0, end=2.0, summary="Named it.", evidence=()
    )
    calm = Outcome(
        opportunity="o1",
        outcome="met",
        rung="acknowledged",
        delay=2.0,
        recovered=False,
        reason=None,
        settling=-0.5,
    )
    good = make_analysis(
        outcome="met", findings=(), commendations=(praise,), outcomes=(calm,)
    )
    for _ in range(20):
        recording(analysis=good, team="north")
    (missed,) = calls(recording, 1, "missed", team="north")
    reviewer = as_role("reviewer")
    answer = reviewer.post(
        f"/v1/findings/{missed}-1-f1/verdicts", json={"verdict": "disagree"}
    )
    assert answer.status_code == 201
    client = as_role("supervisor")
    (north,) = client.get("/v1/reports/teams").json()["items"]
    assert (north["commendations"], north["settling"]) == (20, -0.5)
    assert (north["settling_measured"], north["time_to_acknowledge"]) == (20, 2.0)
    (kind,) = client.get("/v1/reports/kinds").json()["items"]
    assert (kind["dismissed"], kind["open"], kind["dismissed_share"]) == (1, 0, None)


def test_no_difference_of_reports_is_of_a_person_with_few_moments(
    recording: AddRecording, as_role: AsRole
) -> None:
    calls(recording, 20, "met", agent="Ann", team="north", queue="a")
    calls(recording, 19, "missed", agent="Bob", team="north", queue="a")
    client = as_role("supervisor")

    (ann,) = client.get("/v1/reports/agents").json()["items"]
    for report in ("teams", "queues"):
        for filters in ({}, {"team": "north"}, {"queue": "a"}, {"rubric": "en/1"}):
            view = client.get(f"/v1/reports/{report}", params=filters).json()
            (item,) = view["items"]
            same = {name: item[name] for name in ann if name != "name"}
            assert same == {name: ann[name] for name in same}
            assert (view["people_left_out"], view["left_out"]) == (1, 0)
    kinds = client.get("/v1/reports/kinds").json()
    assert (kinds["calls"], kinds["opportunities"], kinds["items"]) == (20, 20, [])
    assert "Bob" not in client.get("/v1/reports/agents.csv").text


def test_a_team_of_people_with_few_moments_each_is_counted_as_a_whole(
    recording: AddRecording, as_role: AsRole
) -> None:
    for agent in ("Ann", "Bob"):
        calls(recording, 10, "missed", agent=agent, team="north", queue=agent)
    client = as_role("supervisor")

    (north,) = client.get("/v1/reports/teams").json()["items"]
    assert (north["opportunities"], north["missed"]) == (20, 20)
    (kind,) = client.get("/v1/reports/kinds").json()["items"]
    assert (kind["findings"], kind["calls"]) == (20, 20)
    for query in ({"queue": "Ann"}, {"rubric": "en/1"}):
        assert client.get("/v1/reports/teams", params=query).json()["items"] == []
        assert client.get("/v1/reports/kinds", params=query).json()["items"] == []
    queues = client.get("/v1/reports/queues").json()
    assert (queues["items"], queues["left_out"], queues["people_left_out"]) == ([], 2, 2)


def test_kinds_tell_of_the_moments_and_calls_in_which_they_were_raised(
    recording: AddRecording, as_role: AsRole
) -> None:
    twice = (make_finding(1), make_finding(2), make_finding(3, kind="no_mirroring"))
    for outcome in ("missed", "partial"):
        told = make_analysis(outcome=outcome, findings=twice)
        for _ in range(10):
            recording(analysis=told, agent="Ann", team="north")
    calls(recording, 5, "met", agent="Ann", team="north")
    client = as_role("supervisor")

    view = client.get("/v1/reports/kinds").json()
    assert (view["calls"], view["opportunities"]) == (25, 25)
    missed, mirroring = view["items"]
    assert (missed["kind"], missed["findings"]) == ("missed_empathy", 40)
    # Two findings of a kind at one moment are one moment.
    for kind in (missed, mirroring):
        assert (kind["opportunities"], kind["missed"], kind["partial"]) == (20, 10, 10)
        assert (kind["score"], kind["calls"]) == (0.25, 20)
        assert kind["promises"] == {"made": 20, "open": 20, "kept": 0, "broken": 0}
        assert kind["interval"][0] < 0.25 < kind["interval"][1]
    (row, _) = csv.DictReader(io.StringIO(client.get("/v1/reports/kinds.csv").text))
    assert (row["opportunities"], row["score"], row["promises_open"]) == (
        "20",
        "0.25",
        "20",
    )


def test_csv_has_the_same_numbers_and_no_formula(
    recording: AddRecording, as_role: AsRole
) -> None:
    formula = '=HYPERLINK("http://x")'
    calls(recording, 20, "met", agent=formula, team="north")
    client = as_role("supervisor")
    answer = client.get("/v1/reports/agents.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="agents.csv"'
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert row["name"] == f"'{formula}"
    assert (row["opportunities"], row["score"], row["promises_made"]) == ("20", "1.0", "20")
    for report in ("teams", "queues", "kinds", "fairness"):
        assert client.get(f"/v1/reports/{report}.csv").status_code == 200


def test_an_empty_database_has_empty_reports(as_role: AsRole) -> None:
    client = as_role("admin")
    for report in ("agents", "teams", "queues", "kinds"):
        assert client.get(f"/v1/reports/{report}").json()["items"] == []
    fairness = client.get("/v1/reports/fairness").json()
    assert fairness["warnings"] == []
    assert len(fairness["dimensions"]) == 5
