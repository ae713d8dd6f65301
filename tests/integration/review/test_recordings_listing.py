"""Recordings are found, and only by those who may."""

from __future__ import annotations

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from callmon.review.site import Options, Site
from callmon.store.calls import recordings, search
from tests.integration.review.conftest import AddRecording, AsRole, Clock
from tests.integration.review.made import make_analysis


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["items"]]


@pytest.mark.parametrize("sort", ["-held_at", "held_at", "received", "-score", "score"])
def test_pages_show_each_recording_once(
    as_role: AsRole, recording: AddRecording, clock: Clock, sort: str
) -> None:
    for n in range(5):
        recording(analysis=make_analysis(outcome=("met", "missed")[n % 2]))
        clock.forward(hours=1)
    client = as_role("admin")
    whole = ids(client.get("/v1/recordings", params={"sort": sort}))
    seen: list[str] = []
    params = {"sort": sort, "limit": 2}
    while True:
        page = client.get("/v1/recordings", params=params).json()
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert seen == whole
    assert len(set(seen)) == 5


def test_a_page_goes_on_after_a_recording_that_was_deleted(
    as_role: AsRole, recording: AddRecording, clock: Clock, site: Site
) -> None:
    for _ in range(3):
        recording()
        clock.forward(hours=1)
    client = as_role("admin")
    whole = ids(client.get("/v1/recordings"))
    page = client.get("/v1/recordings", params={"limit": 1}).json()
    client.delete(f"/v1/recordings/{page['items'][0]['id']}")
    rest = client.get("/v1/recordings", params={"cursor": page["next"]})
    assert ids(rest) == whole[1:]


@pytest.mark.parametrize(
    ("params", "is_found"),
    [
        ({"state": "done"}, True),
        ({"state": ["failed", "queued"]}, False),
        ({"agent": "Ann"}, True),
        ({"agent": "Ann'--"}, False),
        ({"team": "billing", "queue": "sales"}, True),
        ({"since": "2026-11-18T00:00:00Z", "until": "2026-11-19T00:00:00Z"}, True),
        ({"until": "2026-11-18T00:00:00Z"}, False),
        ({"has_findings": True}, True),
        ({"max_score": 0.5}, True),
        ({"min_score": 0.5}, False),
        ({"text": "third parcel"}, True),
        ({"text": '"parcel third"'}, False),
        ({"text": "4111*"}, False),
        ({"label": "brand:north"}, True),
        ({"label": "brand"}, True),
        ({"label": "brand:south"}, False),
    ],
)
def test_filters(
    as_role: AsRole, recording: AddRecording, site: Site, params, is_found: bool
) -> None:
    recording_id = recording(
        agent="Ann",
        team="billing",
        queue="sales",
        labels={"brand": "north"},
        started="2026-11-18T14:00:00+01:00",
    )
    with site.database.writing() as connection:
        analysis_id = recordings.get(connection, recording_id).analysis
        words = "the third parcel [card number]"
        search.index(connection, recording_id, analysis_id=analysis_id, words=words)
    found = as_role("admin").get("/v1/recordings", params=params)
    assert ids(found) == ([recording_id] if is_found else [])


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"sort": "name"}, "sort"),
        ({"cursor": "x"}, "cursor"),
        ({"state": "gone"}, "state.0"),
        ({"text": "  !"}, "text"),
        ({"min_score": 2}, "min_score"),
        ({"since": "2026-11-18"}, "since"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_meant_is_refused(as_role: AsRole, params, field: str) -> None:
    answer = as_role("admin").get("/v1/recordings", params=params)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_a_cursor_of_another_order_is_refused(
    as_role: AsRole, recording: AddRecording
) -> None:
    recording()
    recording()
    client = as_role("admin")
    page = client.get("/v1/recordings", params={"limit": 1, "sort": "received"}).json()
    answer = client.get("/v1/recordings", params={"cursor": page["next"]})
    assert (answer.status_code, answer.json()["field"]) == (422, "cursor")


def test_everybody_sees_their_own(as_role: AsRole, recording: AddRecording) -> None:
    billing, sales = recording(team="billing"), recording(team="sales", agent="Ann")
    assert set(ids(as_role("admin").get("/v1/recordings"))) == {billing, sales}
    assert ids(as_role("reviewer", teams={"sales"}).get("/v1/recordings")) == [sales]
    for client in (as_role("uploader"), as_role("agent", agent="Ann")):
        assert ids(client.get("/v1/recordings")) == []
        assert client.get(f"/v1/recordings/{sales}").status_code == 404


def statements(site: Site, client: TestClient, path: str) -> int:
    """How many the database gets for a page."""
    asked: list[object] = []

    def note(*of_statement: object) -> None:
        asked.append(of_statement)

    event.listen(site.database._engine, "before_cursor_execute", note)
    assert client.get(path).status_code == 200
    event.remove(site.database._engine, "before_cursor_execute", note)
    return len(asked)


@pytest.mark.parametrize("path", ["/v1/recordings", "/calls"])
def test_more_recordings_are_no_more_questions(
    as_role: AsRole, recording: AddRecording, site: Site, path: str
) -> None:
    reviewer = as_role("reviewer")
    recording()
    statements(site, reviewer, path)
    with_one = statements(site, reviewer, path)
    for _ in range(4):
        recording()

    assert statements(site, reviewer, path) == with_one


class TestBlindFirst:
    @pytest.fixture
    def options(self) -> Options:
        return Options(blind_first=True)

    def test_a_reviewer_learns_nothing_before_they_judge(
        self, as_role: AsRole, recording: AddRecording
    ) -> None:
        recording_id = recording()
        reviewer, admin = as_role("reviewer"), as_role("admin")
        (item,) = reviewer.get("/v1/recordings").json()["items"]
        assert (item["score"], item["findings"]) == (None, None)
        (item,) = admin.get("/v1/recordings").json()["items"]
        assert (item["score"], item["findings"]) == (0.0, 1)
        for params in ({"has_findings": True}, {"max_score": 0.5}, {"sort": "score"}):
            assert reviewer.get("/v1/recordings", params=params).status_code == 422
        analysis = reviewer.get(f"/v1/recordings/{recording_id}/analysis").json()
        assert (analysis["findings"], analysis["outcomes"]) == ([], [])
        page = reviewer.get(f"/v1/recordings/{recording_id}/report.html").text
        assert "asked for the customer number" not in page

        (finding,) = reviewer.get("/v1/findings").json()["items"]
        judged = reviewer.post(
            f"/v1/findings/{finding['id']}/verdicts",
            json={"kind": "missed_empathy"},
        )
        assert judged.status_code == 201, judged.text
        (item,) = reviewer.get("/v1/recordings").json()["items"]
        assert (item["score"], item["findings"]) == (0.0, 1)
