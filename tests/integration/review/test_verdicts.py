"""Verdicts on findings, seen and blind."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from callmon.review.site import Options, Site
from callmon.store.faults import StatementRefused
from callmon.store.tables.reviews import verdicts
from tests.integration.review.conftest import AddRecording, AsRole
from tests.integration.review.made import make_analysis, make_finding


def only_finding(client: TestClient) -> dict:
    (finding,) = client.get("/v1/findings").json()["items"]
    return finding


def test_a_finding_is_open_until_a_reviewer_agrees(
    as_role: AsRole, recording: AddRecording
) -> None:
    recording(agent="Ann", team="north")
    reviewer = as_role("reviewer")
    finding = only_finding(reviewer)

    answer = reviewer.post(
        f"/v1/findings/{finding['id']}/verdicts",
        json={"verdict": "agree", "note": "Clear.", "seconds": 12.5},
    )

    assert answer.status_code == 201
    assert finding["state"] == "open"
    assert finding["machine"]["kind"] == "missed_empathy"
    assert answer.json()["verdict"]["label"] == "missed_empathy"
    assert answer.json()["finding"]["state"] == "agreed"


def test_who_is_unsure_later_takes_back_what_they_said(
    as_role: AsRole, recording: AddRecording
) -> None:
    recording()
    reviewer, other = as_role("reviewer"), as_role("supervisor")
    url = f"/v1/findings/{only_finding(reviewer)['id']}/verdicts"

    def gives(client: TestClient, verdict: str) -> tuple[str, int]:
        """The state that it leaves, and how many verdicts precision rests on."""
        answer = client.post(url, json={"verdict": verdict}).json()
        total = other.get("/v1/calibration").json()["total"]
        return answer["finding"]["state"], total["precision"]["n"]

    assert gives(reviewer, "agree") == ("agreed", 1)
    assert gives(reviewer, "unsure") == ("open", 0)
    assert gives(reviewer, "disagree") == ("dismissed", 1)
    assert gives(other, "unsure") == ("dismissed", 1)
    assert gives(other, "agree") == ("agreed", 1)
    # What the first one said still stands.
    assert gives(other, "unsure") == ("dismissed", 1)
    assert gives(reviewer, "unsure") == ("open", 0)


@pytest.mark.parametrize(
    ("given", "state", "label"),
    [
        ({"verdict": "disagree"}, "dismissed", "none"),
        ({"verdict": "disagree", "kind": "no_mirroring"}, "corrected", "no_mirroring"),
        ({"verdict": "agree", "rung": "solved_only"}, "corrected", "missed_empathy"),
        ({"verdict": "agree", "outcome": "partial"}, "corrected", "missed_empathy"),
        ({"verdict": "unsure"}, "open", None),
    ],
)
def test_what_is_said_decides_what_becomes_of_the_finding(
    as_role: AsRole, recording: AddRecording, given, state, label
) -> None:
    recording()
    reviewer = as_role("reviewer")
    finding_id = only_finding(reviewer)["id"]

    answer = reviewer.post(f"/v1/findings/{finding_id}/verdicts", json=given).json()

    assert (answer["finding"]["state"], answer["verdict"]["label"]) == (state, label)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "verdict"),
        ({"kind": "missed_empathy"}, "verdict"),
        ({"verdict": "agree", "kind": "no_mirroring"}, "kind"),
        ({"verdict": "disagree", "kind": "missed_empathy"}, "kind"),
        ({"verdict": "unsure", "kind": "none"}, "kind"),
        ({"verdict": "agree", "seconds": -1}, "seconds"),
        ({"verdict": "agree", "seconds": "NaN"}, "seconds"),
        ({"verdict": "agree", "note": "x" * 4001}, "note"),
        ({"verdict": "agree", "mood": "good"}, "mood"),
        ({"verdict": "agree", "rung": "top"}, "rung"),
    ],
)
def test_a_verdict_that_contradicts_itself_is_refused(
    as_role: AsRole, recording: AddRecording, given, field
) -> None:
    recording()
    reviewer = as_role("reviewer")
    finding_id = only_finding(reviewer)["id"]

    answer = reviewer.post(f"/v1/findings/{finding_id}/verdicts", json=given)

    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_each_verdict_keeps_what_the_reviewer_saw(
    as_role: AsRole, recording: AddRecording, clock
) -> None:
    recording()
    first, second = as_role("reviewer"), as_role("reviewer")
    finding_id = only_finding(first)["id"]
    url = f"/v1/findings/{finding_id}"
    first.post(f"{url}/verdicts", json={"verdict": "disagree"})
    clock.forward(minutes=5)
    second.post(f"{url}/verdicts", json={"verdict": "agree"})

    events = second.get(f"{url}/history").json()["items"]

    assert [event["verdict"]["verdict"] for event in events] == ["disagree", "agree"]
    assert [event["saw"]["state"] for event in events] == ["open", "dismissed"]
    assert events[0]["saw"]["context"][1]["text"].startswith("This is the third time")


def test_a_verdict_that_is_kept_cannot_be_changed(
    as_role: AsRole, recording: AddRecording, site: Site
) -> None:
    recording()
    reviewer = as_role("reviewer")
    finding_id = only_finding(reviewer)["id"]
    reviewer.post(f"/v1/findings/{finding_id}/verdicts", json={"verdict": "agree"})

    with pytest.raises(StatementRefused), site.database.writing() as connection:
        connection.execute(update(verdicts).values(verdict="disagree"))


def test_a_verdict_sent_twice_with_one_key_is_given_once(
    as_role: AsRole, recording: AddRecording
) -> None:
    recording()
    reviewer = as_role("reviewer")
    url = f"/v1/findings/{only_finding(reviewer)['id']}"
    headers = {"Idempotency-Key": "one"}

    answers = [
        reviewer.post(f"{url}/verdicts", json={"verdict": "agree"}, headers=headers)
        for _ in range(2)
    ]

    assert answers[0].json() == answers[1].json()
    assert len(reviewer.get(f"{url}/history").json()["items"]) == 1


def test_a_finding_of_another_team_is_not_there(
    as_role: AsRole, recording: AddRecording
) -> None:
    recording(team="south")
    finding_id = only_finding(as_role("admin"))["id"]
    reviewer = as_role("reviewer", teams={"north"})

    answers = [
        reviewer.get(f"/v1/findings/{finding_id}"),
        reviewer.get(f"/v1/findings/{finding_id}/history"),
        reviewer.post(f"/v1/findings/{finding_id}/verdicts", json={"verdict": "agree"}),
        reviewer.post(f"/v1/findings/{finding_id}/assign", json={"to": "me"}),
        reviewer.post(f"/v1/findings/{finding_id}/coaching", json={"text": "Hello."}),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert reviewer.get("/v1/findings").json()["items"] == []


@pytest.mark.parametrize(
    "finding_id", ["x", "0-1-f1", "a-m1", "../f1", "-f1", "%00-f1", "ab-1-f٣", "a-f99999"]
)
def test_an_id_that_names_nothing_is_not_found(as_role: AsRole, finding_id) -> None:
    answer = as_role("admin").get(f"/v1/findings/{finding_id}")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


class TestBlindFirst:
    """Where reviewers give their own label before they see the machine's."""

    @pytest.fixture
    def options(self) -> Options:
        return Options(blind_first=True)

    @pytest.fixture
    def hidden(self, as_role: AsRole, recording: AddRecording) -> tuple[TestClient, dict]:
        recording(team="north")
        reviewer = as_role("reviewer")
        return reviewer, only_finding(reviewer)

    def test_no_answer_tells_the_label(self, hidden) -> None:
        reviewer, finding = hidden
        url = f"/v1/findings/{finding['id']}"

        pages = [
            reviewer.get("/v1/findings"),
            reviewer.get(url),
            reviewer.get(f"{url}/history"),
        ]

        assert all(page.status_code == 200 for page in pages)
        for page in pages:
            for told in ("missed_empathy", "medium", "0.8", "customer number.'", "rung"):
                assert told not in page.text

    def test_the_id_that_tells_of_a_flag_is_not_there(self, hidden, as_role) -> None:
        reviewer, _ = hidden
        finding_id = only_finding(as_role("admin"))["id"]

        assert reviewer.get(f"/v1/findings/{finding_id}").status_code == 404

    @pytest.mark.parametrize(
        "query",
        [
            "kind=missed_empathy",
            "severity=medium",
            "min_confidence=0.1",
            "max_confidence=0.9",
        ],
    )
    def test_a_filter_by_label_finds_nothing_that_is_hidden(self, hidden, query) -> None:
        reviewer, _ = hidden

        assert reviewer.get(f"/v1/findings?{query}").json()["items"] == []

    def test_that_it_is_disputed_is_no_hint(self, hidden, as_role) -> None:
        reviewer, _ = hidden
        other = as_role("supervisor")
        disputed = other.post(
            f"/v1/findings/{only_finding(other)['id']}/dispute",
            json={"reason": "The agent did ask.", "proposed": "none"},
        )
        assert disputed.status_code == 201

        assert reviewer.get("/v1/findings?disputed=true").json()["items"] == []

    def test_what_others_decided_is_no_hint(self, hidden, as_role) -> None:
        reviewer, _ = hidden
        other = as_role("supervisor")
        other.post(
            f"/v1/findings/{only_finding(other)['id']}/verdicts", json={"verdict": "agree"}
        )

        for state in ("open", "agreed", "dismissed", "corrected"):
            assert reviewer.get(f"/v1/findings?state={state}").json()["items"] == []

    def test_the_label_is_shown_once_the_reviewer_has_given_theirs(self, hidden) -> None:
        reviewer, finding = hidden

        answer = reviewer.post(
            f"/v1/findings/{finding['id']}/verdicts", json={"kind": "no_mirroring"}
        ).json()

        assert answer["verdict"]["verdict"] == "disagree"
        assert answer["verdict"]["blind"] is True
        assert answer["finding"]["machine"]["kind"] == "missed_empathy"
        found = reviewer.get("/v1/findings?kind=missed_empathy").json()["items"]
        assert [each["id"] for each in found] == [answer["finding"]["id"]]

    def test_agreeing_with_a_hidden_label_is_refused(self, hidden) -> None:
        reviewer, finding = hidden

        answer = reviewer.post(
            f"/v1/findings/{finding['id']}/verdicts", json={"verdict": "agree"}
        )

        assert (answer.status_code, answer.json()["field"]) == (422, "verdict")

    def test_a_second_verdict_is_not_blind(self, hidden) -> None:
        reviewer, finding = hidden
        url = f"/v1/findings/{finding['id']}/verdicts"
        reviewer.post(url, json={"kind": "none"})

        again = reviewer.post(url, json={"verdict": "agree"}).json()

        assert again["verdict"]["blind"] is False

    def test_in_calibration_the_first_blind_one_goes_on_counting(
        self, hidden, as_role
    ) -> None:
        reviewer, finding = hidden
        url = f"/v1/findings/{finding['id']}/verdicts"
        reviewer.post(url, json={"kind": "missed_empathy"})

        again = reviewer.post(url, json={"verdict": "unsure"}).json()

        total = as_role("supervisor").get("/v1/calibration").json()["total"]
        assert again["finding"]["state"] == "open"
        assert (total["precision"]["value"], total["precision"]["n"]) == (1.0, 1)

    def test_coaching_waits_for_the_verdict(self, hidden) -> None:
        reviewer, finding = hidden

        answer = reviewer.post(
            f"/v1/findings/{finding['id']}/coaching", json={"text": "Well."}
        )

        assert answer.status_code == 409

    def test_supervisors_see_labels(self, hidden, as_role) -> None:
        assert only_finding(as_role("supervisor"))["machine"]["kind"] == "missed_empathy"


