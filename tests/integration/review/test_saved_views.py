"""Filters under a name: who keeps them, who sees them, who changes them."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from callmon.review import views
from tests.integration.review.conftest import AsRole


def keep(client: TestClient, **changes: Any) -> Any:
    body = {"page": "review", "name": "Grave", "query": "severity=high", **changes}
    return client.post("/v1/views", json=body)


def names(client: TestClient, **query: str) -> list[str]:
    return [each["name"] for each in client.get("/v1/views", params=query).json()["items"]]


def test_a_view_is_found_again_on_its_page(as_role: AsRole) -> None:
    reviewer = as_role("reviewer")
    kept = keep(reviewer)
    keep(reviewer, page="calls", name="Long ago", query="sort=held_at")

    assert kept.status_code == 201
    assert kept.json()["yours"]
    assert names(reviewer, page="review") == ["Grave"]
    assert names(reviewer) == ["Grave", "Long ago"]
    shown = reviewer.get("/review").text
    assert 'href="/review?severity=high"' in shown
    assert "Long ago" not in shown


def test_it_belongs_to_who_made_it(as_role: AsRole) -> None:
    view = keep(as_role("reviewer")).json()["id"]
    for other in (as_role("reviewer"), as_role("admin")):
        assert names(other) == []
        body = {"name": "Mine", "query": ""}
        assert other.put(f"/v1/views/{view}", json=body).status_code == 404
        assert other.delete(f"/v1/views/{view}").status_code == 404


def test_it_is_renamed_changed_and_deleted(as_role: AsRole) -> None:
    reviewer = as_role("reviewer")
    view = keep(reviewer).json()["id"]
    body = {"name": "Billing", "query": "team=billing&which=open"}
    changed = reviewer.put(f"/v1/views/{view}", json=body).json()

    assert (changed["name"], changed["query"]) == ("Billing", "team=billing")
    assert reviewer.delete(f"/v1/views/{view}").status_code == 204
    assert names(reviewer) == []
    assert reviewer.delete(f"/v1/views/{view}").status_code == 404


def test_a_name_is_there_once_on_a_page(as_role: AsRole) -> None:
    reviewer = as_role("reviewer")
    first = keep(reviewer).json()["id"]
    second = keep(reviewer, name="Low", query="severity=low").json()["id"]

    assert keep(reviewer, name=" Grave ").status_code == 409
    assert keep(reviewer, page="calls", query="").status_code == 201
    body = {"name": "Grave", "query": ""}
    assert reviewer.put(f"/v1/views/{second}", json=body).status_code == 409
    assert reviewer.put(f"/v1/views/{first}", json=body).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "severity=dreadful",
        "at=1",
        "agent=%00",
        f"agent={'a' * 201}",
        "text=refund",
        "round=x",
    ],
)
def test_only_filters_of_the_page_are_kept(as_role: AsRole, query: str) -> None:
    refused = keep(as_role("reviewer"), query=query)
    assert refused.status_code == 422
    assert refused.json()["field"]


def test_a_supervisor_shares_with_a_team_that_they_see(as_role: AsRole) -> None:
    supervisor = as_role("supervisor", teams={"billing"})
    assert keep(supervisor, team="claims").status_code == 422
    view = keep(supervisor, team="billing").json()["id"]
    theirs = as_role("reviewer", teams={"billing", "claims"})

    assert names(theirs) == ["Grave"]
    assert not theirs.get("/v1/views").json()["items"][0]["yours"]
    assert theirs.delete(f"/v1/views/{view}").status_code == 404
    assert names(as_role("reviewer", teams={"claims"})) == []
    assert names(as_role("reviewer")) == ["Grave"]
    assert keep(theirs, team="billing").status_code == 422
    assert as_role("admin").delete(f"/v1/views/{view}").status_code == 204


def test_nobody_fills_the_store(as_role: AsRole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST", 2)
    reviewer = as_role("reviewer")
    assert [keep(reviewer, name=str(n)).status_code for n in range(3)] == [201, 201, 409]


def test_names_are_harmless_on_the_page_and_stay_out_of_the_log(as_role: AsRole) -> None:
    admin = as_role("admin")
    keep(admin, name="<script>alert(1)</script>", query="agent=%22%3E%3Cb%3E")

    shown = admin.get("/review").text + admin.get("/views?page=review").text
    assert "<script>alert" not in shown
    assert '"><b>' not in shown
    (line,) = [e for e in admin.get("/v1/audit").json()["items"] if "view" in e["action"]]
    assert line["action"] == "view.saved"
    assert "script" not in str(line["detail"])
