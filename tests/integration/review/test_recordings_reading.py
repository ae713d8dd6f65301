"""What was said is read: redacted, audited, by those who may."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from callmon.review.site import Site
from callmon.store.access.trail import trail
from callmon.store.calls import recordings
from callmon.store.work import runs
from tests.integration.review.conftest import AddRecording, AsRole
from tests.integration.review.made import make_analysis

CARD = "4111 1111 1111 1111"
TURNS = (
    ("agent", "What is the number of your card?"),
    ("customer", f"It is {CARD}, <b>and</b> this is the third time."),
    ("agent", "I will refund it by Friday."),
)
READINGS = (
    "analysis",
    "turns",
    "transcript.vtt",
    "transcript.srt",
    "transcript.txt",
    "transcript.json",
    "report.html",
)


@pytest.fixture
def call(recording: AddRecording) -> str:
    return recording(agent="Ann", team="billing", analysis=make_analysis(turns=TURNS))


def read(client: TestClient, call: str, what: str, **params: object):
    return client.get(f"/v1/recordings/{call}/{what}", params=params)


def actions(site: Site, call: str) -> list[str]:
    with site.database.reading() as connection:
        return [line.action for line in trail(connection, recording_id=call)]


@pytest.mark.parametrize("what", READINGS)
def test_what_is_private_is_left_out_unless_a_supervisor_asks(
    as_role: AsRole, call: str, site: Site, what: str
) -> None:
    name = what.partition(".")[0].replace("turns", "transcript")
    for role in ("uploader", "reviewer", "supervisor", "admin"):
        answer = read(as_role(role), call, what)
        if role == "uploader":
            assert answer.status_code == 404
            continue
        assert answer.status_code == 200, answer.text
        assert "4111" not in answer.text
        assert "third time" in answer.text
        assert actions(site, call)[0] == f"{name}.read"
    refused = read(as_role("reviewer"), call, what, redacted=False)
    assert (refused.status_code, refused.json()["field"]) == (403, "redacted")
    plain = read(as_role("supervisor"), call, what, redacted=False)
    assert "4111" in plain.text
    assert actions(site, call)[0] == f"{name}.read.unredacted"


@pytest.mark.parametrize("what", READINGS)
def test_there_is_nothing_to_read_before_the_analysis(
    as_role: AsRole, recording: AddRecording, site: Site, what: str
) -> None:
    recording_id = recording(analysed=False)
    waiting = read(as_role("admin"), recording_id, what)
    assert waiting.status_code == 409
    assert "queued" in waiting.json()["detail"]
    with site.database.writing() as connection:
        runs.begin(connection, recording_id, 1, worker="w", at=site.now())
        runs.fail(
            connection,
            recording_id,
            1,
            error="No sound in it.",
            kind="permanent",
            at=site.now(),
        )
    assert "No sound in it." in read(as_role("admin"), recording_id, what).text


def test_the_document_is_the_analysis(as_role: AsRole, recording: AddRecording) -> None:
    call = recording()
    document = read(as_role("admin"), call, "analysis").json()
    expected = make_analysis().model_dump(mode="json")
    assert document.pop("recording")["id"] == call
    expected.pop("recording")
    assert document == expected


def test_turns_come_in_pages(as_role: AsRole, recording: AddRecording) -> None:
    call, client = recording(), as_role("reviewer")
    first = read(client, call, "turns", limit=4).json()
    rest = read(client, call, "turns", limit=4, cursor=first["next"]).json()
    assert [turn["index"] for turn in first["items"] + rest["items"]] == list(range(6))
    assert rest["next"] is None
    assert first["items"][0]["words"] is None
    said = read(client, call, "turns", party="customer", words=True).json()["items"]
    assert {turn["party"] for turn in said} == {"customer"}
    assert said[0]["words"][0]["text"] == "This"


@pytest.mark.parametrize(
    ("form", "kind", "begins"),
    [
        ("vtt", "text/vtt; charset=utf-8", "WEBVTT"),
        ("srt", "application/x-subrip", "1\n00:00:01,000 -->"),
        ("txt", "text/plain; charset=utf-8", "[00:00:01.000"),
        ("json", "application/json", "{"),
    ],
)
def test_a_transcript_is_a_file(
    as_role: AsRole, call: str, form: str, kind: str, begins: str
) -> None:
    answer = read(as_role("reviewer"), call, f"transcript.{form}")
    assert answer.headers["Content-Type"] == kind
    assert answer.text.startswith(begins)
    assert re.search(r'filename="call-\d+\.' + form, answer.headers["Content-Disposition"])
    assert read(as_role("reviewer"), call, "transcript.exe").status_code == 422


def test_the_report_runs_nothing_but_its_own(as_role: AsRole, call: str) -> None:
    answer = read(as_role("reviewer"), call, "report.html")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src 'sha256-" in policy
    assert "unsafe" not in policy
    assert "&lt;b&gt;and&lt;/b&gt;" in answer.text


def test_an_agent_reads_their_call_once_it_is_shared(as_role: AsRole, call: str) -> None:
    agent, supervisor = as_role("agent", agent="Ann"), as_role("supervisor")
    assert read(agent, call, "analysis").status_code == 404
    (finding,) = supervisor.get("/v1/findings").json()["items"]
    noted = supervisor.post(
        f"/v1/findings/{finding['id']}/coaching", json={"text": "Have a look."}
    )
    assert noted.status_code == 201, noted.text
    assert read(agent, call, "analysis").status_code == 200
    assert read(as_role("agent", agent="Bob"), call, "analysis").status_code == 404


def test_progress_and_the_seconds_that_are_left(
    as_role: AsRole, recording: AddRecording, site: Site
) -> None:
    earlier, now = recording(), recording(analysed=False)
    with site.database.writing() as connection:
        at = site.now()
        runs.begin(connection, now, 1, worker="w", at=at)
        recordings.describe(connection, now, duration=120.0, channels=2)
        runs.stage(connection, now, 1, stage="transcript", progress=0.4, at=at)
        connection.exec_driver_sql(
            'UPDATE runs SET seconds = \'{"audio": 2, "transcript": 30}\''
            f" WHERE recording_id = '{earlier}'"
        )
    view = as_role("admin").get(f"/v1/recordings/{now}").json()
    assert (view["state"], view["stage"], view["progress"]) == (
        "analysing",
        "transcript",
        0.4,
    )
    # 30 s a minute for two minutes of call, of which 0.27 of 0.8 are done.
    assert view["seconds_left"] == pytest.approx(60 * (1 - 0.27 / 0.8), abs=0.1)
    assert as_role("admin").get(f"/v1/recordings/{earlier}").json()["seconds_left"] is None
