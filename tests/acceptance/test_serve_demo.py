"""`callmon serve --demo`: every page has something to show."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from callmon.commands.demo import STAMP, demo_settings, page_of, stamp_of
from callmon.demo.filling import NOTICE
from callmon.samples import samples
from tests.acceptance.conftest import Run
from tests.acceptance.test_serve import Service, serving

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]

PAGES = {
    "ann": ("/calls", "/promises"),
    "rita": ("/review", "/review?assigned=me", "/calls", "/promises"),
    "sam": (
        *("/review", "/review?which=decided", "/review?which=all&disputed=yes"),
        *("/calls", "/calls?text=refund", "/promises", "/promises?state=kept"),
        *("/trends", "/trends?by=agent", "/trends/agent?name=Ann+Berger"),
        *("/trends/team?name=Service", "/calibration", "/calibration/rounds/new"),
        *("/calibration/rounds/1", "/fairness", "/upload"),
    ),
    "ada": (
        *("/review", "/calls?state=failed", "/audit", "/upload", "/settings/users"),
        *("/settings/keys", "/settings/webhooks", "/settings/retention"),
        "/settings/rubric",
    ),
}
"""Whose pages, and which."""


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory,
    sample_documents: dict[str, dict[str, Any]],
) -> Path:
    """As `callmon demo` leaves it, but for the sound."""
    made = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALLMON_DATA", str(made / "data"))
        patch.setenv("CALLMON_ASR", "demo")
        (made / STAMP).write_text(stamp_of(demo_settings(None)))
    for sample in samples():
        page = page_of(made, sample)
        page.with_suffix(".json").write_text(json.dumps(sample_documents[sample.name]))
        for ending in (".html", ".mp3", ".peaks"):
            page.with_suffix(ending).write_bytes(b"")
    return made


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Service]:
    with serving(folder, "--demo", str(folder), "--no-worker") as running:
        assert running.process.stdout is not None
        running.lines += [running.process.stdout.readline() for _ in range(2)]
        yield running


@pytest.fixture(scope="module")
def password(service: Service) -> str:
    found = re.search(r"password (\S+),", "".join(service.lines))
    assert found is not None
    return found[1]


@contextmanager
def signed_in(service: Service, login: str, password: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=service.url, timeout=60, follow_redirects=True) as client:
        answer = client.post("/v1/session", json={"login": login, "password": password})
        assert answer.status_code == 201
        yield client


@pytest.mark.parametrize(
    ("login", "path"), [(who, path) for who, paths in PAGES.items() for path in paths]
)
def test_a_page_shows_something_and_that_it_is_made_up(
    service: Service, password: str, login: str, path: str
) -> None:
    with signed_in(service, login, password) as client:
        answer = client.get(path)
    assert answer.status_code == 200
    assert NOTICE in answer.text
    assert 'class="empty"' not in answer.text


def test_the_link_signs_in_once(service: Service) -> None:
    link = re.search(r"/enter/\S+", "".join(service.lines))
    assert link is not None
    with httpx2.Client(base_url=service.url, follow_redirects=True) as client:
        assert client.get(link[0]).url.path == "/review"
        assert client.get("/v1/me").json()["name"] == "Ada Winter"
    with httpx2.Client(base_url=service.url) as another:
        assert another.get(link[0]).status_code == 404
        assert another.get("/v1/me").status_code == 401


def test_calls_open_with_their_transcript_and_findings_wait(
    service: Service, password: str
) -> None:
    with signed_in(service, "rita", password) as client:
        calls = client.get("/v1/recordings?state=done&limit=200").json()["items"]
        page = client.get(f"/calls/{calls[0]['id']}")
        waiting = client.get("/v1/findings?state=open&limit=200").json()["items"]
    assert len({call["name"] for call in calls}) > len(samples())
    assert 'class="turn' in page.text
    assert {finding["blind"] for finding in waiting} == {True, False}


def test_nothing_of_it_reaches_the_real_store(service: Service, folder: Path) -> None:
    assert service.process.poll() is None
    assert (folder / "store" / "callmon.db").is_file()
    assert not (folder / "data").exists()


def test_it_is_for_this_machine_alone(callmon: Run) -> None:
    refused = callmon("serve", "--demo", "--host", "0.0.0.0", "--port", "0")
    assert refused.returncode == 1
    assert "this machine alone" in refused.stderr


def test_a_store_that_is_none_of_ours_is_left_alone(callmon: Run, tmp_path: Path) -> None:
    theirs = tmp_path / "shop" / "store" / "callmon.db"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("calls")
    refused = callmon("serve", "--demo", tmp_path / "shop", "--port", "0")
    assert refused.returncode == 1
    assert "Name another folder" in refused.stderr
    assert theirs.read_text() == "calls"
