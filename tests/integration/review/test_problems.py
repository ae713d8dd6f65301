"""Every error is a problem, and none tells more than it should."""

from __future__ import annotations

import json
import logging
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.testclient import TestClient

from callmon.errors import StoreUnavailable
from callmon.review import app as app_module
from callmon.review import envelope
from callmon.review.access.principal import Asking
from callmon.review.access.roles import allow, open_to_all
from callmon.review.app import create_app
from callmon.review.problems import KINDS
from callmon.review.site import Options, Site
from tests.integration.review.conftest import AsRole, Clock, add_key

odd = APIRouter()


class Thing(BaseModel):
    number: int
    words: list[str] = []


@odd.get("/defect")
def defect(asking: Annotated[Asking, Depends(allow("admin"))]) -> None:
    raise ValueError("the customer said 4711")


@odd.get("/outage", dependencies=[Depends(open_to_all)])
def outage() -> None:
    raise StoreUnavailable("The database does not work: the disk is full.")


@odd.post("/things", dependencies=[Depends(open_to_all)])
def things(thing: Thing) -> Thing:
    return thing


@pytest.fixture
def client(site: Site, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """An admin, of an app with routes that fail."""
    plain = app_module.routers()
    monkeypatch.setattr(app_module, "routers", lambda: [*plain, odd])
    client = TestClient(create_app(site), base_url="https://testserver")
    client.headers["Authorization"] = f"Bearer {add_key(site, role='admin')}"
    return client


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("GET", "/nothing", 404, "not-found"),
        ("GET", "/v1/nothing", 404, "not-found"),
        ("GET", "/v1/../../etc/passwd", 404, "not-found"),
        ("GET", "/v1/%2e%2e/%00", 404, "not-found"),
        ("DELETE", "/v1/me", 405, "method-not-allowed"),
        ("BREW", "/v1/me", 405, "method-not-allowed"),
        ("GET", "/v1/keys?limt=3", 422, "invalid-request"),
        ("GET", "/v1/keys?limit=0", 422, "invalid-request"),
        ("GET", "/v1/keys?cursor=x", 422, "invalid-request"),
        ("GET", "/v1/audit?who=%00", 422, "invalid-request"),
        ("GET", "/v1/audit?since=2026", 422, "invalid-request"),
        ("GET", "/v1/audit?since=0001-01-01T00:00:00%2B14:00", 422, "invalid-request"),
        ("DELETE", "/v1/keys/%00", 404, "not-found"),
        ("GET", "/v1/outage", 503, "not-ready"),
        ("GET", "/v1/defect", 500, "internal"),
    ],
)
def test_every_error_is_a_problem(
    client: TestClient, method: str, path: str, status: int, name: str
) -> None:
    response = client.request(method, path)
    body = response.json()
    assert response.status_code == status == body["status"]
    assert response.headers["content-type"] == "application/problem+json"
    assert body["type"] == f"/problems/{name}"
    assert body["request_id"] == response.headers["x-request-id"]
    assert body["detail"]


def test_a_defect_tells_the_client_nothing_and_the_log_where(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "callmon.review"):
        response = client.get("/v1/defect")
    assert "ValueError" not in response.text
    assert "4711" not in response.text
    fields = caplog.records[-1].fields  # type: ignore[attr-defined]
    assert fields["error"] == "ValueError"
    assert "test_problems.py" in fields["where"][-1]
    assert "4711" not in json.dumps(fields)


def test_an_outage_says_when_to_come_back(client: TestClient) -> None:
    assert int(client.get("/v1/outage").headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"number": "x"}, "number"),
        ({}, "number"),
        ({"number": 1, "words": ["a", 2]}, "words.1"),
        ([], "body"),
        (None, "body"),
    ],
)
def test_a_wrong_field_is_named(client: TestClient, body: object, field: str) -> None:
    refused = client.post("/v1/things", json=body)
    assert (refused.status_code, refused.json()["field"]) == (422, field)


def test_all_wrong_fields_are_named(client: TestClient) -> None:
    errors = client.post("/v1/things", json={"number": "x", "words": 3}).json()["errors"]
    assert [error["field"] for error in errors] == ["number", "words"]


