"""The same API on SQLite and on PostgreSQL: one walk through access, audit and metrics."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from callmon.review.app import create_app
from callmon.review.site import Site
from callmon.store.database import Database
from callmon.store.media import Media
from tests.integration.review.conftest import Clock, FakeQueue, add_key

PASSWORD = "correct horse battery"


def test_access_audit_and_metrics(database: Database, tmp_path: Path) -> None:
    site = Site(
        database=database,
        media=Media.open(str(tmp_path)),
        queue=FakeQueue(),  # type: ignore[arg-type]
        now=Clock(),
    )
    client = TestClient(create_app(site), base_url="https://testserver")
    admin = {"Authorization": f"Bearer {add_key(site, role='admin')}"}

    made = client.post("/v1/keys", json={"name": "x", "role": "uploader"}, headers=admin)
    path = f"/v1/keys/{made.json()['about']['id']}"
    assert client.post(f"{path}/rotate", json={}, headers=admin).status_code == 200
    assert client.delete(path, headers=admin).status_code == 200
    assert len(client.get("/v1/keys?limit=1", headers=admin).json()["items"]) == 1

    user = {"login": "Ann", "name": "Ann", "role": "reviewer", "teams": ["a"]}
    user["password"] = PASSWORD
    assert client.post("/v1/users", json=user, headers=admin).status_code == 201
    wrong = {"login": "ann", "password": "wrong"}
    assert client.post("/v1/session", json=wrong).status_code == 401
    right = {"login": "ann", "password": PASSWORD}
    assert client.post("/v1/session", json=right).status_code == 201
    assert client.get("/v1/me").json()["teams"] == ["a"]

    lines = client.get("/v1/audit", params={"who": "nobody\U0001f600"}, headers=admin)
    assert lines.json()["items"] == []
    actions = client.get("/v1/audit", headers=admin).json()["items"]
    assert {"key.made", "key.rotated", "key.revoked", "session.begun"} <= {
        line["action"] for line in actions
    }
    for odd in ("%00", "%ff", "%ed%a0%80", "'; DROP TABLE keys;--", "../../etc/passwd"):
        assert client.delete(f"/v1/keys/{odd}", headers=admin).status_code in (404, 405)
        odd_query = client.get(f"/v1/audit?who={odd}", headers=admin)
        assert odd_query.status_code in (200, 422)
    assert "callmon_queue_length 0.0" in client.get("/metrics", headers=admin).text
    assert client.get("/readyz").json()["checks"]["database"] == "ok"
