"""The ledger of promises over calls."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from callmon.call import Behaviour, Commitment
from callmon.redaction.call import redact_call
from callmon.review.site import Site
from callmon.store.calls import analyses
from callmon.store.work import runs
from tests.integration.review.conftest import NOW, AddRecording, AsRole
from tests.integration.review.made import make_analysis


def promise(action: str, due: str | None, *, kept_in_call: bool = False) -> Commitment:
    return Commitment(
        turn=4,
        action=action,
        deadline="then" if due else None,
        due=due,
        level="timed" if due else "vague",
        open=not kept_in_call,
        quote=f"I will {action}.",
        start=25.0,
        end=30.0,
    )


PROMISES = (
    promise("call back", None),
    promise("refund", "2026-11-21"),
    promise("send it", "2026-11-22"),
    promise("visit", "2026-11-27T16:00+01:00"),
    promise("change the address", None, kept_in_call=True),
)
"""Today is 2026-11-22."""


@pytest.fixture
def call(recording: AddRecording) -> str:
    return recording(
        analysis=make_analysis(commitments=PROMISES),
        team="north",
        agent="Ann",
        customer="C1",
        started=NOW - timedelta(days=2),
    )


def listed(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.text
    return [(item["action"], item["state"]) for item in answer.json()["items"]]


def test_promises_come_in_the_order_in_which_they_are_due(
    call: str, as_role: AsRole
) -> None:
    answer = as_role("supervisor").get("/v1/promises")
    assert listed(answer) == [
        ("refund", "overdue"),
        ("send it", "due"),
        ("visit", "open"),
        ("call back", "open"),
        ("change the address", "kept"),
    ]
    assert answer.json()["items"][4]["kept_in_call"]


def test_filters_choose_by_state_day_customer_and_team(call: str, as_role: AsRole) -> None:
    client = as_role("reviewer", teams={"north"})
    assert listed(client.get("/v1/promises", params={"state": ["due", "overdue"]})) == [
        ("refund", "overdue"),
        ("send it", "due"),
    ]
    days = {"due_from": "2026-11-22", "due_until": "2026-12-01"}
    assert [a for a, _ in listed(client.get("/v1/promises", params=days))] == [
        "send it",
        "visit",
    ]
    assert len(listed(client.get("/v1/promises", params={"customer": "C1"}))) == 5
    assert listed(client.get("/v1/promises", params={"customer": "C2"})) == []
    assert listed(as_role("reviewer", teams={"south"}).get("/v1/promises")) == []
    # An agent sees those of calls that were shared.
    assert listed(as_role("agent", agent="Ann").get("/v1/promises")) == []


def test_pages_go_on_where_the_last_one_ended(call: str, as_role: AsRole) -> None:
    client = as_role("admin")
    first = client.get("/v1/promises", params={"limit": 3}).json()
    rest = client.get("/v1/promises", params={"limit": 3, "cursor": first["next"]}).json()
    ids = [item["id"] for item in (*first["items"], *rest["items"])]
    assert len(set(ids)) == 5
    assert rest["next"] is None


def test_a_later_call_of_the_same_customer_is_a_hint_and_no_verdict(
    call: str, recording: AddRecording, as_role: AsRole
) -> None:
    done = Behaviour(
        turn=4,
        behaviour="resolution_done",
        level=None,
        confidence=0.9,
        quote="That is done.",
        start=25.0,
        end=26.0,
        source="model",
    )
    told = make_analysis(agent_behaviours=(done,), commitments=())
    later = recording(analysis=told, team="north", customer="C1", started=NOW)
    earlier = recording(team="north", customer="C1", started=NOW - timedelta(days=9))
    recording(team="north", customer="C2", started=NOW)
    elsewhere = recording(team="south", customer="C1", started=NOW)

    of_call = {"recording_id": call}
    items = as_role("reviewer").get("/v1/promises", params=of_call).json()["items"]
    shown = {(each["recording_id"], each["resolved"]) for each in items[0]["later"]}
    assert shown == {(later, True), (elsewhere, False)}
    assert items[0]["state"] == "overdue"
    mine = as_role("reviewer", teams={"north"})
    items = mine.get("/v1/promises", params=of_call).json()["items"]
    assert [each["recording_id"] for each in items[0]["later"]] == [later]

    refund = f"/v1/promises/{items[0]['id']}/state"
    wrong = mine.put(refund, json={"state": "kept", "shown_by": earlier})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "shown_by")
    hidden = mine.put(refund, json={"state": "kept", "shown_by": elsewhere})
    assert hidden.status_code == 404
    right = mine.put(refund, json={"state": "kept", "shown_by": later})
    assert (right.json()["state"], right.json()["shown_by"]) == ("kept", later)


def test_what_reviewers_say_is_audited_and_can_be_taken_back(
    call: str, as_role: AsRole
) -> None:
    client = as_role("reviewer")
    promise_id = client.get("/v1/promises").json()["items"][0]["id"]
    answer = client.put(f"/v1/promises/{promise_id}/state", json={"state": "broken"})
    assert answer.json()["state"] == "broken"
    assert answer.json()["marked_by"].startswith("key:")
    assert client.get(f"/v1/promises/{promise_id}").json()["state"] == "broken"
    answer = client.put(f"/v1/promises/{promise_id}/state", json={"state": "open"})
    assert (answer.json()["state"], answer.json()["marked_by"]) == ("overdue", None)
    lines = as_role("admin").get("/v1/audit", params={"action": "promise.marked"}).json()
    states = [
        (line["detail"]["before"], line["detail"]["state"]) for line in lines["items"]
    ]
    assert states == [("broken", "open"), ("overdue", "broken")]
    assert client.get("/v1/promises/none").status_code == 404


def test_what_was_said_of_a_promise_outlives_a_new_analysis(
    call: str, site: Site, as_role: AsRole
) -> None:
    client = as_role("reviewer")
    items = client.get("/v1/promises").json()["items"]
    by_action = {item["action"]: item["id"] for item in items}
    for action, state in (("refund", "kept"), ("send it", "broken")):
        url = f"/v1/promises/{by_action[action]}/state"
        assert client.put(url, json={"state": state}).status_code == 200
    heard_otherwise = promise("send the parcel", "2026-11-22")
    again = make_analysis(commitments=(PROMISES[1], heard_otherwise))
    with site.database.writing() as connection:
        run = runs.request(connection, call, priority=1, reason="reanalysis", at=NOW)
        runs.begin(connection, call, run, worker="w", at=NOW)
        assert runs.finish(connection, call, run, at=NOW)
        analyses.save(connection, call, run, again, redacted=redact_call(again), at=NOW)
    assert listed(client.get("/v1/promises")) == [
        ("refund", "kept"),
        ("send the parcel", "broken"),
    ]


def test_private_numbers_are_not_shown(recording: AddRecording, as_role: AsRole) -> None:
    said = promise("refund it to card 4111 1111 1111 1111", None)
    recording(analysis=make_analysis(commitments=(said,)))
    (item,) = as_role("admin").get("/v1/promises").json()["items"]
    assert "4111" not in str(item)
