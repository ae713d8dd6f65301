"""Assigning, coaching, disputing, and moments that the machine missed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from tests.integration.review.conftest import AddRecording, AsRole, add_key


@pytest.fixture
def finding_id(recording: AddRecording, as_role: AsRole) -> str:
    """Of the one finding of a call of Ann's, in the team north."""
    recording(agent="Ann", team="north")
    (finding,) = as_role("admin").get("/v1/findings").json()["items"]
    return str(finding["id"])


def whoami(client: TestClient) -> str:
    return str(client.get("/v1/me").json()["id"])


def test_reviewers_take_what_is_free_and_find_it_again(as_role, finding_id) -> None:
    reviewer, other = as_role("reviewer"), as_role("reviewer")

    taken = reviewer.post(f"/v1/findings/{finding_id}/assign", json={"to": "me"})

    assert taken.json() == {"assigned_to": whoami(reviewer)}
    mine = reviewer.get("/v1/findings?assigned_to=me").json()["items"]
    assert [each["assigned_to"] for each in mine] == [whoami(reviewer)]
    assert other.get("/v1/findings?assigned_to=me").json()["items"] == []


def test_reviewers_do_not_take_what_another_has(as_role, finding_id) -> None:
    reviewer, other = as_role("reviewer"), as_role("reviewer")
    url = f"/v1/findings/{finding_id}/assign"
    reviewer.post(url, json={"to": "me"})

    for to in ("me", None, whoami(reviewer)):
        assert other.post(url, json={"to": to}).status_code == 409


def test_supervisors_give_to_reviewers_who_see_the_call(as_role, finding_id) -> None:
    supervisor = as_role("supervisor", teams={"north"})
    fitting, blind = as_role("reviewer", teams={"north"}), as_role("reviewer", teams={"s"})
    url = f"/v1/findings/{finding_id}/assign"

    assert supervisor.post(url, json={"to": whoami(fitting)}).status_code == 200
    for nobody in (whoami(blind), whoami(as_role("agent")), "user:x", "x", "key:", ""):
        answer = supervisor.post(url, json={"to": nobody})
        assert (answer.status_code, answer.json()["field"]) == (422, "to"), nobody
    assert supervisor.post(url, json={"to": None}).json() == {"assigned_to": None}


def test_nothing_is_given_to_who_cannot_sign_in_any_more(
    as_role, finding_id, site, clock
) -> None:
    admin = as_role("admin")
    ben = {"name": "Ben", "role": "reviewer"}
    login = {"login": "ben", "password": "correct horse battery"}
    user = admin.post("/v1/users", json={**ben, **login}).json()["id"]
    revoked = whoami(as_role("reviewer"))
    admin.delete(f"/v1/keys/{revoked.removeprefix('key:')}")
    text = add_key(site, role="reviewer", expires_at=clock.now + timedelta(days=1))
    expired = f"key:{text.split('_')[1]}"
    fitting = whoami(as_role("reviewer", teams={"north"}))
    elsewhere = whoami(as_role("reviewer", teams={"south"}))
    given = admin.post(f"/v1/findings/{finding_id}/assign", json={"to": expired})
    assert given.status_code == 200
    clock.forward(days=2)
    changed = admin.put(f"/v1/users/{user}", json={**ben, "disabled": True})
    assert changed.status_code == 200

    for person, why in (
        (f"user:{user}", "(Ben) is disabled"),
        (revoked, "is revoked"),
        (expired, "is expired"),
    ):
        both = {"name": "R", "findings": [finding_id], "reviewers": [fitting, person]}
        for path, body, field in (
            (f"findings/{finding_id}/assign", {"to": person}, "to"),
            ("calibration/rounds", both, "reviewers"),
        ):
            answer = admin.post(f"/v1/{path}", json=body)
            told = answer.json()
            assert (answer.status_code, told["field"]) == (422, field)
            assert why in told["detail"]
            could = told["detail"].partition("For example")[2]
            assert fitting in could or whoami(admin) in could
            assert not [who for who in (user, revoked, expired, elsewhere) if who in could]


