from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from callmon.errors import StoreUnavailable
from callmon.review.app import create_app
from callmon.review.site import Options, Site
from callmon.store.work import workers
from tests.integration.review.conftest import AddRecording, AsRole, Clock


def beat(site: Site, state: workers.WorkerState = "working") -> None:
    with site.database.writing() as connection:
        workers.beat(connection, "w/1", host="h", pid=1, state=state, at=site.now())


def test_alive(nobody: TestClient) -> None:
    assert nobody.get("/healthz").json() == {"status": "ok"}


def test_ready_with_a_worker(nobody: TestClient, site: Site) -> None:
    beat(site)
    ready = nobody.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["checks"] == dict.fromkeys(
        ("database", "media", "queue", "worker"), "ok"
    )


def test_not_ready_without_a_worker(nobody: TestClient) -> None:
    answer = nobody.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/not-ready"
    assert answer.json()["checks"]["worker"] == "failed"
    assert answer.json()["checks"]["database"] == "ok"


def test_a_worker_that_is_silent_or_leaves_does_not_count(
    nobody: TestClient, site: Site, clock: Clock
) -> None:
    beat(site, "draining")
    assert nobody.get("/readyz").status_code == 503
    beat(site)
    clock.forward(minutes=3)
    assert nobody.get("/readyz").status_code == 503


@pytest.mark.parametrize("part", ["media", "queue"])
def test_not_ready_when_a_part_does_not_answer(site: Site, part: str) -> None:
    class Broken:
        def __getattr__(self, name: str) -> object:
            raise StoreUnavailable("It does not answer at secret.example.com.")

    beat(site)
    client = TestClient(create_app(replace(site, **{part: Broken()})))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"][part] == "failed"
    assert "secret" not in answer.text


class TestFullDisk:
    @pytest.fixture
    def options(self) -> Options:
        return Options(min_free_bytes=2**62)

    def test_not_ready_on_a_full_disk(self, nobody: TestClient, site: Site) -> None:
        beat(site)
        assert nobody.get("/readyz").json()["checks"]["media"] == "failed"


def test_metrics(
    as_role: AsRole, recording: AddRecording, site: Site, clock: Clock
) -> None:
    recording(agent="Ann Secret")
    recording(analysed=False)
    clock.forward(seconds=90)
    beat(site)
    client = as_role("uploader")
    client.get("/v1/me")
    text = client.get("/metrics").text
    lines = set(text.splitlines())
    assert 'callmon_recordings{state="done"} 1.0' in lines
    assert "callmon_queue_length 1.0" in lines
    assert "callmon_queue_age_seconds 90.0" in lines
    assert 'callmon_runs{state="done"} 1.0' in lines
    assert 'callmon_workers{state="working"} 1.0' in lines
    counted = 'callmon_requests_total{method="GET",route="/v1/me",status="200"} 1.0'
    assert counted in lines
    assert "Secret" not in text


def test_unknown_addresses_do_not_become_metrics(as_role: AsRole) -> None:
    client = as_role("uploader")
    client.get("/v1/4711")
    client.request("BREW4711", "/v1/me")
    assert "4711" not in client.get("/metrics").text
