"""A cursor that somebody made up tells nothing, and the true ones hold."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from callmon.review.app import create_app
from callmon.review.sealing import Seal
from callmon.review.site import Site
from callmon.store.calls import recordings
from callmon.store.database import Database
from callmon.store.media import Media
from callmon.store.tables.calls import commitments
from tests.integration.review.conftest import (
    NOW,
    AddRecording,
    AsRole,
    Clock,
    FakeQueue,
    add_key,
    add_recording,
)
from tests.integration.review.made import make_analysis, make_finding


def packed(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


FINDINGS = tuple(make_finding(number) for number in (1, 2, 3))


@pytest.fixture
def call(recording: AddRecording) -> str:
    return recording(team="north", analysis=make_analysis(findings=FINDINGS))


def test_a_made_up_cursor_of_findings_is_refused_whatever_it_names(
    call: str, as_role: AsRole
) -> None:
    reviewer = as_role("reviewer", teams={"south"})
    made_up = (
        "x",
        "",
        "W10",
        packed("open", f"{call}-1-f1"),
        packed("open", "0" * 16 + "-1-f1"),
        packed("open", "high", 0.5, f"{call}-1-f1"),
        base64.urlsafe_b64encode(bytes(200)).decode(),
    )
    answers = [
        reviewer.get("/v1/findings", params={"cursor": cursor}) for cursor in made_up
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert len({answer.json()["detail"] for answer in answers}) == 1
    assert answers[0].json()["field"] == "cursor"


def test_a_cursor_of_findings_cannot_be_read_and_holds_for_one_person(
    call: str, as_role: AsRole
) -> None:
    reviewer, other = as_role("reviewer"), as_role("reviewer")
    first = reviewer.get("/v1/findings?limit=1").json()
    second = reviewer.get("/v1/findings?limit=1&severity=medium").json()

    opened = base64.urlsafe_b64decode(first["next"] + "==")
    assert b"medium" not in opened
    assert call.encode() not in opened
    assert len(first["next"]) == len(second["next"])
    assert first["next"] != second["next"], "the nonce is another one each time"
    assert reviewer.get(f"/v1/findings?cursor={first['next']}").status_code == 200
    assert other.get(f"/v1/findings?cursor={first['next']}").status_code == 422
    changed = first["next"][:-3] + ("AAA" if first["next"][-3:] != "AAA" else "BBB")
    assert reviewer.get(f"/v1/findings?cursor={changed}").status_code == 422


def test_a_page_goes_on_where_its_last_finding_was_deleted(
    call: str, recording: AddRecording, as_role: AsRole, site: Site
) -> None:
    grave = make_analysis(findings=(make_finding(severity="high"),))
    gone = recording(team="north", analysis=grave)
    reviewer = as_role("reviewer")
    first = reviewer.get("/v1/findings?limit=1").json()
    assert first["items"][0]["recording_id"] == gone

    with site.database.writing() as connection:
        recordings.delete_recording(connection, gone, who="me", at=NOW)
    rest = reviewer.get(f"/v1/findings?cursor={first['next']}").json()

    assert {item["recording_id"] for item in rest["items"]} == {call}
    assert len(rest["items"]) == 3


@pytest.mark.parametrize(
    ("path", "there", "nowhere"),
    [
        ("/v1/keys", ("ID",), ("f" * 12,)),
        ("/v1/promises", ("2026-11-20", "PROMISE"), ("2026-11-20", "nothing")),
        ("/v1/audit", (1,), (10**9,)),
        ("/v1/privacy/holds", ("CALL",), ("f" * 16,)),
    ],
)
def test_a_cursor_is_never_looked_up(
    path: str, there: tuple[object, ...], nowhere: tuple[object, ...], as_role: AsRole
) -> None:
    admin = as_role("admin")
    answers = [admin.get(path, params={"cursor": packed(*it)}) for it in (there, nowhere)]
    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize("day", ["", "soon", "2026-13-01", "0000-01-01"])
def test_a_cursor_of_promises_with_no_day_is_refused(day: str, as_role: AsRole) -> None:
    query = {"cursor": packed(day, "x")}
    answer = as_role("reviewer").get("/v1/promises", params=query)
    assert (answer.status_code, answer.json()["field"]) == (422, "cursor")


def test_pages_go_on_on_both_databases(database: Database, tmp_path: Path) -> None:
    site = Site(
        database=database,
        media=Media.open(str(tmp_path)),
        queue=FakeQueue(),  # type: ignore[arg-type]
        now=Clock(),
    )
    for number in range(4):
        add_recording(site, number, analysis=make_analysis(findings=FINDINGS))
    client = TestClient(create_app(site), base_url="https://testserver")
    client.headers["Authorization"] = f"Bearer {add_key(site, role='admin')}"

    for path, number in (("/v1/findings", 12), ("/v1/promises", 4), ("/v1/keys", 1)):
        seen, query = [], {"limit": "1" if number < 12 else "5"}
        while True:
            page = client.get(path, params=query).json()
            seen += [item["id"] for item in page["items"]]
            if page["next"] is None:
                break
            query["cursor"] = page["next"]
        assert len(seen) == len(set(seen)) == number
    with database.reading() as connection:
        assert len(connection.execute(select(commitments.c.id)).all()) == 4


def test_every_process_has_the_same_key(database: Database) -> None:
    with database.reading() as connection:
        closed = Seal("cursors").close(connection, b"words", about="a list")
        other = Seal("cursors")
        opened = other.open(connection, closed, about="a list")
        assert opened is not None
        assert opened.rstrip() == b"words"
        assert other.open(connection, closed, about="another") is None
