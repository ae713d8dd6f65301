"""The pages as the server writes them."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from callmon.review.access.cookies import csrf_of
from callmon.review.access.secrets import hash_password, new_id
from callmon.review.pages import call
from callmon.review.pages.rendering import STATIC
from callmon.review.site import Options, Site
from callmon.store.access import users
from callmon.store.access.standing import Standing
from callmon.store.tables.access import users as users_table
from tests.integration.review.conftest import AddRecording, AsRole
from tests.integration.review.made import make_analysis, make_finding
from tests.unit.report import sample

HOSTILE = '"><script>alert(1)</script>\x1b[31m\u202e'


def sign_in(client: TestClient, site: Site, *, name: str = "Rita") -> None:
    with site.database.writing() as connection:
        users.add(
            connection,
            id=new_id(),
            login="rita",
            name=name,
            hash=hash_password("correct horse battery"),
            standing=Standing(role="reviewer", teams=None, agent=None),
            made_by="test",
            at=site.now(),
        )
    credentials = {"login": "rita", "password": "correct horse battery"}
    assert client.post("/v1/session", json=credentials).status_code == 201


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(nobody: TestClient) -> None:
    answer = nobody.get("/review?severity=high", follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?then=/review%3Fseverity%3Dhigh"


def test_a_part_of_a_page_leads_the_whole_page_to_sign_in(nobody: TestClient) -> None:
    answer = nobody.get("/review/more", headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/sign-in?then=/"


@pytest.mark.parametrize("then", ["//elsewhere.example", "https://elsewhere.example", "x"])
def test_sign_in_leads_nowhere_else(nobody: TestClient, then: str) -> None:
    answer = nobody.get("/sign-in", params={"then": then})

    assert answer.status_code == 422
    assert 'data-then="' not in answer.text


@pytest.mark.parametrize(
    ("role", "home"),
    [
        ("reviewer", "/review"),
        ("supervisor", "/review"),
        ("admin", "/review"),
        ("agent", "/calls"),
        ("uploader", "/calls"),
    ],
)
def test_everybody_begins_at_a_page_of_theirs(
    as_role: AsRole, role: str, home: str
) -> None:
    client = as_role(role)
    answer = client.get("/", follow_redirects=False)

    assert answer.headers["location"] == home
    assert client.get(home).status_code == 200


@pytest.mark.parametrize(
    ("role", "missing"),
    [("reviewer", "/upload"), ("agent", "/review"), ("uploader", "/review")],
)
def test_a_page_of_others_is_neither_linked_nor_shown(
    as_role: AsRole, role: str, missing: str
) -> None:
    client = as_role(role)
    refused = client.get(missing)

    assert f'href="{missing}"' not in client.get("/calls").text
    assert refused.status_code == 403
    assert "This is not for your role" in refused.text
    assert refused.headers["content-type"].startswith("text/html")


def test_pages_run_nothing_but_our_own_files(as_role: AsRole) -> None:
    answer = as_role("reviewer").get("/review")
    policy = answer.headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "://" not in policy
    assert re.search(r"<[^>]+\son\w+=", answer.text) is None
    assert re.search(r"<[^>]+\sstyle=", answer.text) is None
    assert (
        re.search(r"<script(?![^>]*\ssrc=)(?! type=\"application/json\")", answer.text)
        is None
    )
    assert re.search(r"(src|href)=\"(https?:)?//", answer.text) is None


def test_two_answers_have_two_nonces(as_role: AsRole) -> None:
    client = as_role("reviewer")
    first, second = (
        client.get("/review").headers["content-security-policy"] for _ in range(2)
    )

    assert first != second


def test_the_page_of_a_session_has_its_token_for_changes(
    nobody: TestClient, site: Site
) -> None:
    sign_in(nobody, site)
    token = nobody.cookies["__Host-callmon"]

    assert f'content="{csrf_of(token)}"' in nobody.get("/calls").text


def test_what_people_and_recordings_are_called_is_shown_and_does_nothing(
    nobody: TestClient, site: Site, recording: AddRecording
) -> None:
    sign_in(nobody, site, name=HOSTILE)
    analysis = make_analysis(turns=(("agent", HOSTILE), ("customer", HOSTILE)) * 3)
    recording_id = recording(agent=HOSTILE, team=HOSTILE, queue=HOSTILE, analysis=analysis)
    finding = nobody.get("/v1/findings").json()["items"][0]["id"]

    for path in (
        "/review",
        "/calls",
        f"/calls/{recording_id}",
        f"/calls/{recording_id}/turns?first=0",
        f"/review/card/{finding}",
        f"/review/history/{finding}",
    ):
        answer = nobody.get(path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.text
        assert "\x1b" not in answer.text
        assert "\u202e" not in answer.text


def test_the_queue_shows_the_strongest_and_least_certain_first(
    as_role: AsRole, recording: AddRecording
) -> None:
    recording(analysis=sample.analysis())
    client = as_role("reviewer")
    shown = re.findall(r'class="item" [^>]*data-id="([^"]+)"', client.get("/review").text)

    assert shown == [each["id"] for each in client.get("/v1/findings").json()["items"]]


def test_filters_are_those_of_the_queue(as_role: AsRole, recording: AddRecording) -> None:
    recording(agent="Ann")
    client = as_role("reviewer")

    assert client.get("/review?agent=Ann").text.count('class="item"') == 1
    assert client.get("/review?agent=Ben&kind=&severity=").text.count('class="item"') == 0
    refused = client.get("/review?severity=worst")
    assert refused.status_code == 422
    assert "high, medium, low would work" in refused.text


@pytest.mark.parametrize("path", ["/calls", "/review"])
def test_calls_of_some_days_are_chosen(
    as_role: AsRole, recording: AddRecording, path: str
) -> None:
    recording(agent="Ann", started="2026-10-01T09:00:00Z")
    recording(agent="Bea", started="2026-10-02T09:00:00Z")
    client = as_role("reviewer")

    def told(**days: str) -> str:
        answer = client.get(path, params=days)
        assert answer.status_code == 200
        return answer.text

    since = told(since="2026-10-02T00:00:00+01:00")
    until = told(until="2026-10-02T00:00:00Z")
    refused = client.get(path, params={"since": "yesterday"})

    assert ("Bea" in since, "Ann" in since) == (True, False)
    assert ("Bea" in until, "Ann" in until) == (False, True)
    assert 'name="until" value="2026-10-02T00:00:00Z"' in until
    assert refused.status_code == 422
    assert "2026-11-22T09:00:00Z would work" in refused.text
    kept = client.post(
        "/v1/views",
        json={"page": path[1:], "name": "October", "query": "since=2026-10-01T00:00:00Z"},
    ).json()
    assert kept["query"] == "since=2026-10-01T00%3A00%3A00Z"


class TestJudgingFirst:
    @pytest.fixture
    def options(self) -> Options:
        return Options(blind_first=True)

    def test_nothing_is_asked_by_what_is_hidden(
        self, as_role: AsRole, recording: AddRecording
    ) -> None:
        recording()
        blind, seeing = as_role("reviewer"), as_role("supervisor")

        assert 'name="severity"' not in blind.get("/review").text
        assert 'name="kind"' not in blind.get("/review").text
        assert 'name="severity"' in seeing.get("/review").text
        assert "Medium" not in blind.get("/review/counts").text
        assert "Decided" in blind.get("/review/counts").text
        assert "Medium" in seeing.get("/review/counts").text


def test_a_long_queue_comes_in_parts(as_role: AsRole, recording: AddRecording) -> None:
    for _ in range(32):
        recording()
    client = as_role("reviewer")
    first = client.get("/review").text
    more = re.search(r'hx-get="(/review/more[^"]+)"', first)
    assert more is not None
    second = client.get(more[1].replace("&amp;", "&")).text

    assert first.count('class="item"') == 30
    assert second.count('class="item"') == 2
    assert "<html" not in second


def test_the_pace_counts_what_was_decided_and_not_what_was_unsure(
    as_role: AsRole, recording: AddRecording
) -> None:
    for _ in range(3):
        recording()
    client = as_role("reviewer")
    ids = [each["id"] for each in client.get("/v1/findings").json()["items"]]
    for finding, verdict, seconds in zip(
        ids, ("agree", "disagree", "unsure"), (60, 120, 900), strict=True
    ):
        given = {"verdict": verdict, "seconds": seconds}
        answer = client.post(f"/v1/findings/{finding}/verdicts", json=given)
        assert answer.status_code == 201

    shown = client.get("/review/pace").text
    assert "<strong>2</strong> decided" in shown
    assert "<strong>1.5</strong> min each" in shown


def test_an_empty_queue_says_what_to_do(as_role: AsRole) -> None:
    assert "All is reviewed" in as_role("reviewer").get("/review").text
    assert "No calls yet" in as_role("admin").get("/calls").text


def test_a_long_talk_comes_in_parts(as_role: AsRole, recording: AddRecording) -> None:
    talk = (("agent", "And then?"), ("customer", "And then this.")) * 60
    recording_id = recording(analysis=make_analysis(turns=talk))
    client = as_role("reviewer")
    page = client.get(f"/calls/{recording_id}").text
    rest = client.get(f"/calls/{recording_id}/turns?first=80").text

    assert len(re.findall(r'id="turn-\d+"', page)) == 80
    assert f'data-more="/calls/{recording_id}/turns?first=80"' in page
    assert len(re.findall(r'id="turn-\d+"', rest)) == 40
    assert "data-more" not in rest


def test_all_findings_of_a_call_are_shown(
    as_role: AsRole, recording: AddRecording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call, "AT_ONCE", 2)
    findings = tuple(make_finding(n) for n in range(1, 6))
    recording_id = recording(analysis=make_analysis(findings=findings))

    page = as_role("reviewer").get(f"/calls/{recording_id}").text

    assert len(re.findall(r'class="item finding-item"', page)) == 5


@pytest.mark.parametrize("part", ["", "/turns?first=0"])
def test_reading_a_call_is_noted(
    as_role: AsRole, recording: AddRecording, part: str
) -> None:
    recording_id = recording()
    as_role("reviewer").get(f"/calls/{recording_id}{part}")
    lines = as_role("admin").get("/v1/audit").json()["items"]

    assert any(
        (line["action"], line["recording_id"]) == ("analysis.read", recording_id)
        for line in lines
    )


def test_a_call_that_is_not_analysed_says_so(
    as_role: AsRole, recording: AddRecording
) -> None:
    page = as_role("admin").get(f"/calls/{recording(analysed=False)}").text

    assert "Waiting" in page
    assert 'id="timeline"' not in page


def test_a_talk_without_sound_is_shown_without_a_player(
    as_role: AsRole, recording: AddRecording
) -> None:
    page = as_role("reviewer").get(f"/calls/{recording(analysis=sample.chat())}").text

    assert 'id="turn-0"' in page
    assert 'id="sound"' not in page


def test_a_call_of_another_team_is_not_there(
    as_role: AsRole, recording: AddRecording
) -> None:
    recording_id = recording(team="sales")
    answer = as_role("reviewer", teams={"billing"}).get(f"/calls/{recording_id}")

    assert answer.status_code == 404
    assert "There is no such thing" in answer.text


def test_files_are_kept_for_good_by_their_content_and_no_other_file_is_served(
    nobody: TestClient,
) -> None:
    page = nobody.get("/sign-in").text
    style = re.search(r'href="(/static/app\.css\?v=[0-9a-f]{12})"', page)
    assert style is not None

    assert "immutable" in nobody.get(style[1]).headers["cache-control"]
    assert nobody.get("/static/app.css").headers["cache-control"] == "no-cache"
    assert nobody.get("/static/..%2fapp.py").status_code == 404


def test_scripts_are_plain_files_that_make_no_code_of_text() -> None:
    for script in STATIC.glob("*.js"):
        text = script.read_text()
        assert "eval(" not in text, script.name
        assert "new Function" not in text, script.name
        assert "document.write" not in text, script.name


def test_promises_are_told_with_their_day_and_who_may_settle_them(
    as_role: AsRole, recording: AddRecording
) -> None:
    recording(agent="Ann")
    page = as_role("reviewer").get("/promises").text

    assert "I will send it again by Friday." in page
    assert "27 November 2026" in page
    assert 'data-mark="kept"' in page
    assert "No promise" in as_role("reviewer").get("/promises?state=kept").text


def test_calibration_tells_what_reviewers_said_with_intervals(
    as_role: AsRole, recording: AddRecording
) -> None:
    for _ in range(4):
        recording()
    reviewer = as_role("reviewer")
    for number, each in enumerate(reviewer.get("/v1/findings").json()["items"]):
        verdict = "agree" if number else "disagree"
        path = f"/v1/findings/{each['id']}/verdicts"
        assert reviewer.post(path, json={"verdict": verdict}).status_code == 201
    page = as_role("supervisor").get("/calibration").text

    assert "<strong>75 %</strong>" in page
    assert "30 % to 95 %" in page
    assert "The feeling was not met" in page
    assert "test reviewer (key)" in page


def test_trends_are_by_name_and_say_nothing_of_few_moments(
    as_role: AsRole, recording: AddRecording
) -> None:
    for number in range(41):
        recording(agent="Ben" if number else "Ann", team="billing")
    page = as_role("supervisor").get("/trends?by=agent").text

    assert ">Ben</a></h2>" in page
    assert "Ann" not in page
    assert "1 group with fewer than 20 moments is left out" in page


class TestBlindFirst:
    """Where reviewers judge before they see what the machine says."""

    @pytest.fixture
    def options(self) -> Options:
        return Options(blind_first=True)

    def test_no_page_tells_what_the_machine_says(
        self, as_role: AsRole, recording: AddRecording
    ) -> None:
        recording_id = recording()
        client = as_role("reviewer")
        finding = client.get("/v1/findings").json()["items"][0]["id"]
        card = client.get(f"/review/card/{finding}").text

        for text in (client.get("/review").text, client.get(f"/calls/{recording_id}").text):
            assert "What do you hear here?" in text
            assert "asked for the customer number" not in text
            assert "severity-medium" not in text
        assert 'data-blind="yes"' in card
        assert "would have met it" not in card
        assert f"/calls/{recording_id}" not in card

    def test_after_the_verdict_it_is_shown(
        self, as_role: AsRole, recording: AddRecording
    ) -> None:
        recording()
        client = as_role("reviewer")
        finding = client.get("/v1/findings").json()["items"][0]["id"]
        given = client.post(
            f"/v1/findings/{finding}/verdicts", json={"kind": "missed_empathy"}
        )
        shown = client.get(f"/review/card/{given.json()['finding']['id']}").text

        assert "would have met it" in shown


def test_who_has_no_password_is_told_where_it_is_changed(
    as_role: AsRole, nobody: TestClient, site: Site
) -> None:
    assert "A key has no password" in as_role("reviewer").get("/password").text
    sign_in(nobody, site)
    with_one = nobody.get("/password").text
    with site.database.writing() as connection:
        connection.execute(update(users_table).values(hash=None))
    without = nobody.get("/password").text

    assert 'href="/password"' in with_one
    assert "Current password" in with_one
    assert "Current password" not in without
    assert "you sign in by single sign-on" in without