def test_a_coaching_note_shares_the_call_with_its_agent_who_answers(
    as_role, finding_id, clock
) -> None:
    agent, other = as_role("agent", agent="Ann"), as_role("agent", agent="Bob")
    url = f"/v1/findings/{finding_id}"
    assert agent.get(url).status_code == 404

    note = as_role("reviewer").post(f"{url}/coaching", json={"text": "Name the wait."})
    clock.forward(minutes=1)
    reply = agent.post(f"{url}/coaching", json={"text": "I see."})

    assert (note.status_code, reply.status_code) == (201, 201)
    talk = agent.get(f"{url}/coaching").json()["items"]
    assert [(each["side"], each["text"]) for each in talk] == [
        ("coach", "Name the wait."),
        ("agent", "I see."),
    ]
    assert other.get(url).status_code == 404
    assert other.post(f"{url}/coaching", json={"text": "Hello."}).status_code == 404


def test_a_call_of_nobody_cannot_be_coached(as_role, recording) -> None:
    recording(team="north")
    reviewer = as_role("reviewer")
    (finding,) = reviewer.get("/v1/findings").json()["items"]

    answer = reviewer.post(f"/v1/findings/{finding['id']}/coaching", json={"text": "Hm."})

    assert answer.status_code == 409


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_an_empty_note_or_an_endless_one_is_refused(as_role, finding_id, text) -> None:
    answer = as_role("reviewer").post(
        f"/v1/findings/{finding_id}/coaching", json={"text": text}
    )

    assert (answer.status_code, answer.json()["field"]) == (422, "text")


def test_an_agent_disputes_and_a_supervisor_decides(as_role, finding_id, clock) -> None:
    agent, supervisor = as_role("agent", agent="Ann"), as_role("supervisor")
    url = f"/v1/findings/{finding_id}"
    supervisor.post(f"{url}/coaching", json={"text": "Look at this."})

    begun = agent.post(
        f"{url}/dispute", json={"reason": "I did name it.", "proposed": "none"}
    )
    waiting = supervisor.get("/v1/findings?disputed=true").json()["items"]
    clock.forward(days=1)
    ended = supervisor.post(
        f"{url}/dispute/resolution", json={"kind": "none", "note": "True, at 0:24."}
    )

    assert begun.status_code == 201
    assert begun.json()["deadline"] == "2026-11-29T09:00:00Z"
    assert [each["dispute"]["reason"] for each in waiting] == ["I did name it."]
    assert ended.json()["label"] == "none"
    assert supervisor.get(url).json()["state"] == "dismissed"
    assert supervisor.get("/v1/findings?disputed=true").json()["items"] == []
    events = [each["event"] for each in agent.get(f"{url}/history").json()["items"]]
    assert events == ["coaching", "dispute", "resolution"]


def test_the_outcome_of_a_dispute_counts_for_the_rule(as_role, finding_id) -> None:
    supervisor, admin = as_role("supervisor"), as_role("admin")
    url = f"/v1/findings/{finding_id}"
    admin.post(f"{url}/verdicts", json={"verdict": "agree"})
    supervisor.post(f"{url}/dispute", json={"reason": "No.", "proposed": "none"})
    admin.post(f"{url}/dispute/resolution", json={"kind": "none"})

    view = admin.get("/v1/calibration").json()

    (rule,) = view["rules"]
    assert rule["rule"] == "model"
    assert rule["disputes"] == {"begun": 1, "kept": 0, "changed": 1, "open": 0}
    assert rule["precision"]["value"] == 0
    assert view["kinds"][0]["disputes"]["changed"] == 1


def test_one_dispute_at_a_time(as_role, finding_id) -> None:
    supervisor = as_role("supervisor")
    url = f"/v1/findings/{finding_id}/dispute"
    given = {"reason": "No.", "proposed": "none"}

    answers = [supervisor.post(url, json=given).status_code for _ in range(2)]

    assert answers == [201, 409]


def test_who_disputes_does_not_decide(as_role, finding_id) -> None:
    supervisor = as_role("supervisor")
    url = f"/v1/findings/{finding_id}/dispute"
    supervisor.post(url, json={"reason": "No.", "proposed": "none"})

    answer = supervisor.post(f"{url}/resolution", json={"kind": "none"})

    assert answer.status_code == 409


