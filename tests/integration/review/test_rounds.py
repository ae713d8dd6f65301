"""Rounds of calibration: who sees their moments while they last."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from callmon.store.tables.access import keys
from tests.integration.review.conftest import AddRecording, AsRole
from tests.integration.review.made import make_analysis, make_finding


@dataclass(frozen=True)
class Begun:
    """A round with three moments, of a supervisor and two reviewers of the team north."""

    url: str
    findings: tuple[str, ...]
    admin: TestClient
    supervisor: TestClient
    reviewers: tuple[TestClient, TestClient]

    def move(self, number: int, team: str) -> None:
        recording_id = self.findings[number].split("-")[0]
        answer = self.admin.patch(f"/v1/recordings/{recording_id}", json={"team": team})
        assert answer.status_code == 200

    def shown(self, client: TestClient) -> list[str]:
        answer = client.get(f"{self.url}/moments")
        assert answer.status_code == 200, answer.text
        return [each["recording_id"] for each in answer.json()["items"]]


@pytest.fixture
def begun(as_role: AsRole, recording: AddRecording) -> Begun:
    calls = [recording(team="north", agent="Ann") for _ in range(3)]
    findings = tuple(f"{each}-1-f1" for each in calls)
    first, second = (as_role("reviewer", teams={"north"}) for _ in range(2))
    supervisor = as_role("supervisor", teams={"north"})
    new = {
        "name": "November",
        "findings": findings,
        "reviewers": [each.get("/v1/me").json()["id"] for each in (first, second)],
    }
    answer = supervisor.post("/v1/calibration/rounds", json=new)
    assert answer.status_code == 201, answer.text
    url = f"/v1/calibration/rounds/{answer.json()['id']}"
    return Begun(url, findings, as_role("admin"), supervisor, (first, second))


def judge(client: TestClient, begun: Begun, number: int, kind: str) -> None:
    blind = next(
        each["id"]
        for each in client.get(f"{begun.url}/moments").json()["items"]
        if each["recording_id"] == begun.findings[number].split("-")[0]
    )
    answer = client.post(f"/v1/findings/{blind}/verdicts", json={"kind": kind})
    assert answer.status_code == 201, answer.text


def test_a_round_goes_on_without_a_call_of_another_team(begun: Begun) -> None:
    calls = [each.split("-")[0] for each in begun.findings]
    assert begun.shown(begun.reviewers[0]) == calls

    begun.move(1, "south")

    for client in (*begun.reviewers, begun.supervisor):
        assert begun.shown(client) == [calls[0], calls[2]]
        assert client.get(begun.url).json()["moments"] == 2
        (listed,) = client.get("/v1/calibration/rounds").json()["items"]
        assert listed["moments"] == 2
    assert begun.shown(begun.admin) == calls
    for number in (0, 2):
        judge(begun.reviewers[0], begun, number, "none")
    progress = begun.reviewers[0].get(begun.url).json()["progress"]
    assert max(each["judged"] for each in progress) == 2


def test_results_tell_nothing_of_a_call_of_another_team(begun: Begun) -> None:
    for client in begun.reviewers:
        judge(client, begun, 0, "none")
        judge(client, begun, 1, "missed_joy")
    begun.move(1, "south")

    for answer in (
        begun.supervisor.get(begun.url),
        begun.supervisor.post(f"{begun.url}/close"),
        begun.reviewers[0].get(begun.url),
    ):
        told = answer.json()["results"]["moments"]
        assert [each["finding"] for each in told] == [begun.findings[0]]
        assert begun.findings[1].split("-")[0] not in answer.text
    seen = begun.admin.get(begun.url).json()["results"]["moments"]
    assert len(seen) == 2


def test_a_reviewer_who_lost_the_team_sees_none_of_it(begun: Begun, site) -> None:
    key_id = begun.reviewers[0].get("/v1/me").json()["id"].removeprefix("key:")
    with site.database.writing() as connection:
        connection.execute(update(keys).where(keys.c.id == key_id).values(teams=["south"]))

    assert begun.shown(begun.reviewers[0]) == []
    assert begun.reviewers[0].get(begun.url).json()["moments"] == 0
    assert len(begun.shown(begun.reviewers[1])) == 3


def test_a_round_goes_on_without_a_call_that_was_deleted(begun: Begun) -> None:
    recording_id = begun.findings[0].split("-")[0]
    assert begun.admin.delete(f"/v1/recordings/{recording_id}").status_code == 204

    assert len(begun.shown(begun.reviewers[0])) == 2


def test_the_history_keeps_the_others_verdicts_until_the_round_is_closed(
    begun: Begun,
) -> None:
    first, second = begun.reviewers
    for client, kind in ((first, "none"), (second, "missed_joy")):
        judge(client, begun, 0, kind)
    url = f"/v1/findings/{begun.findings[0]}/history"

    def judged(client: TestClient) -> list[str]:
        events = client.get(url).json()["items"]
        return [each["verdict"]["label"] for each in events if each["event"] == "verdict"]

    assert judged(first) == ["none"]
    assert judged(second) == ["missed_joy"]
    assert judged(begun.supervisor) == ["none", "missed_joy"]
    begun.supervisor.post(f"{begun.url}/close")
    assert judged(first) == ["none", "missed_joy"]


def test_the_history_of_what_is_hidden_does_not_tell_its_id(begun: Begun) -> None:
    finding = begun.findings[0]
    assigned = begun.supervisor.post(
        f"/v1/findings/{finding}/assign",
        json={"to": begun.reviewers[0].get("/v1/me").json()["id"]},
    )
    assert assigned.status_code == 200
    blind = begun.reviewers[0].get(f"{begun.url}/moments").json()["items"][0]["id"]

    history = begun.reviewers[0].get(f"/v1/findings/{blind}/history")

    (event,) = history.json()["items"]
    assert event["assignment"]["subject"] == blind
    assert finding not in history.text


def test_a_round_waits_until_it_is_judged_or_closed(begun: Begun) -> None:
    first, second = begun.reviewers
    waits = "A round waits for you: “November”"
    assert waits in first.get("/review").text
    assert waits not in begun.admin.get("/review").text

    for number in range(3):
        judge(first, begun, number, "none")
    assert waits not in first.get("/review").text

    assert waits in second.get("/review").text
    assert begun.supervisor.post(f"{begun.url}/close").status_code == 200
    assert waits not in second.get("/review").text


def test_what_others_added_is_kept_until_one_has_judged(begun: Begun) -> None:
    first, second = begun.reviewers
    recording_id = begun.findings[0].split("-")[0]
    url = f"/v1/recordings/{recording_id}/moments"
    given = {"kind": "missed_joy", "turn": 3, "note": "Fed up, she says."}
    for client in begun.reviewers:
        assert client.post(url, json=given).status_code == 201

    def reviewers(client: TestClient) -> int:
        return len({each["reviewer"] for each in client.get(url).json()["items"]})

    assert (reviewers(first), reviewers(begun.supervisor)) == (1, 2)
    assert first.get(f"/calls/{recording_id}").text.count("Fed up, she says.") == 1

    judge(first, begun, 0, "none")

    assert (reviewers(first), reviewers(second)) == (2, 1)
    assert first.get(f"/calls/{recording_id}").text.count("Fed up, she says.") == 2


@pytest.mark.parametrize(
    "query",
    ["has_findings=true", "has_findings=false", "max_score=1", "min_score=0", "sort=score"],
)
def test_no_filter_tells_what_the_machine_made_of_a_call_of_the_round(
    begun: Begun, recording: AddRecording, query: str
) -> None:
    other = recording(team="north")
    calls = {each.split("-")[0] for each in begun.findings}

    def listed(client: TestClient) -> set[str]:
        items = client.get(f"/v1/recordings?{query}").json()["items"]
        return {each["id"] for each in items}

    all_of_them = set() if query == "has_findings=false" else {*calls, other}
    assert listed(begun.supervisor) == all_of_them
    assert listed(begun.reviewers[0]) == all_of_them - calls

    judge(begun.reviewers[0], begun, 0, "none")

    judged = begun.findings[0].split("-")[0]
    assert listed(begun.reviewers[0]) == all_of_them - (calls - {judged})


def test_the_queue_by_score_leaves_out_the_calls_of_a_round(
    as_role: AsRole, recording: AddRecording
) -> None:
    def findings(client: TestClient, query: str) -> list[str]:
        items = client.get(f"/v1/findings?{query}").json()["items"]
        return [each["id"] for each in items]

    two = make_analysis(findings=(make_finding(1), make_finding(2, turn=4)))
    call = recording(team="north", analysis=two)
    first, second, lead = as_role("reviewer"), as_role("reviewer"), as_role("supervisor")
    new = {
        "name": "November",
        "findings": [f"{call}-1-f1"],
        "reviewers": [each.get("/v1/me").json()["id"] for each in (first, second)],
    }
    assert lead.post("/v1/calibration/rounds", json=new).status_code == 201

    assert findings(first, "state=open") == [f"{call}-1-f2"]
    assert findings(first, "max_score=1") == []
    assert len(findings(lead, "max_score=1")) == 2


def test_pages_and_reports_say_that_the_judgement_is_hidden(begun: Begun) -> None:
    recording_id = begun.findings[0].split("-")[0]
    pages = (f"/calls/{recording_id}", f"/v1/recordings/{recording_id}/report.html")
    nothing = (
        "No moment called",
        "No feeling was found",
        "Nothing was raised",
        "no moment",
    )

    for path in pages:
        text = begun.reviewers[0].get(path).text
        assert text.count("Hidden until you have judged") == 2, path
        assert not [each for each in nothing if each in text], path
        assert "Hidden until" not in begun.supervisor.get(path).text
