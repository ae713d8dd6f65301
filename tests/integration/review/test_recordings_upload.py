"""Recordings come in by the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from callmon.review.site import Options, Site
from callmon.store.work import runs
from tests.integration.review.conftest import AddRecording, AsRole, Clock, FakeQueue

WAV = b"RIFF\x24\0\0\0WAVEfmt " + bytes(range(256)) * 20


@pytest.fixture
def options() -> Options:
    return Options(max_upload_bytes=200_000, max_queued=3, requests_per_minute=0)


def send(client: TestClient, content: bytes = WAV, *, name="call.wav", key=None, **data):
    headers = {} if key is None else {"Idempotency-Key": key}
    files = {"file": (name, content)}
    return client.post("/v1/recordings", files=files, data=data, headers=headers)


def kept(site: Site) -> list[str]:
    return [key for key, _ in site.media.keys()]  # noqa: SIM118  no mapping


def test_a_recording_is_taken_in_and_queued(as_role: AsRole, site: Site) -> None:
    client = as_role("uploader")
    sent = send(client, agent="Ann", team="billing", Brand="north", direction="inbound")
    assert sent.status_code == 202, sent.text
    body = sent.json()
    assert sent.headers["Location"] == f"/v1/recordings/{body['id']}"
    assert body["state"] == "queued"
    assert body["metadata"]["agent"] == "Ann"
    assert body["metadata"]["labels"] == {"Brand": "north"}
    assert isinstance(site.queue, FakeQueue)
    assert site.queue.enqueued == [(body["id"], 1)]
    with site.media.open_stream(kept(site)[0]) as stream:
        assert stream.read() == WAV
    followed = client.get(sent.headers["Location"])
    assert followed.json() == body


def test_metadata_may_come_as_json_and_the_form_counts_before_it(as_role: AsRole) -> None:
    told = json.dumps({"agent": "Bob", "queue": "sales", "labels": {"a": "1"}})
    body = send(as_role("uploader"), agent="Ann", metadata=told).json()
    assert body["metadata"]["agent"] == "Ann"
    assert body["metadata"]["queue"] == "sales"


def test_the_same_content_is_one_recording(as_role: AsRole, site: Site) -> None:
    client = as_role("uploader")
    first = send(client)
    second = send(client, name="other.wav", agent="Ann")
    assert (first.status_code, second.status_code) == (202, 200)
    assert second.json()["id"] == first.json()["id"]
    assert second.json()["metadata"]["agent"] == "Ann"
    assert len(kept(site)) == 1


def test_the_same_key_is_answered_again(as_role: AsRole) -> None:
    client = as_role("uploader")
    first = send(client, key="k1", agent="Ann")
    again = send(client, key="k1", agent="Ann")
    other = send(client, key="k1", agent="Bob")
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    assert (other.status_code, other.json()["field"]) == (422, "Idempotency-Key")


KEPT_BACK = ("Ann", "billing", "C-4711", "north", "theirs.wav", "is unlike", "2026-11-18")
"""What the one who sent it first said of it."""


@pytest.fixture
def theirs(as_role: AsRole, clock: Clock) -> tuple[TestClient, Response]:
    """Who sent a recording, and the answer."""
    client = as_role("uploader")
    first = send(
        client,
        name="theirs.wav",
        agent="Ann",
        team="billing",
        customer="C-4711",
        started="2026-11-18T14:30:00+01:00",
        direction="is unlike",
        brand="north",
    )
    assert first.status_code == 202
    clock.forward(hours=1)
    return client, first


def test_who_sends_what_others_sent_is_told_only_what_they_said(
    as_role: AsRole, theirs: tuple[TestClient, Response]
) -> None:
    _, first = theirs
    assert all(each in first.text for each in KEPT_BACK)
    stranger, at = as_role("uploader"), first.headers["Location"]
    assert stranger.get(at).status_code == 404

    sent = send(stranger, name="mine.wav", agent="Mallory", queue="sales")

    assert (sent.status_code, sent.headers["Location"]) == (200, at)
    body = sent.json()
    assert (body["id"], body["sha256"]) == (first.json()["id"], first.json()["sha256"])
    assert (body["name"], body["metadata"]["agent"]) == ("mine.wav", "Mallory")
    assert body["received"] == body["held_at"] == "2026-11-22T10:00:00Z"
    followed = stranger.get(at)
    assert followed.json() == body
    for text in (sent.text, followed.text):
        assert [each for each in KEPT_BACK if each in text] == []


def test_what_becomes_of_it_does_not_show(
    as_role: AsRole, theirs: tuple[TestClient, Response], site: Site
) -> None:
    _, first = theirs
    stranger, at = as_role("uploader"), first.headers["Location"]
    send(stranger, name="mine.wav")
    before = stranger.get(at)
    with site.database.writing() as connection:
        runs.begin(connection, first.json()["id"], 1, worker="w", at=site.now())

    assert stranger.get(at).json() == before.json()
    assert send(stranger, name="mine.wav").json() == before.json()
    for part in ("analysis", "turns", "transcript.txt", "report.html", "audio", "peaks"):
        assert stranger.get(f"{at}/{part}").status_code == 404, part
    for query in ("", "?agent=Ann", "?sort=received", "?label=brand:north"):
        listed = stranger.get(f"/v1/recordings{query}").json()
        assert listed == {"items": [], "next": None}


def test_nothing_of_it_reaches_the_recording_of_who_sent_it_first(
    as_role: AsRole, theirs: tuple[TestClient, Response]
) -> None:
    client, first = theirs

    send(as_role("uploader"), agent="Mallory", direction="sideways", brand="south")

    now = client.get(first.headers["Location"])
    assert now.json() == first.json()
    assert now.headers["ETag"] == client.get(first.headers["Location"]).headers["ETag"]


def test_it_stays_theirs_when_they_send_it_again(
    as_role: AsRole, theirs: tuple[TestClient, Response]
) -> None:
    client, _ = theirs
    stranger = as_role("uploader")
    for _ in range(2):
        assert send(stranger).json()["metadata"]["agent"] is None

    again = send(client, queue="complaints")

    assert again.status_code == 200
    assert again.json()["metadata"]["queue"] == "complaints"
    assert again.json()["metadata"]["agent"] == "Ann"


def test_the_same_key_tells_the_same_of_what_others_sent(
    as_role: AsRole, theirs: tuple[TestClient, Response]
) -> None:
    stranger = as_role("uploader")
    first, again = (send(stranger, key="k1", name="mine.wav") for _ in range(2))
    assert (again.status_code, again.json()) == (200, first.json())


def test_what_came_in_by_a_folder_is_nobody_s_who_sends_it(
    as_role: AsRole, recording: AddRecording
) -> None:
    recording_id = recording(content=WAV, agent="Ann", team="billing")
    stranger = as_role("uploader")

    sent = send(stranger, name="mine.wav")

    assert (sent.status_code, sent.json()["id"]) == (200, recording_id)
    assert (sent.json()["state"], sent.json()["findings"]) == ("done", None)
    assert [word for word in ("Ann", "billing") if word in sent.text] == []


def test_a_supervisor_uploads_for_their_teams_alone(as_role: AsRole) -> None:
    of_one = as_role("supervisor", teams={"billing"})
    assert send(of_one, WAV + b"1").json()["metadata"]["team"] == "billing"
    wrong = send(of_one, WAV + b"2", team="sales")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "team")
    taken = send(as_role("supervisor", teams={"sales"}), WAV + b"1", team="sales")
    assert taken.status_code == 409


@pytest.mark.parametrize(
    ("content", "status", "kind"),
    [
        (b"", 415, "bad-recording"),
        (b"%PDF-1.7 nothing to hear", 415, "bad-recording"),
        (b"<html>please sign in</html>", 415, "bad-recording"),
        (WAV + bytes(200_000), 413, "too-large"),
        (WAV + bytes(3_000_000), 413, "too-large"),
    ],
)
def test_what_cannot_be_a_recording_is_refused_and_nothing_stays(
    as_role: AsRole, site: Site, content: bytes, status: int, kind: str
) -> None:
    refused = send(as_role("uploader"), content)
    assert refused.status_code == status, refused.text
    assert refused.json()["type"] == f"/problems/{kind}"
    assert refused.headers["Connection"] == "close"
    assert kept(site) == []


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"direction": "sideways"}, "direction"),
        ({"started": "yesterday"}, "started"),
        ({"agent": "A" * 300}, "agent"),
        ({f"l{n}": "x" for n in range(60)}, "label"),
    ],
)
def test_metadata_that_cannot_be_used_never_stops_a_recording(
    as_role: AsRole, data: dict[str, str], field: str
) -> None:
    taken = send(as_role("uploader"), **data)
    assert taken.status_code == 202
    [warning] = taken.json()["warnings"]
    assert field in warning


def test_a_part_that_is_no_json_is_refused(as_role: AsRole, site: Site) -> None:
    refused = send(as_role("uploader"), metadata="nonsense")
    assert (refused.status_code, refused.json()["field"]) == (422, "metadata")
    assert kept(site) == []


def test_a_body_that_is_cut_off_leaves_nothing(as_role: AsRole, site: Site) -> None:
    client = as_role("uploader")

    def body() -> Iterator[bytes]:
        yield b'--X\r\nContent-Disposition: form-data; name="file"; filename="a.wav"'
        yield b"\r\n\r\n" + WAV + bytes(100_000)

    headers = {"Content-Type": "multipart/form-data; boundary=X"}
    refused = client.post("/v1/recordings", content=body(), headers=headers)
    assert refused.status_code == 422
    assert kept(site) == []


def test_other_bodies_are_refused(as_role: AsRole) -> None:
    client = as_role("uploader")
    assert client.post("/v1/recordings", json={}).status_code == 415
    assert client.post("/v1/recordings", data={"file": "x"}).status_code == 415
    headers = {"Content-Type": "multipart/form-data"}
    assert client.post("/v1/recordings", content=b"x", headers=headers).status_code == 415


def test_no_more_is_taken_in_than_may_wait(as_role: AsRole) -> None:
    client = as_role("uploader")
    answers = [send(client, WAV + bytes([n])) for n in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 503]
    assert int(answers[3].headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", 'a"b.wav', "a\r\nX-Evil: 1.wav", "\x1b[31m.wav", "<script>.wav"],
)
def test_a_name_is_only_a_name(
    as_role: AsRole, tmp_path: Path, site: Site, name: str
) -> None:
    before = {path for path in tmp_path.rglob("*") if "media" not in path.parts}
    body = send(as_role("uploader"), name=name).json()
    assert "/" not in body["name"]
    assert body["name"].isprintable()
    after = {path for path in tmp_path.rglob("*") if "media" not in path.parts}
    assert after - before <= {tmp_path / f"callmon.db{end}" for end in ("-wal", "-shm")}
