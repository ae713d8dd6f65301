from __future__ import annotations

import json
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from callmon.review.site import Site
from callmon.store.access import keys
from tests.integration.review.conftest import AsRole, Clock, add_key


def with_key(client: TestClient, text: str) -> TestClient:
    other = TestClient(client.app, base_url="https://testserver")
    other.headers["Authorization"] = f"Bearer {text}"
    return other


def test_a_key_is_shown_once(as_role: AsRole) -> None:
    admin = as_role("admin")
    made = admin.post("/v1/keys", json={"name": "phone system", "role": "uploader"})
    assert made.status_code == 201
    text = made.json()["key"]
    assert text.startswith(f"callmon_{made.json()['about']['id']}_")
    assert text.split("_", 2)[2] not in admin.get("/v1/keys").text


def test_the_database_has_no_secret(as_role: AsRole, site: Site) -> None:
    text = as_role("admin").post("/v1/keys", json={"name": "x", "role": "admin"}).json()
    with site.database.reading() as connection:
        found = keys.find(connection, text["about"]["id"])
    assert found is not None
    assert found[1].hash.startswith("$argon2id$")
    assert text["key"].split("_", 2)[2] not in found[1].hash


def test_a_key_works_with_its_role_and_teams(as_role: AsRole) -> None:
    admin = as_role("admin")
    new = {"name": "quality", "role": "reviewer", "teams": ["billing"]}
    made = admin.post("/v1/keys", json=new).json()
    me = with_key(admin, made["key"]).get("/v1/me").json()
    assert (me["role"], me["teams"]) == ("reviewer", ["billing"])


@pytest.mark.parametrize(
    ("new", "field"),
    [
        ({"name": "x"}, "role"),
        ({"name": "x", "role": "king"}, "role"),
        ({"name": "", "role": "admin"}, "name"),
        ({"name": "a\nb", "role": "admin"}, "name"),
        ({"name": "\ud800", "role": "admin"}, "name"),
        ({"name": "x", "role": "admin", "more": 1}, "more"),
        ({"name": "x", "role": "admin", "expires_at": "2026-12-01T00:00:00"}, "expires_at"),
        ({"name": "x", "role": "admin", "expires_at": "2020-01-01T00:00Z"}, "expires_at"),
        ({"name": "x", "role": "reviewer", "teams": ["x" * 201]}, "teams.0"),
    ],
)
def test_a_key_that_cannot_be_is_refused_by_its_field(
    as_role: AsRole, new: dict[str, object], field: str
) -> None:
    body, kind = json.dumps(new), {"Content-Type": "application/json"}
    refused = as_role("admin").post("/v1/keys", content=body, headers=kind)
    assert refused.status_code == 422
    assert refused.json()["field"] == field


def test_a_role_that_does_not_fit_its_reach_is_refused(as_role: AsRole) -> None:
    refused = as_role("admin").post("/v1/keys", json={"name": "x", "role": "agent"})
    assert refused.status_code == 422
    assert "the agent's name" in refused.json()["detail"]


def test_a_revoked_key_ends_at_once(as_role: AsRole) -> None:
    admin = as_role("admin")
    made = admin.post("/v1/keys", json={"name": "x", "role": "admin"}).json()
    other = with_key(admin, made["key"])
    assert other.get("/v1/me").status_code == 200
    revoked = admin.delete(f"/v1/keys/{made['about']['id']}")
    assert revoked.json()["revoked_at"] is not None
    assert other.get("/v1/me").status_code == 401


def test_a_key_expires(site: Site, nobody: TestClient, clock: Clock) -> None:
    text = add_key(site, role="admin", expires_at=clock.now + timedelta(hours=1))
    client = with_key(nobody, text)
    clock.forward(minutes=59)
    assert client.get("/v1/me").status_code == 200
    clock.forward(minutes=1)
    assert client.get("/v1/me").status_code == 401


def test_a_rotated_key_works_in_both_forms_for_some_hours(
    as_role: AsRole, clock: Clock
) -> None:
    admin = as_role("admin")
    first = admin.post("/v1/keys", json={"name": "x", "role": "admin"}).json()
    path = f"/v1/keys/{first['about']['id']}/rotate"
    second = admin.post(path, json={"overlap_hours": 2}).json()
    assert first["key"] != second["key"]
    old, new = with_key(admin, first["key"]), with_key(admin, second["key"])
    assert [c.get("/v1/me").status_code for c in (old, new)] == [200, 200]
    clock.forward(hours=2)
    assert [c.get("/v1/me").status_code for c in (old, new)] == [401, 200]


def test_a_revoked_key_is_not_rotated(as_role: AsRole) -> None:
    admin = as_role("admin")
    made = admin.post("/v1/keys", json={"name": "x", "role": "admin"}).json()
    path = f"/v1/keys/{made['about']['id']}"
    admin.delete(path)
    assert admin.post(f"{path}/rotate", json={}).status_code == 404


@pytest.mark.parametrize(
    "header",
    [
        "Bearer nonsense",
        "Bearer callmon_000000000000_secret",
        "Bearer " + "x" * 5000,
        "Bearer",
        "Bearer \xff",
        "Basic YTpi",
        "",
    ],
)
def test_what_is_no_key_is_nobody(nobody: TestClient, header: str) -> None:
    response = nobody.get("/v1/me", headers={"Authorization": header.encode("latin-1")})
    assert response.status_code == 401


def test_keys_come_in_pages(as_role: AsRole) -> None:
    admin = as_role("admin")
    for number in range(4):
        admin.post("/v1/keys", json={"name": str(number), "role": "uploader"})
    found: list[str] = []
    cursor = None
    while True:
        query = {"limit": 2} if cursor is None else {"limit": 2, "cursor": cursor}
        page = admin.get("/v1/keys", params=query).json()
        found += [key["id"] for key in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(found) == len(set(found)) == 5
    assert found == sorted(found)


def test_the_use_of_a_key_is_noted(as_role: AsRole, clock: Clock) -> None:
    admin = as_role("admin")
    admin.get("/v1/me")
    clock.forward(minutes=30)
    used = admin.get("/v1/keys").json()["items"][0]["used_at"]
    assert used.startswith("2026-11-22T09:30")


def test_what_is_done_with_keys_is_audited_without_their_text(as_role: AsRole) -> None:
    admin = as_role("admin")
    made = admin.post("/v1/keys", json={"name": "x", "role": "admin"}).json()
    admin.post(f"/v1/keys/{made['about']['id']}/rotate", json={})
    admin.delete(f"/v1/keys/{made['about']['id']}")
    lines = admin.get("/v1/audit").json()["items"]
    assert [line["action"] for line in lines] == ["key.revoked", "key.rotated", "key.made"]
    assert made["key"].split("_", 2)[2] not in str(lines)
