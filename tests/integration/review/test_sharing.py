"""A call is shared with a person: with the agent whose call it is when a coach writes."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.integration.review.conftest import AddRecording, AsRole


@pytest.fixture
def recording_id(recording: AddRecording) -> str:
    """A call of Ann's with one finding."""
    return recording(agent="Ann", team="north")


@pytest.fixture
def url(recording_id: str) -> str:
    return f"/v1/findings/{recording_id}-1-f1"


@pytest.fixture
def admin(as_role: AsRole) -> TestClient:
    return as_role("admin")


@pytest.fixture
def ann(as_role: AsRole) -> TestClient:
    return as_role("agent", agent="Ann")


@pytest.fixture
def bob(as_role: AsRole) -> TestClient:
    return as_role("agent", agent="Bob")


def note(client: TestClient, url: str, text: str) -> None:
    assert client.post(f"{url}/coaching", json={"text": text}).status_code == 201


def correct(admin: TestClient, recording_id: str, agent: str | None) -> None:
    answer = admin.patch(f"/v1/recordings/{recording_id}", json={"agent": agent})
    assert answer.status_code == 200


def sees(client: TestClient, url: str, recording_id: str) -> bool:
    answers = [
        client.get(each).status_code
        for each in (
            url,
            f"{url}/history",
            f"{url}/coaching",
            f"/v1/recordings/{recording_id}",
            f"/v1/recordings/{recording_id}/turns",
            f"/v1/promises/{recording_id}-1-c1",
        )
    ]
    listed = client.get("/v1/recordings").json()["items"]
    assert set(answers) in ({200}, {404}), answers
    assert (200 in answers) == bool(listed)
    return 200 in answers


def test_a_correction_shows_the_call_to_nobody(admin, ann, bob, url, recording_id) -> None:
    note(admin, url, "Ann, hear this.")
    assert sees(ann, url, recording_id)

    correct(admin, recording_id, "Bob")

    assert not sees(ann, url, recording_id)
    assert not sees(bob, url, recording_id)
    assert bob.post(f"{url}/coaching", json={"text": "Hello?"}).status_code == 404


def test_who_it_is_shared_with_then_sees_nothing_of_the_other(
    admin, ann, bob, url, recording_id, clock
) -> None:
    note(admin, url, "Ann, hear this.")
    note(ann, url, "That is not me.")
    dispute = {"reason": "Not my call.", "proposed": "none"}
    assert ann.post(f"{url}/dispute", json=dispute).status_code == 201
    correct(admin, recording_id, "Bob")
    clock.forward(minutes=1)

    note(admin, url, "Bob, hear this.")

    assert sees(bob, url, recording_id)
    assert not sees(ann, url, recording_id)
    talk = bob.get(f"{url}/coaching").json()["items"]
    assert [(each["text"], each["agent"]) for each in talk] == [("Bob, hear this.", "Bob")]
    events = bob.get(f"{url}/history").json()["items"]
    assert [each["event"] for each in events] == ["coaching"]
    assert bob.get(url).json()["dispute"] is None
    for text in (bob.get(url).text, bob.get("/v1/findings").text):
        assert "Not my call." not in text


def test_coaches_see_all_that_was_written(admin, ann, url, recording_id) -> None:
    note(admin, url, "Ann, hear this.")
    note(ann, url, "That is not me.")
    correct(admin, recording_id, "Bob")
    note(admin, url, "Bob, hear this.")

    talk = admin.get(f"{url}/coaching").json()["items"]

    assert [(each["side"], each["agent"]) for each in talk] == [
        ("coach", "Ann"),
        ("agent", "Ann"),
        ("coach", "Bob"),
    ]


def test_a_slip_that_is_taken_back_gives_the_notes_back(
    admin, ann, bob, url, recording_id
) -> None:
    note(admin, url, "Ann, hear this.")
    correct(admin, recording_id, "Bob")
    correct(admin, recording_id, "Ann")

    assert sees(ann, url, recording_id)
    assert not sees(bob, url, recording_id)


def test_a_call_that_is_nobody_s_any_more_is_seen_by_no_agent(
    admin, ann, url, recording_id
) -> None:
    note(admin, url, "Ann, hear this.")

    correct(admin, recording_id, None)

    assert not sees(ann, url, recording_id)