def test_the_gravest_and_least_sure_comes_first_and_pages_miss_nothing(
    as_role: AsRole, recording: AddRecording
) -> None:
    made = [("low", 0.9), ("high", 0.9), ("medium", 0.6), ("high", 0.7), ("low", 0.9)]
    findings = tuple(
        make_finding(number, severity=severity, confidence=confidence)
        for number, (severity, confidence) in enumerate(made, 1)
    )
    for _ in range(3):
        recording(analysis=make_analysis(findings=findings))
    reviewer = as_role("reviewer")

    seen, cursor = [], None
    while True:
        parameters = {"limit": 2} if cursor is None else {"limit": 2, "cursor": cursor}
        page = reviewer.get("/v1/findings", params=parameters).json()
        seen += page["items"]
        # What is judged meanwhile goes to the end, and nothing is left out.
        first = page["items"][0]["id"]
        reviewer.post(f"/v1/findings/{first}/verdicts", json={"verdict": "agree"})
        cursor = page["next"]
        if cursor is None or seen[-1]["state"] != "open":
            break

    opened = [each for each in seen if each["state"] == "open"]
    ranks = [
        (each["machine"]["severity"], each["machine"]["confidence"]) for each in opened
    ]
    assert len({each["id"] for each in opened}) == 15
    assert ranks == sorted(
        ranks, key=lambda rank: (("high", "medium", "low").index(rank[0]), rank[1])
    )


