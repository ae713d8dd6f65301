"""Calibration by period and version, and rounds of several reviewers."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from callmon.call import Versions
from tests.integration.review.conftest import AddRecording, AsRole
from tests.integration.review.made import make_analysis


def whoami(client: TestClient) -> str:
    return str(client.get("/v1/me").json()["id"])


def findings(client: TestClient) -> list[str]:
    return [each["id"] for each in client.get("/v1/findings").json()["items"]]


def test_a_site_on_which_nobody_judged_anything_says_so(as_role: AsRole) -> None:
    view = as_role("supervisor").get("/v1/calibration").json()

    assert view["total"]["precision"] == {"value": None, "interval": None, "n": 0}
    assert view["total"]["recall"]["value"] is None
    assert view["kinds"] == []


def test_precision_is_what_reviewers_confirmed(
    as_role: AsRole, recording: AddRecording
) -> None:
    for _ in range(5):
        recording()
    reviewer = as_role("reviewer")
    for number, finding_id in enumerate(findings(reviewer)):
        opinion = "disagree" if number == 0 else "agree"
        reviewer.post(f"/v1/findings/{finding_id}/verdicts", json={"verdict": opinion})

    view = as_role("supervisor").get("/v1/calibration").json()

    (kind,) = view["kinds"]
    assert kind["precision"]["value"] == 0.8
    # Wilson's interval of 4 in 5.
    assert kind["precision"]["interval"] == pytest.approx([0.3755, 0.9638], abs=0.0001)
    assert (kind["flags"], kind["judged"]) == (5, 5)
    assert view["blind"]["value"] == 0
    (person,) = view["reviewers"]
    assert (person["reviewer"], person["confirmed"]["value"]) == (whoami(reviewer), 0.8)


def test_periods_and_versions_are_told_apart(
    as_role: AsRole, recording: AddRecording
) -> None:
    new = Versions(callmon="0.1.0", rubric="en/2", models={"empathy": "2"})
    recording(started="2026-10-01T09:00:00Z")
    recording(started="2026-11-10T09:00:00Z", analysis=make_analysis(versions=new))
    recording(started="2025-01-01T09:00:00Z")
    reviewer, supervisor = as_role("reviewer"), as_role("supervisor")
    for finding_id in findings(reviewer):
        reviewer.post(f"/v1/findings/{finding_id}/verdicts", json={"verdict": "agree"})

    def judged(query: str) -> int:
        view = supervisor.get(f"/v1/calibration?{query}").json()
        return int(view["total"]["judged"])

    view = supervisor.get("/v1/calibration").json()
    assert [each["week"] for each in view["weeks"]] == ["2026-09-28", "2026-11-09"]
    assert [(e["rubric"], e["judged"]) for e in view["versions"]] == [
        ("en/1", 1),
        ("en/2", 1),
    ]
    assert judged("since=2024-01-01T00:00:00Z") == 3
    assert judged("rubric=en/2") == 1
    assert judged("callmon=9.9.9") == 0
    assert judged("until=2026-10-15T00:00:00Z") == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z", "since"),
        ("since=yesterday", "since"),
        ("since=2026-02-01T00:00:00", "since"),
        ("from=2026-02-01T00:00:00Z", "from"),
    ],
)
def test_a_period_that_is_none_is_refused(as_role: AsRole, query, field) -> None:
    answer = as_role("supervisor").get(f"/v1/calibration?{query}")

    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_the_first_day_of_the_calendar_is_no_defect(as_role: AsRole) -> None:
    url = "/v1/calibration?until=0001-01-02T00:00:00Z"

    assert as_role("supervisor").get(url).status_code == 200


def test_supervisors_have_the_numbers_of_their_teams(
    as_role: AsRole, recording: AddRecording
) -> None:
    recording(team="north")
    recording(team="south")
    admin = as_role("admin")
    for finding_id in findings(admin):
        admin.post(f"/v1/findings/{finding_id}/verdicts", json={"verdict": "agree"})

    view = as_role("supervisor", teams={"north"}).get("/v1/calibration").json()

    assert view["total"]["flags"] == view["total"]["judged"] == 1


def test_who_agrees_has_said_nothing_of_the_rung(
    as_role: AsRole, recording: AddRecording
) -> None:
    for _ in range(2):
        recording()
    supervisor = as_role("supervisor")

    def rungs() -> dict[str, object]:
        return dict(supervisor.get("/v1/calibration").json()["rungs"])

    first, second = as_role("reviewer"), as_role("reviewer")
    agreed, stated = findings(supervisor)
    for client, rung in ((first, "acknowledged"), (second, "solved_only")):
        for finding_id, said in ((agreed, {}), (stated, {"rung": rung})):
            given = {"verdict": "agree", **said}
            answer = client.post(f"/v1/findings/{finding_id}/verdicts", json=given)
            assert answer.json()["verdict"]["rung"] == said.get("rung")

    # Only the moment of which both stated one, and there they differ.
    assert rungs()["n"] == 1
    assert rungs()["value"] == pytest.approx(0)


class TestRounds:
    """Three calls, one finding each, for two reviewers."""

    @pytest.fixture
    def people(self, as_role: AsRole, recording: AddRecording) -> dict[str, TestClient]:
        for _ in range(3):
            recording(team="north")
        return {
            "supervisor": as_role("supervisor"),
            "ann": as_role("reviewer"),
            "bob": as_role("reviewer", teams={"north"}),
        }

    @pytest.fixture
    def round_url(self, people: dict[str, TestClient]) -> str:
        supervisor = people["supervisor"]
        begun = supervisor.post(
            "/v1/calibration/rounds",
            json={
                "name": "November",
                "findings": findings(supervisor),
                "reviewers": [whoami(people["ann"]), whoami(people["bob"])],
            },
        )
        assert begun.status_code == 201, begun.text
        return f"/v1/calibration/rounds/{begun.json()['id']}"

    def judge(self, client: TestClient, url: str, labels: list[str]) -> None:
        shown = client.get(f"{url}/moments").json()["items"]
        for moment, kind in zip(shown, labels, strict=True):
            answer = client.post(
                f"/v1/findings/{moment['id']}/verdicts", json={"kind": kind}
            )
            assert answer.status_code == 201, answer.text

    def test_its_moments_are_blind_and_in_no_other_list(self, people, round_url) -> None:
        ann = people["ann"]

        shown = ann.get(f"{round_url}/moments").json()["items"]

        assert [each["blind"] for each in shown] == [True] * 3
        assert findings(ann) == []
        assert len(findings(people["supervisor"])) == 3

    def test_everybody_judges_the_same_and_sees_the_others_when_it_is_closed(
        self, people, round_url
    ) -> None:
        ann, bob, supervisor = people["ann"], people["bob"], people["supervisor"]
        self.judge(ann, round_url, ["missed_empathy", "none", "missed_empathy"])
        assert ann.get(round_url).json()["results"] is None
        self.judge(bob, round_url, ["missed_empathy", "none", "no_mirroring"])

        assert ann.get(round_url).json()["results"] is None
        assert {p["judged"] for p in ann.get(round_url).json()["progress"]} == {3}
        results = supervisor.get(round_url).json()["results"]
        closed = supervisor.post(f"{round_url}/close").json()

        # By hand: two of six values differ from their pair; expected disagreement 11 / 15.
        assert results["alpha"]["value"] == pytest.approx(1 - (1 / 3) / (11 / 15))
        assert len(set(results["moments"][0]["labels"].values())) == 2
        assert [each["agreeing"]["value"] for each in results["reviewers"]] == [2 / 3] * 2
        assert ann.get(round_url).json()["results"] == results == closed["results"]

    def test_a_verdict_in_it_leaves_the_finding_open_and_is_given_once(
        self, people, round_url
    ) -> None:
        ann, supervisor = people["ann"], people["supervisor"]
        self.judge(ann, round_url, ["none", "none", "none"])
        moment = ann.get(f"{round_url}/moments").json()["items"][0]

        again = ann.post(f"/v1/findings/{moment['id']}/verdicts", json={"verdict": "agree"})

        assert again.status_code == 409
        states = {e["state"] for e in supervisor.get("/v1/findings").json()["items"]}
        assert states == {"open"}
        view = supervisor.get("/v1/calibration").json()
        assert view["total"]["judged"] == 0

    def test_others_do_not_see_it(self, people, round_url, as_role) -> None:
        for role in ("reviewer", "supervisor"):
            other = as_role(role)
            assert other.get(round_url).status_code == 404
            assert other.get(f"{round_url}/moments").status_code == 404
            assert other.get("/v1/calibration/rounds").json()["items"] == []
        assert as_role("supervisor").post(f"{round_url}/close").status_code == 404
        assert as_role("admin").get(round_url).status_code == 200

    def test_it_is_closed_once(self, people, round_url) -> None:
        supervisor = people["supervisor"]

        answers = [supervisor.post(f"{round_url}/close").status_code for _ in range(2)]

        assert answers == [200, 409]

    def test_who_has_seen_a_label_cannot_judge_it_blind(self, people) -> None:
        supervisor, ann, bob = people["supervisor"], people["ann"], people["bob"]
        ids = findings(supervisor)
        ann.post(f"/v1/findings/{ids[0]}/verdicts", json={"verdict": "agree"})

        answer = supervisor.post(
            "/v1/calibration/rounds",
            json={"name": "x", "findings": ids, "reviewers": [whoami(ann), whoami(bob)]},
        )

        assert (answer.status_code, answer.json()["field"]) == (409, "findings")

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"name": " "}, "name"),
            ({"findings": []}, "findings"),
            ({"reviewers": ["user:x", "user:y"]}, "reviewers"),
            ({"deadline": "2026-11-22T08:00:00Z"}, "deadline"),
        ],
    )
    def test_a_round_without_what_makes_one_is_refused(
        self, people, changes, field
    ) -> None:
        supervisor = people["supervisor"]
        given = {
            "name": "x",
            "findings": findings(supervisor),
            "reviewers": [whoami(people["ann"]), whoami(people["bob"])],
        }

        answer = supervisor.post("/v1/calibration/rounds", json={**given, **changes})

        assert (answer.status_code, answer.json()["field"]) == (422, field)

    def test_rounds_come_in_pages_newest_first(self, people, round_url, recording) -> None:
        supervisor = people["supervisor"]
        recording(team="north")
        new = findings(supervisor)
        listed = supervisor.get(f"{round_url}/moments").json()["items"]
        rest = [id_ for id_ in new if id_ not in {each["id"] for each in listed}]
        supervisor.post(
            "/v1/calibration/rounds",
            json={
                "name": "December",
                "findings": rest,
                "reviewers": [whoami(people["ann"]), whoami(people["bob"])],
            },
        )

        first = people["ann"].get("/v1/calibration/rounds?limit=1").json()
        second = people["ann"].get(
            "/v1/calibration/rounds", params={"limit": 1, "cursor": first["next"]}
        )

        assert [each["name"] for each in first["items"]] == ["December"]
        assert [each["name"] for each in second.json()["items"]] == ["November"]
        assert second.json()["next"] is None
