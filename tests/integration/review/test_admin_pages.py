"""Fairness, settings and audit, as the server writes them."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from starlette.testclient import TestClient

import callmon
from callmon.review.access.secrets import new_id
from callmon.review.pages.fairness import points
from callmon.review.site import Options, Site
from callmon.store.access import audit, users
from callmon.store.access.audit import ACTIONS
from callmon.store.access.standing import Role, Standing
from callmon.store.keeping.removals import Part
from callmon.store.webhooks import targets
from tests.integration.review.conftest import NOW, AddRecording, AsRole, Clock, add_key
from tests.integration.review.test_fairness import make_call

HOSTILE = '"><script>alert(1)</script>\u202e'

PAGES = (
    "/fairness",
    "/audit",
    "/settings/keys",
    "/settings/users",
    "/settings/webhooks",
    "/settings/retention",
    "/settings/rubric",
)


def add_user(site: Site, *, name: str = "Ben", **standing: Any) -> str:
    user_id = new_id()
    with site.database.writing() as connection:
        users.add(
            connection,
            id=user_id,
            login=user_id,
            name=name,
            standing=Standing(**(standing or {"role": "reviewer"})),
            hash=None,
            made_by="test",
            at=site.now(),
        )
    return user_id


def add_webhook(site: Site, url: str = "https://example.com/in") -> str:
    with site.database.writing() as connection:
        made = targets.add(
            connection,
            id=new_id(),
            url=url,
            events=["recording.analyzed"],
            secret="whsec_",
            by="test",
            at=site.now(),
        )
    return made.id


@pytest.mark.parametrize(
    ("role", "there"),
    [
        ("admin", {"/fairness", "/audit", "/settings"}),
        ("supervisor", {"/fairness"}),
        ("reviewer", set()),
        ("agent", set()),
        ("uploader", set()),
    ],
)
def test_pages_are_linked_for_those_who_may_open_them(
    as_role: AsRole, role: Role, there: set[str]
) -> None:
    page = as_role(role).get("/calls").text

    for path in ("/fairness", "/audit", "/settings"):
        assert (f'href="{path}"' in page) == (path in there), path


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_service_has_a_page_that_says_what_to_do(
    as_role: AsRole, path: str
) -> None:
    answer = as_role("admin").get(path)

    assert answer.status_code == 200
    # No style and no script within the page, which the policy would refuse.
    assert re.search(r"<[^>]+\s(style|on\w+)=", answer.text) is None
    assert re.search(r"<script(?![^>]*\ssrc=)", answer.text) is None


def test_settings_begin_with_their_first_tab(as_role: AsRole) -> None:
    answer = as_role("admin").get("/settings", follow_redirects=False)

    assert answer.headers["location"] == "/settings/keys"
    page = as_role("admin").get("/settings/users").text
    assert '<a href="/settings/users" aria-current="page">Users</a>' in page


def test_all_teams_and_none_are_not_the_same(as_role: AsRole, site: Site) -> None:
    standings = {
        "all": ({"role": "reviewer"}, "all teams"),
        "none": ({"role": "reviewer", "teams": frozenset()}, "none"),
        "these": ({"role": "supervisor", "teams": frozenset({"a", "b"})}, "a, b"),
    }
    admin = as_role("admin")
    for chosen, (standing, told) in standings.items():
        user_id = add_user(site, name=f"sees {chosen}", **standing)
        page = admin.get(f"/settings/users/{user_id}").text
        choice = page[page.index('<select name="teams"') :].partition("</select>")[0]
        assert re.findall(r'value="(\w+)" selected', choice) == [chosen]
        row = admin.get("/settings/users").text.partition(f"sees {chosen}")[2]
        assert f'<td class="roomy">{told}</td>' in row.partition("</tr>")[0]


def test_hostile_names_are_shown_and_do_nothing(
    as_role: AsRole, site: Site, recording: AddRecording
) -> None:
    admin = as_role("admin")
    made = admin.post("/v1/keys", json={"name": HOSTILE, "role": "uploader"})
    assert made.status_code == 201
    user = add_user(site, name=HOSTILE, role="reviewer", teams=frozenset({HOSTILE}))
    call = recording(agent=HOSTILE)
    held = admin.put(f"/v1/recordings/{call}/hold", json={"reason": HOSTILE})
    assert held.status_code == 200
    for _ in range(20):
        recording(team=HOSTILE, analysis=make_call(flagged=True))

    for path in (*PAGES, f"/settings/users/{user}", f"/fairness?label={HOSTILE}"):
        answer = admin.get(path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.text, path
        assert "\u202e" not in answer.text, path


def test_teams_of_an_account_stand_each_on_its_line(as_role: AsRole, site: Site) -> None:
    user = add_user(site, role="reviewer", teams=frozenset({"North", "The South"}))
    page = as_role("admin").get(f"/settings/users/{user}").text

    assert ">North&#10;The South</textarea>" in page


class TestKeys:
    def test_those_that_hold_no_more_are_apart(
        self, as_role: AsRole, site: Site, clock: Clock
    ) -> None:
        admin = as_role("admin")
        for name, days in (("Soon", 3), ("Later", 300)):
            ends = (NOW + timedelta(days=days)).isoformat()
            given = {"name": name, "role": "uploader", "expires_at": ends}
            assert admin.post("/v1/keys", json=given).status_code == 201
        revoked = admin.post("/v1/keys", json={"name": "Gone", "role": "uploader"}).json()
        admin.delete(f"/v1/keys/{revoked['about']['id']}")
        holding, ended = admin.get("/settings/keys").text.split('class="more-rows"')

        assert ">Soon</span>" in holding
        assert holding.count("state-warn") == 1
        assert "Gone" not in holding
        assert "1 key that no longer works" in ended
        assert "Revoke<" not in ended.partition("<dialog")[0]
        clock.forward(days=4)
        assert "2 keys that no longer work" in admin.get("/settings/keys").text

    def test_no_text_of_a_key_is_in_the_page(self, as_role: AsRole, site: Site) -> None:
        text = add_key(site, role="uploader")

        assert text not in as_role("admin").get("/settings/keys").text


class TestUsers:
    def test_nobody_is_offered_to_shut_themselves_out(
        self, nobody: TestClient, site: Site
    ) -> None:
        from callmon.review.access.secrets import hash_password

        password = "correct horse battery"
        with site.database.writing() as connection:
            users.add(
                connection,
                id="0" * 12,
                login="ada",
                name="Ada",
                standing=Standing(role="admin"),
                hash=hash_password(password),
                made_by="test",
                at=site.now(),
            )
        nobody.post("/v1/session", json={"login": "ada", "password": password})
        own = nobody.get(f"/settings/users/{'0' * 12}").text
        other = nobody.get(f"/settings/users/{add_user(site)}").text

        assert "another admin can" in own
        assert 'data-open="disable"' not in own
        assert 'data-open="disable"' in other

    def test_an_account_that_is_not_there_is_told_as_a_page(self, as_role: AsRole) -> None:
        answer = as_role("admin").get("/settings/users/none")

        assert answer.status_code == 404
        assert "There is no such thing" in answer.text

    def test_one_account_is_read_by_itself(self, as_role: AsRole, site: Site) -> None:
        user = add_user(site, name="Ben")
        read = as_role("admin").get(f"/v1/users/{user}").json()

        assert (read["name"], read["role"]) == ("Ben", "reviewer")


class TestWebhooks:
    def test_switched_off_it_is_told_nothing_of_what_happens_meanwhile(
        self, as_role: AsRole, site: Site, recording: AddRecording
    ) -> None:
        admin = as_role("admin")
        hook = add_webhook(site)
        recording()
        off = {"events": ["recording.analyzed"], "off": True}
        assert admin.put(f"/v1/webhooks/{hook}", json=off).json()["off_at"] is not None
        recording()
        with site.database.writing() as connection:
            assert targets.take(connection, at=NOW, limit=9) == []
            # What nobody is to send is nothing that waits.
            assert targets.waiting(connection) == 0
        again = admin.put(f"/v1/webhooks/{hook}", json=off | {"off": False})
        assert again.json()["off_at"] is None
        with site.database.writing() as connection:
            assert targets.waiting(connection) == 1
            assert len(targets.take(connection, at=NOW, limit=9)) == 1
        actions = [line["action"] for line in admin.get("/v1/audit").json()["items"]]
        assert actions.count("webhook.changed") == 2

    def test_its_page_has_the_log_and_offers_the_switch(
        self, as_role: AsRole, site: Site
    ) -> None:
        hook = add_webhook(site)
        with site.database.writing() as connection:
            for _ in range(41):
                taken = targets.test(connection, hook, at=NOW)
            targets.failed(
                connection, taken, status=503, error="It answered 503.", seconds=0.5, at=NOW
            )
        admin = as_role("admin")
        page = admin.get(f"/settings/webhooks/{hook}").text
        more = re.search(r'hx-get="([^"]+)"', page)
        assert more is not None

        assert "It answered 503." in page
        assert "Switch off" in page
        assert page.count("<td>Test</td>") == 40
        assert admin.get(more[1]).text.count("<td>Test</td>") == 1


class TestRetention:
    @pytest.fixture
    def options(self) -> Options:
        return Options(retention_days=365)

    def test_what_rules_take_next_is_counted_before_they_are_set(
        self, as_role: AsRole, recording: AddRecording, clock: Clock
    ) -> None:
        admin = as_role("admin")
        old = [recording() for _ in range(3)]
        admin.put(f"/v1/recordings/{old[0]}/hold", json={"reason": "Case 7"})
        clock.forward(days=40)
        recording()
        path = "/v1/privacy/retention/upcoming"
        audio, whole = admin.get(path, params={"audio": 30}).json()["items"]

        assert (audio["kind"], audio["due"], audio["held"], audio["soon"]) == (
            "audio",
            2,
            1,
            1,
        )
        assert audio["next_at"] == "2027-01-31T09:00:00Z"
        assert (whole["kind"], whole["days"], whole["due"]) == ("recording", 365, 0)

    def test_a_part_that_is_gone_already_is_not_counted_again(
        self, as_role: AsRole, recording: AddRecording, site: Site, clock: Clock
    ) -> None:
        from callmon.store.keeping import retention

        call = recording()
        clock.forward(days=40)
        with site.database.writing() as connection:
            retention.forget_part(
                connection, site.media, call, "audio", who="test", at=site.now()
            )
        items = as_role("admin").get(
            "/v1/privacy/retention/upcoming", params={"audio": 30, "transcript": 30}
        )

        assert [each["due"] for each in items.json()["items"]] == [0, 1, 0]

    def test_the_page_has_the_rules_as_set_and_says_where_the_setting_holds(
        self, as_role: AsRole, recording: AddRecording
    ) -> None:
        admin = as_role("admin")
        recording()
        assert admin.put("/v1/privacy/retention", json={"audio": 30}).status_code == 200
        page = admin.get("/settings/retention").text

        assert re.search(r'name="audio"[^>]+value="30"', page)
        assert re.search(r'name="analysis"[^>]+value=""', page)
        assert "365 days, by the setting retention_days" in page
        assert "1 call in the next 30 days" in page

    def test_holds_are_listed_with_their_calls(
        self, as_role: AsRole, recording: AddRecording
    ) -> None:
        admin = as_role("admin")
        call = recording()
        admin.put(f"/v1/recordings/{call}/hold", json={"reason": "Case 2026-114"})
        page = admin.get("/settings/retention").text

        assert "Case 2026-114" in page
        assert f'<a class="row-name" href="/calls/{call}">call-1.wav</a>' in page


class TestRubric:
    def test_it_is_shown_with_its_version_and_hash(self, as_role: AsRole) -> None:
        page = as_role("admin").get("/settings/rubric").text

        assert "<dd>en/1</dd>" in page
        assert re.search(r"<code>[0-9a-f]{64}</code>", page)
        assert "The response ladder" in page

    def test_it_is_the_one_that_workers_judge_by(
        self, nobody: TestClient, as_role: AsRole, tmp_path: Path, site: Site
    ) -> None:
        from dataclasses import replace

        source = Path(callmon.__file__).parent / "empathy" / "rubrics" / "en.toml"
        own = tmp_path / "own.toml"
        own.write_text(source.read_text("utf-8").replace('"en/1"', '"en/3"', 1), "utf-8")
        client = as_role("admin")
        nobody.app.state.site = replace(  # type: ignore[attr-defined]
            site, options=Options(rubric=own)
        )

        assert "<dd>en/3</dd>" in client.get("/settings/rubric").text
        own.write_text("nothing", "utf-8")
        broken = client.get("/settings/rubric")
        assert broken.status_code == 503
        assert "is not valid TOML" in broken.text


class TestAudit:
    def test_lines_are_found_by_who_what_call_and_time(
        self, as_role: AsRole, recording: AddRecording, clock: Clock
    ) -> None:
        admin = as_role("admin")
        call = recording()
        clock.forward(days=1)
        admin.put(f"/v1/recordings/{call}/hold", json={"reason": "Case 7"})
        who = admin.get("/v1/audit").json()["items"][0]["who"]

        def lines(query: str) -> int:
            return admin.get(f"/audit?{query}").text.count('<td class="nowrap muted-here">')

        assert lines("action=hold.begun") == 1
        assert lines(f"who={who}&action=hold.begun") == 1
        assert lines("who=retention") == 0
        assert lines(f"recording_id={call}&action=hold.begun&until=") == 1
        assert lines("action=hold.begun&since=2026-11-23T00:00:00%2B09:00") == 1
        assert lines("action=hold.begun&until=2026-11-23T09:00:00Z") == 0
        refused = admin.get("/audit?since=yesterday")
        assert refused.status_code == 422
        assert "2026-11-22" in refused.text

    def test_who_and_what_are_told_in_words(
        self, as_role: AsRole, recording: AddRecording
    ) -> None:
        recording()
        page = as_role("admin").get("/audit").text

        assert ">Intake of recordings</a>" in page
        assert ">Recording added</a>" in page

    def test_older_lines_come_when_asked_for(
        self, as_role: AsRole, recording: AddRecording
    ) -> None:
        admin = as_role("admin")
        for _ in range(70):
            recording()
        first = admin.get("/audit?action=recording.added").text
        more = re.search(r'hx-get="(/audit/more[^"]+)"', first)
        assert more is not None
        rest = admin.get(more[1].replace("&amp;", "&")).text

        assert first.count("muted-here") == 60
        assert rest.count("muted-here") == 10
        assert "<html" not in rest

    def test_it_is_a_table_too_in_which_nothing_is_a_formula(
        self, as_role: AsRole, recording: AddRecording
    ) -> None:
        admin = as_role("admin")
        call = recording()
        answer = admin.get(f"/v1/audit.csv?recording_id={call}&action=recording.added")
        (row,) = csv.DictReader(io.StringIO(answer.text))

        assert answer.headers["content-type"].startswith("text/csv")
        assert (row["who"], row["recording_id"]) == ("intake", call)
        newest = admin.get("/v1/audit").json()["items"][0]
        assert (newest["action"], newest["detail"]) == ("audit.read", {"lines": 1})

    def test_what_can_be_chosen_is_what_the_log_gets(
        self, as_role: AsRole, site: Site
    ) -> None:
        page = as_role("admin").get("/audit").text
        choice = page[page.index('<select name="action"') :].partition("</select>")[0]
        assert [*re.findall(r'<option value="([^"]+)"', choice)] == list(ACTIONS)

        with pytest.raises(ValueError, match="ACTIONS"), site.database.writing() as opened:
            audit.record(opened, who="me", action="clip.read", detail={}, at=NOW)

    def test_whatever_can_be_chosen_is_written_somewhere(self) -> None:
        root = Path(callmon.__file__).parent
        sources = [
            path.read_text("utf-8")
            for path in root.rglob("*.py")
            if path != root / "store/access/audit.py"
        ]
        literal = re.compile(r'"([a-z]+\.[a-z.-]+)"')
        read = ("analysis", "audio", "report", "transcript")
        written = {
            *(action for text in sources for action in literal.findall(text)),
            *(f"{each}.read{more}" for each in read for more in ("", ".unredacted")),
            *(f"{part}.deleted" for part in get_args(Part)),
            *(f"run.{reason}" for reason in ("reanalysis", "retry")),
        }

        assert set(ACTIONS) - written == set()


class TestFairness:
    def test_groups_stand_beside_what_is_expected(
        self, as_role: AsRole, recording: AddRecording
    ) -> None:
        for n in range(40):
            recording(analysis=make_call(flagged=n % 10 < 8, channels=1), team="north")
            recording(analysis=make_call(flagged=n % 10 < 2), team="south")
        page = as_role("supervisor").get("/fairness").text

        assert "Agent group north: flagged in 80.0% of 40 (32)" in page
        assert '<th scope="row" class="plain">Mono</th>' in page
        assert ">+30</strong>" in page
        assert page.count("beyond chance</span>") == 4
        assert "no other group to compare with" in page
        dismissed = as_role("supervisor").get("/fairness?measure=dismissals").text
        assert "Not enough verdicts yet" in dismissed

    def test_few_calls_are_said_to_be_too_few(
        self, as_role: AsRole, recording: AddRecording
    ) -> None:
        recording()
        page = as_role("supervisor").get("/fairness").text

        assert "Not enough calls yet" in page
        assert "from 20 analysed calls" in page

    def test_its_table_is_of_the_same_calls(self, as_role: AsRole) -> None:
        lead = as_role("supervisor")
        page = lead.get("/fairness?days=30&team=a%26b").text
        link = re.search(r'href="(/v1/reports/fairness\.csv[^"]+)"', page)
        assert link is not None
        path = link[1].replace("&amp;", "&")

        assert "since=2026-10-23T09%3A00%3A00%2B00%3A00" in path
        assert "team=a%26b" in path
        assert lead.get(path).status_code == 200

    @pytest.mark.parametrize("query", ["measure=none", "days=7", "team=" + "x" * 201])
    def test_a_filter_that_is_none_is_refused(self, as_role: AsRole, query: str) -> None:
        assert as_role("supervisor").get(f"/fairness?{query}").status_code == 422

    @pytest.mark.parametrize(
        ("share", "text"), [(0.168, "+17"), (-0.083, "−8"), (-0.001, "0"), (0.004, "0")]
    )
    def test_points_are_whole_and_have_a_sign(self, share: float, text: str) -> None:
        assert points(share) == text