@pytest.mark.parametrize(
    "body", [b"{", b"[" * 100_000, b"\xff\xfe", b'"', b'{"number": 1e999}', b"nul"]
)
def test_what_is_no_json_is_refused(client: TestClient, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    refused = client.post("/v1/things", content=body, headers=headers)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"


def test_a_parameter_with_a_slip_is_refused_with_those_that_work(
    client: TestClient,
) -> None:
    detail = client.get("/v1/keys?limt=3").json()["detail"]
    assert "'limt'" in detail
    assert "cursor, limit" in detail


def test_another_kind_of_body_is_refused(client: TestClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        headers = {"Content-Type": kind}
        refused = client.post("/v1/things", content=b"x=1", headers=headers)
        assert refused.status_code == 415


def test_another_method_is_told_of_those_that_work(client: TestClient) -> None:
    for kind in ("application/json", "multipart/form-data"):
        headers = {"Content-Type": kind}
        refused = client.patch("/v1/recordings", content=b"x", headers=headers)
        assert refused.status_code == 405
        assert refused.headers["Allow"] == "GET, POST"


def test_a_large_body_is_refused_by_its_length(client: TestClient) -> None:
    headers = {"Content-Type": "application/json"}
    refused = client.post("/v1/things", content=b"x" * (1 << 21), headers=headers)
    assert refused.status_code == 413


def test_a_large_body_without_a_length_is_refused_while_it_comes(
    client: TestClient,
) -> None:
    headers = {"Content-Type": "application/json"}
    blocks = (b" " * 65536 for _ in range(1000))
    refused = client.post("/v1/things", content=blocks, headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (413, "/problems/too-large")


@pytest.mark.parametrize("length", ["-1", "1e9", "99999999999999999999999999", "١"])
def test_a_length_that_is_none_does_no_harm(client: TestClient, length: str) -> None:
    headers = {"Content-Length": length.encode(), "Content-Type": "application/json"}
    answer = client.post("/v1/things", content=b"{}", headers=headers)
    assert answer.status_code in (400, 413, 422)


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_problem_has_a_page(nobody: TestClient, name: str) -> None:
    page = nobody.get(f"/problems/{name}")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")


def test_there_is_no_page_for_other_names(nobody: TestClient) -> None:
    assert nobody.get("/problems/<script>").status_code == 404


@pytest.mark.parametrize("path", ["/v1/me", "/nothing", "/healthz", "/v1/outage"])
def test_every_answer_has_safe_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Strict-Transport-Security"].startswith("max-age=")


def test_a_proxy_may_name_the_request(nobody: TestClient) -> None:
    given = nobody.get("/healthz", headers={"X-Request-ID": "abc-12345"})
    assert given.headers["X-Request-ID"] == "abc-12345"


@pytest.mark.parametrize("name", ["x", "a b c d e f", "x" * 65, 'a"b\\c{}<>'])
def test_an_odd_name_of_a_request_is_replaced(nobody: TestClient, name: str) -> None:
    given = nobody.get("/healthz", headers={"X-Request-ID": name})
    assert given.headers["X-Request-ID"] != name


def test_the_log_has_the_route_and_neither_query_nor_address(
    as_role: AsRole, caplog: pytest.LogCaptureFixture
) -> None:
    admin = as_role("admin")
    with caplog.at_level(logging.INFO, "callmon.review"):
        admin.get("/v1/keys/4711-customer?word=cancer")
        admin.get("/v1/audit?action=secret-word")
    fields = [record.fields for record in caplog.records]  # type: ignore[attr-defined]
    assert "4711" not in str(fields)
    assert "cancer" not in str(fields)
    assert "secret-word" not in str(fields)
    assert fields[-1]["route"] == "/v1/audit"
    assert fields[-1]["who"].startswith("key:")
    assert "Bearer" not in str(fields)


def test_a_route_that_says_not_who_may_use_it_stops_the_start(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    careless = APIRouter()
    careless.add_api_route("/careless", lambda: None, methods=["GET"], name="careless")
    monkeypatch.setattr(app_module, "routers", lambda: [careless])
    with pytest.raises(RuntimeError, match="/v1/careless"):
        create_app(site)


def test_a_crowd_is_told_to_come_back(
    nobody: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(envelope, "MOST_AT_ONCE", 0)
    answer = nobody.get("/healthz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    monkeypatch.setattr(envelope, "MOST_AT_ONCE", 1)
    assert nobody.get("/healthz").status_code == 200


class TestLimits:
    @pytest.fixture
    def options(self) -> Options:
        return Options(requests_per_minute=5)

    def test_one_key_has_its_share(self, as_role: AsRole) -> None:
        one, other = as_role("admin"), as_role("admin")
        assert [one.get("/v1/me").status_code for _ in range(6)] == [200] * 5 + [429]
        assert int(one.get("/v1/me").headers["Retry-After"]) > 0
        assert other.get("/v1/me").status_code == 200

    def test_an_address_that_tries_keys_has_to_wait(self, nobody: TestClient) -> None:
        answers = [
            nobody.get("/v1/me", headers={"Authorization": f"Bearer wrong{n}"}).status_code
            for n in range(25)
        ]
        assert answers == [401] * 20 + [429] * 5

    def test_a_right_key_from_there_still_works_once_it_was_seen(
        self, nobody: TestClient, as_role: AsRole
    ) -> None:
        admin = as_role("admin")
        admin.get("/v1/me")
        for n in range(25):
            nobody.get("/v1/me", headers={"Authorization": f"Bearer wrong{n}"})
        assert admin.get("/v1/me").status_code == 200

    def test_an_address_without_a_key_has_to_wait(self, nobody: TestClient) -> None:
        answers = [nobody.get("/v1/me").status_code for _ in range(125)]
        assert answers == [401] * 120 + [429] * 5


def test_the_document_is_whole(nobody: TestClient) -> None:
    document = nobody.get("/openapi.json").json()
    assert "ProblemView" in document["components"]["schemas"]
    assert set(document["components"]["securitySchemes"]) == {"key", "session"}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["operationId"].isidentifier(), (method, path)
            assert operation.get("description"), f"{method} {path} has no description"
            assert operation["tags"], (method, path)


def test_audit_lines_can_be_asked_for(as_role: AsRole, clock: Clock) -> None:
    admin = as_role("admin")
    admin.post("/v1/keys", json={"name": "x", "role": "admin"})
    clock.forward(hours=1)
    admin.post("/v1/keys", json={"name": "y", "role": "admin"})
    query = {"action": "key.made", "until": "2026-11-22T09:30:00Z"}
    assert len(admin.get("/v1/audit", params=query).json()["items"]) == 1
    read = admin.get("/v1/audit", params={"limit": 1}).json()
    assert read["items"][0]["action"] == "audit.read"
    more = admin.get("/v1/audit", params={"limit": 1, "cursor": read["next"]}).json()
    assert more["items"][0]["action"] == "key.made"
