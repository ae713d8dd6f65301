"""The pages of an agent, of a team, of rounds, and of who is signed in as an agent."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from callmon.call import Commendation
from tests.integration.review.conftest import AddRecording, AsRole, Clock
from tests.integration.review.made import make_analysis

WELL = Commendation(
    opportunity="o1",
    turn=2,
    start=7.0,
    end=18.0,
    summary="“The third time” was answered with “that is too often”.",
    evidence=(),
)


def page(client: TestClient, path: str, **query: Any) -> str:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


@pytest.mark.parametrize("by", ["agent", "team"])
def test_what_goes_well_and_what_to_coach_is_heard(
    as_role: AsRole, recording: AddRecording, by: str
) -> None:
    call = recording(
        agent="Ann", team="billing", analysis=make_analysis(commendations=(WELL,))
    )
    told = page(
        as_role("supervisor"),
        f"/trends/{by}",
        name="Ann" if by == "agent" else "billing",
    )

    assert WELL.summary in told
    assert f'data-player="/v1/recordings/{call}/clip?start=6.0&end=19.0"' in told
    assert f'data-player="/v1/findings/{call}-1-f1/clip?before=1.0&after=1.0"' in told
    assert "Naming the repeated calls" in told


def test_of_others_teams_nothing_is_told(as_role: AsRole, recording: AddRecording) -> None:
    recording(agent="Ann", team="billing", analysis=make_analysis(commendations=(WELL,)))
    elsewhere = as_role("supervisor", teams={"claims"})

    for path, name in (("/trends/agent", "Ann"), ("/trends/team", "billing")):
        told = page(elsewhere, path, name=name)
        assert "No calls in this time" in told
        assert WELL.summary not in told


@pytest.mark.parametrize(
    ("path", "blank"),
    [
        ("/trends/agent", {"days": ""}),
        ("/calls", {"sort": ""}),
        ("/review", {"which": ""}),
        ("/fairness", {"measure": "", "days": ""}),
    ],
)
def test_a_blank_field_is_as_if_it_were_left_out(
    as_role: AsRole, recording: AddRecording, path: str, blank: dict[str, str]
) -> None:
    recording(agent="Ann", team="billing")
    client = as_role("supervisor")
    needed = {"name": "Ann"} if path == "/trends/agent" else {}

    assert page(client, path, **needed, **blank) == page(client, path, **needed)


def test_what_reviewers_dismissed_is_nothing_to_coach(
    as_role: AsRole, recording: AddRecording
) -> None:
    call = recording(agent="Ann", team="billing")
    verdict = {"verdict": "disagree", "kind": "none"}
    given = as_role("reviewer").post(f"/v1/findings/{call}-1-f1/verdicts", json=verdict)
    assert given.status_code == 201

    told = page(as_role("supervisor"), "/trends/agent", name="Ann")
    assert "Nothing was raised in these calls" in told


def test_calls_of_another_time_are_left_out(
    as_role: AsRole, recording: AddRecording, clock: Clock
) -> None:
    recording(agent="Ann", team="billing")
    clock.now += timedelta(days=40)
    client = as_role("supervisor")

    assert "No calls in this time" in page(client, "/trends/agent", name="Ann", days="30")
    assert "No calls in this time" not in page(client, "/trends/agent", name="Ann")


def test_a_hostile_name_does_nothing(as_role: AsRole, recording: AddRecording) -> None:
    name = "\"><script>alert('Ann')</script>"
    recording(agent=name, team=name)
    for path in ("/trends/agent", "/trends/team"):
        answer = as_role("supervisor").get(path, params={"name": name})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text


def test_an_agent_sees_their_own_alone(as_role: AsRole, recording: AddRecording) -> None:
    coach = as_role("supervisor")
    for agent in ("Ann", "Ben"):
        call = recording(
            agent=agent, team="billing", analysis=make_analysis(commendations=(WELL,))
        )
        note = {"text": f"For {agent}."}
        sent = coach.post(f"/v1/findings/{call}-1-f1/coaching", json=note)
        assert sent.status_code == 201
    told = page(as_role("agent", agent="Ann"), "/calls")

    assert "For Ann." in told
    assert "For Ben." not in told
    assert told.count(WELL.summary) == 1
    assert told.index(WELL.summary) < told.index("For Ann.")


def test_who_shares_nothing_with_an_agent_leaves_an_empty_page(
    as_role: AsRole, recording: AddRecording
) -> None:
    recording(agent="Ann", analysis=make_analysis(commendations=(WELL,)))
    told = page(as_role("agent", agent="Ann"), "/calls")

    assert "No call was shared with you yet" in told
    assert WELL.summary not in told


def test_calibration_says_when_recall_is_not_blind(
    as_role: AsRole, recording: AddRecording
) -> None:
    call = recording()
    verdict = {"verdict": "agree"}
    as_role("reviewer").post(f"/v1/findings/{call}-1-f1/verdicts", json=verdict)
    told = page(as_role("supervisor"), "/calibration")

    assert "truly blind only with the setting <code>blind_first</code>" in told
    assert "Missed, estimated" in told


@pytest.mark.parametrize("query", [{"round": "0"}, {"round": "x"}, {"assigned": "Bea"}])
def test_filters_that_cannot_be_are_told(as_role: AsRole, query: dict[str, str]) -> None:
    answer = as_role("reviewer").get("/review", params=query)
    assert answer.status_code == 422
    assert "would work" in answer.text


def test_a_round_of_others_is_not_there(as_role: AsRole) -> None:
    client = as_role("reviewer")
    assert client.get("/review?round=7").status_code == 404
    assert client.get("/calibration/rounds/7").status_code == 404


def test_what_a_dispute_ended_in_is_told_with_its_reason(
    as_role: AsRole, recording: AddRecording
) -> None:
    recording(agent="Ann")
    supervisor, agent = as_role("supervisor"), as_role("agent", agent="Ann")
    finding = supervisor.get("/v1/findings").json()["items"][0]["id"]
    url = f"/v1/findings/{finding}"
    supervisor.post(f"{url}/coaching", json={"text": "What happened here?"})
    agent.post(f"{url}/dispute", json={"reason": "I named it.", "proposed": "none"})
    disputed = page(agent, "/calls")
    why = "She did, at 0:12 <b>."
    supervisor.post(f"{url}/dispute/resolution", json={"kind": "none", "note": why})

    assert "Disputed, not decided yet" in disputed
    for told in (
        page(agent, "/calls"),
        page(agent, f"/review/history/{finding}"),
        page(supervisor, f"/review/history/{finding}"),
    ):
        assert "Nothing to raise" in told
        assert why in told
    assert "not decided yet" not in page(agent, "/calls")