def test_private_numbers_are_not_shown(as_role: AsRole, recording: AddRecording) -> None:
    turns = (
        ("agent", "How can I help?"),
        ("customer", "My card is 4111 1111 1111 1111 and this is the third time I call."),
        ("agent", "What is your name?"),
    )
    recording(analysis=make_analysis(turns=turns))
    reviewer = as_role("reviewer")
    url = f"/v1/findings/{only_finding(reviewer)['id']}"
    reviewer.post(f"{url}/verdicts", json={"verdict": "agree"})

    for page in (reviewer.get(url), reviewer.get(f"{url}/history")):
        assert "third time" in page.text
        assert "4111" not in page.text


def test_reading_what_was_said_is_audited(as_role: AsRole, recording: AddRecording) -> None:
    recording_id = recording()
    reviewer, admin = as_role("reviewer"), as_role("admin")
    url = f"/v1/findings/{only_finding(reviewer)['id']}"
    reviewer.get(url)
    reviewer.get(f"{url}/history")
    reviewer.post(f"{url}/verdicts", json={"verdict": "agree"})

    lines = admin.get("/v1/audit", params={"recording_id": recording_id})

    done = [line["action"] for line in lines.json()["items"]]
    assert done[:3] == ["verdict.given", "history.read", "finding.read"]


