"""How far an analysis is, as server-sent events."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn

from callmon.review.app import create_app
from callmon.review.recordings import following
from callmon.review.site import Site
from callmon.store.calls import recordings
from callmon.store.work import runs
from tests.integration.review.conftest import AddRecording, AsRole, add_key

SOON = 0.02


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "EVERY", SOON)


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    """A real server: the test client reads a stream only when it is whole."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(site), log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    site.ending.set()
    server.should_exit = True
    thread.join(20)
    listener.close()
    assert not thread.is_alive()


@pytest.fixture
def key(site: Site) -> dict[str, str]:
    return {"Authorization": f"Bearer {add_key(site, role='reviewer')}"}


def events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    """Each event's name and data."""
    name = "message"
    for line in lines:
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])
            name = "message"


def test_what_is_done_is_told_once_and_the_stream_ends(
    as_role: AsRole, recording: AddRecording
) -> None:
    recording_id = recording()
    answer = as_role("reviewer").get(f"/v1/progress?recording_id={recording_id}")
    (first, last) = events(iter(answer.text.splitlines()))

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["x-accel-buffering"] == "no"
    assert first[1]["id"] == recording_id
    assert first[1]["state"] == "done"
    assert last == ("end", {})


def test_an_analysis_is_followed_until_it_is_done(
    address: str, key: dict[str, str], site: Site, recording: AddRecording
) -> None:
    recording_id = recording(analysed=False)
    path = f"{address}/v1/progress?recording_id={recording_id}"
    with httpx.stream("GET", path, headers=key, timeout=10) as answer:
        told = events(answer.iter_lines())
        assert next(told)[1]["state"] == "queued"
        with site.database.writing() as connection:
            runs.begin(connection, recording_id, 1, worker="test", at=site.now())
        assert next(told)[1]["state"] == "analysing"
        with site.database.writing() as connection:
            runs.fail(
                connection,
                recording_id,
                1,
                error="It has no sound.",
                kind="permanent",
                at=site.now(),
            )
        name, data = next(told)
        assert (name, data["state"], data["error"]) == (
            "message",
            "failed",
            "It has no sound.",
        )
        assert next(told) == ("end", {})
        assert list(told) == []


def test_many_are_followed_at_once_and_what_is_deleted_is_gone(
    address: str, key: dict[str, str], site: Site, recording: AddRecording
) -> None:
    done, waiting = recording(), recording(analysed=False)
    path = f"{address}/v1/progress?recording_id={done}&recording_id={waiting}"
    with httpx.stream("GET", path, headers=key, timeout=10) as answer:
        told = events(answer.iter_lines())
        assert {next(told)[1]["id"], next(told)[1]["id"]} == {done, waiting}
        with site.database.writing() as connection:
            recordings.delete_recording(connection, waiting, who="test", at=site.now())
        assert next(told) == ("gone", {"id": waiting})
        assert next(told) == ("end", {})


def test_only_what_one_sees_is_followed(as_role: AsRole, recording: AddRecording) -> None:
    theirs, other = recording(team="billing"), recording(team="sales")
    client = as_role("reviewer", teams={"billing"})
    path = f"/v1/progress?recording_id={theirs}&recording_id={other}"

    assert client.get(f"/v1/progress?recording_id={theirs}").status_code == 200
    assert client.get(path).status_code == 404
    assert client.get("/v1/progress").status_code == 422
    many = "&".join(f"recording_id={n}" for n in range(following.MOST + 1))
    assert client.get(f"/v1/progress?{many}").status_code == 422


def test_one_person_has_so_many_streams_and_gets_their_places_back(
    address: str, key: dict[str, str], site: Site, recording: AddRecording
) -> None:
    path = f"{address}/v1/progress?recording_id={recording(analysed=False)}"

    async def open_some() -> int:
        async with httpx.AsyncClient(headers=key, timeout=10) as client:
            opened = [
                await client.send(client.build_request("GET", path), stream=True)
                for _ in range(following.AT_ONCE + 1)
            ]
            assert [each.status_code for each in opened[:-1]] == [200] * following.AT_ONCE
            for each in opened:
                await each.aclose()
            return opened[-1].status_code

    assert asyncio.run(open_some()) == 429
    for _ in range(200):
        with httpx.stream("GET", path, headers=key, timeout=10) as again:
            if again.status_code == 200:
                break
        time.sleep(SOON)
    assert again.status_code == 200


def test_streams_end_when_the_service_does(
    address: str, key: dict[str, str], site: Site, recording: AddRecording
) -> None:
    path = f"{address}/v1/progress?recording_id={recording(analysed=False)}"
    with httpx.stream("GET", path, headers=key, timeout=10) as answer:
        lines = answer.iter_lines()
        told = events(lines)
        assert next(told)[1]["state"] == "queued"
        site.ending.set()
        assert list(told) == []


def test_a_stream_does_not_last_for_ever(
    as_role: AsRole, recording: AddRecording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LONGEST", 3 * SOON)
    answer = as_role("reviewer").get(
        f"/v1/progress?recording_id={recording(analysed=False)}"
    )

    # Without `end`: who still wants to know asks again.
    assert [name for name, _ in events(iter(answer.text.splitlines()))] == ["message"]
    assert "retry: " in answer.text