def test_what_is_not_disputed_cannot_be_decided(as_role, finding_id) -> None:
    answer = as_role("supervisor").post(
        f"/v1/findings/{finding_id}/dispute/resolution", json={"kind": "none"}
    )

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": "No.", "proposed": "missed_empathy"}, "proposed"),
        (
            {"reason": "No.", "proposed": "none", "deadline": "2026-11-22T08:59:59Z"},
            "deadline",
        ),
        ({"reason": " ", "proposed": "none"}, "reason"),
        (
            {"reason": "No.", "proposed": "none", "deadline": "2027-01-01T00:00:00"},
            "deadline",
        ),
    ],
)
def test_a_dispute_about_nothing_is_refused(as_role, finding_id, given, field) -> None:
    answer = as_role("supervisor").post(f"/v1/findings/{finding_id}/dispute", json=given)

    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_agents_see_nothing_of_who_judged_them(as_role, finding_id) -> None:
    reviewer, agent = as_role("reviewer"), as_role("agent", agent="Ann")
    url = f"/v1/findings/{finding_id}"
    reviewer.post(f"{url}/assign", json={"to": "me"})
    reviewer.post(f"{url}/verdicts", json={"verdict": "agree", "note": "Between us."})
    reviewer.post(f"{url}/coaching", json={"text": "Look at this."})

    events = agent.get(f"{url}/history").json()["items"]

    assert [each["event"] for each in events] == ["coaching"]
    shown = agent.get(url)
    assert "Between us." not in shown.text
    assert whoami(reviewer) not in shown.text


@pytest.mark.parametrize("where", [{"turn": 3}, {"at": 20.5}])
def test_a_reviewer_adds_a_moment_that_was_missed(as_role, recording, where) -> None:
    recording_id = recording(team="north")
    reviewer = as_role("reviewer")
    url = f"/v1/recordings/{recording_id}/moments"
    given = {"kind": "missed_empathy", "rung": "ignored", "note": "Fed up.", **where}

    added = reviewer.post(url, json=given, headers={"Idempotency-Key": "1"})
    reviewer.post(url, json=given, headers={"Idempotency-Key": "1"})

    assert added.status_code == 201
    assert (added.json()["turn"], added.json()["start"]) == (3, 19.0)
    assert reviewer.get(url).json() == {"items": [added.json()], "next": None}
    view = as_role("supervisor").get("/v1/calibration").json()
    assert view["total"]["added"] == 1


def test_a_moment_is_from_when_to_when_it_is_said(as_role, recording) -> None:
    url = f"/v1/recordings/{recording()}/moments"
    given = {"kind": "missed_empathy", "start": 11.0, "end": 22.5}

    added = as_role("reviewer").post(url, json=given).json()

    # Of the turns from 7 to 12 s and from 19 to 24 s more of the second is in it.
    assert (added["turn"], added["start"], added["end"]) == (3, 11.0, 22.5)


@pytest.mark.parametrize(
    ("where", "field"),
    [
        ({}, "turn"),
        ({"turn": 1, "at": 8.0}, "turn"),
        ({"turn": 2}, "turn"),
        ({"turn": 99}, "turn"),
        ({"turn": -1}, "turn"),
        ({"at": 2.0}, "at"),
        ({"at": 1e300}, "at"),
        ({"start": 7.0}, "end"),
        ({"start": 9.0, "end": 9.0}, "end"),
        ({"start": 7.0, "end": 9.0, "turn": 1}, "turn"),
        ({"start": 1.0, "end": 6.5}, "start"),
        ({"start": 7.0, "end": 1e300}, "end"),
    ],
)
def test_a_moment_is_a_turn_of_the_customer_s(as_role, recording, where, field) -> None:
    recording_id = recording()

    answer = as_role("reviewer").post(
        f"/v1/recordings/{recording_id}/moments", json={"kind": "missed_empathy", **where}
    )

    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_nothing_was_missed_in_what_is_not_analysed(as_role, recording) -> None:
    recording_id = recording(analysed=False)

    answer = as_role("reviewer").post(
        f"/v1/recordings/{recording_id}/moments", json={"kind": "missed_joy", "turn": 1}
    )

    assert answer.status_code == 409


def test_moments_of_another_team_s_call_are_not_there(as_role, recording) -> None:
    url = f"/v1/recordings/{recording(team='south')}/moments"
    reviewer = as_role("reviewer", teams={"north"})

    assert reviewer.get(url).status_code == 404
    answer = reviewer.post(url, json={"kind": "missed_joy", "turn": 1})
    assert answer.status_code == 404