def test_filters_narrow_the_queue_down(as_role: AsRole, recording: AddRecording) -> None:
    north = recording(
        agent="Ann", team="north", queue="new", started="2026-11-02T10:00:00Z"
    )
    recording(agent="Bob", team="south", queue="old", started="2026-11-12T10:00:00Z")
    reviewer = as_role("reviewer")

    for query in (
        "agent=Ann",
        "team=north",
        "queue=new",
        f"recording_id={north}",
        "until=2026-11-10T00:00:00Z",
        "agent=Ann&kind=missed_empathy&kind=no_mirroring&severity=medium&state=open",
    ):
        found = reviewer.get(f"/v1/findings?{query}").json()["items"]
        assert [each["recording_id"] for each in found] == [north], query
    for query in (
        "kind=no_mirroring",
        "min_confidence=0.9",
        "state=agreed",
        "disputed=true",
    ):
        assert reviewer.get(f"/v1/findings?{query}").json()["items"] == [], query


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"since": "0001-01-01T00:00:00+14:00"}, "since"),
        ({"until": "9999-12-31T23:59:59-14:00"}, "until"),
        ({"since": "2026-01-01T00:00:00"}, "since"),
        ({"recording_id": "' OR 1=1 --"}, "recording_id"),
        ({"assigned_to": "\x00"}, "assigned_to"),
        ({"kind": "anything"}, "kind.0"),
        ({"min_confidence": "nan"}, "min_confidence"),
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"sort": "kind"}, "sort"),
    ],
)
def test_a_filter_that_cannot_be_used_is_refused(as_role: AsRole, query, field) -> None:
    answer = as_role("reviewer").get("/v1/findings", params=query)

    assert (answer.status_code, answer.json()["field"]) == (422, field)


@pytest.mark.parametrize("value", ["'; DROP TABLE findings; --", "%", "é" * 200])
def test_odd_names_are_names_and_nothing_else(
    as_role: AsRole, recording: AddRecording, value
) -> None:
    recording(agent="Ann")
    reviewer = as_role("reviewer")

    for name in ("agent", "team", "queue"):
        answer = reviewer.get("/v1/findings", params={name: value})
        assert (answer.status_code, answer.json()["items"]) == (200, [])
    assert only_finding(reviewer)["agent"] == "Ann"
