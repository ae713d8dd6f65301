"""What a caller gives away for a clerk alone comes out nowhere: every route that is read,
every export, every row that lists are made of, every event for others.

The call has a card number, a security code that is only one because it was asked for, and
a telephone number that is said in words and read back in figures; and all that repeats the
words of turns repeats these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import select
from starlette.testclient import TestClient

from callmon.audio.listening import write_copy
from callmon.audio.peaks import write_peaks
from callmon.call import (
    Analysis,
    Behaviour,
    Commendation,
    Commitment,
    Evidence,
    Opinion,
    Suppressed,
)
from callmon.cli import main
from callmon.opinion.question import SYSTEM
from callmon.opinion.second import second_opinions
from callmon.review.app import create_app
from callmon.review.site import Options, Site
from callmon.store.access.standing import ROLES
from callmon.store.calls import recordings
from callmon.store.tables.base import metadata_tables
from callmon.store.tables.operations import deliveries
from callmon.store.webhooks.events import EVENTS
from tests.integration.review.conftest import AddRecording, AsRole
from tests.integration.review.made import make_analysis, make_finding
from tests.unit.audio.conftest import RATE, FakeAudio

TURNS = (
    ("agent", "Thank you for calling, how can I help?"),
    ("customer", "This is the third time I am calling about my parcel."),
    ("agent", "Could I take the long number on your card?"),
    ("customer", "4539 1488 0343 6467. I am really fed up."),
    ("agent", "And the three digits on the back?"),
    ("customer", "Eight six two, and it is the third time."),
    ("agent", "8 6 2, thank you. What is the best number to reach you on?"),
    ("customer", "oh seven seven double oh nine hundred four five seven"),
    ("agent", "I will call you on 07700 900457 by 07700 900457, code 862."),
    ("customer", "Thank you."),
)
SECRET = re.compile(
    r"(?<!\w)(?:4539|1488|0343|6467|07700|900457)|eight\W+six|six\W+two|(?<![\w.#-])8\W{0,2}6\W{0,2}2(?![\w.])"
    r"|900\W{1,2}457|double\W+oh|nine\W+hundred|four\W+five|five\W+seven",
    re.IGNORECASE,
)

Query = dict[str, Any]

FORMS = ("vtt", "srt", "json", "txt")
QUERIES: dict[str, list[Query]] = {
    "/v1/recordings": [{}, {"text": "parcel"}, {"text": "third"}],
    "/v1/recordings/{recording_id}/turns": [{"words": True}],
    "/v1/recordings/{recording_id}/clip": [{"start": 0, "end": 9}],
    "/calls/{recording_id}/turns": [{"first": 0}],
    "/calls": [{}, {"text": "parcel"}],
    "/v1/findings": [{}, {"state": "agreed"}],
    "/review": [{}, {"which": "all"}],
    "/trends/agent": [{"name": "Ann"}],
    "/trends/team": [{"name": "billing"}],
    "/views": [{"page": "review"}],
    "/v1/progress": [{"recording_id": "recording_id"}],
}
"""What a route is asked with, where it needs something or shows more with it."""

ABSENT = {"/enter/{token}", "/v1/session/oidc", "/v1/session/oidc/callback", "/readyz"}
"""What is not there on a site like this one."""


@pytest.fixture
def options() -> Options:
    return Options(requests_per_minute=0)


def quote(turn: int) -> Evidence:
    text = TURNS[turn][1]
    return Evidence(turn=turn, start=1.0, end=2.0, quote=text, source="model")


def leaky() -> Analysis:
    """All fields that may hold words of the call hold private ones."""
    quotes = (quote(5), quote(3), quote(7))
    said = " / ".join(each.quote for each in quotes)
    finding = make_finding(turn=2).model_copy(
        update={
            "summary": f"After '{said}' the agent went on. Again: 'Eight six …'",
            "cleared_by": f"Naming '{said}', then the plan, would have met it.",
            "evidence": quotes,
            "opinion": Opinion(verdict="agree", reason=f"It says {said}", model="m"),
        }
    )
    more = make_finding(2, turn=6, kind="no_mirroring").model_copy(
        update={"evidence": (quote(5),)}
    )
    base = make_analysis(turns=TURNS, findings=(finding, more))
    (moment,), (outcome,), (response,) = base.opportunities, base.outcomes, base.responses
    behaviour = Behaviour(
        turn=6, behaviour="patience_thanks", level=None, confidence=0.9,
        quote=TURNS[6][1], start=37.0, end=42.0, source="model",
    )  # fmt: skip
    promise = Commitment(
        turn=8, action="call you on 07700 900457", deadline="by 07700 900457",
        due="2026-11-27", level="timed", quote=TURNS[8][1], start=49.0, end=54.0,
    )  # fmt: skip
    commendation = Commendation(
        opportunity="o1", turn=6, start=37.0, end=42.0, summary=f"'{said}'", evidence=quotes
    )
    heard = Suppressed(
        speaker="left", start=32.5, end=33.0, text="eight six two", reason="echo"
    )
    return base.model_copy(
        update={
            "opportunities": (moment.model_copy(update={"evidence": quotes}),),
            "outcomes": (outcome.model_copy(update={"reason": said}),),
            "responses": (response.model_copy(update={"behaviours": (behaviour,)}),),
            "agent_behaviours": (behaviour,),
            "commitments": (promise,),
            "commendations": (commendation,),
            "suppressed": (heard,),
        }
    )


@pytest.fixture
def webhook(as_role: AsRole) -> None:
    """A target that is told of everything."""
    hook = {"url": "https://93.184.216.34/", "events": EVENTS}
    assert as_role("admin").post("/v1/webhooks", json=hook).is_success


@pytest.fixture
def call(webhook: None, recording: AddRecording, site: Site) -> str:
    recording_id = recording(
        agent="Ann", team="billing", queue="parcels", customer="C-1", analysis=leaky()
    )
    with site.database.reading() as connection:
        key = recordings.get(connection, recording_id).media
    hum = 0.3 * np.sin(2 * np.pi * 440 * np.arange(20 * RATE) / RATE)
    for ending, write in ((".mp3", write_copy), (".peaks", write_peaks)):
        with site.media.making(key + ending) as target:
            write(FakeAudio(hum, hum), target)
    return recording_id


@pytest.fixture
def clients(as_role: AsRole) -> dict[str, TestClient]:
    return {role: as_role(role) for role in ROLES}


@pytest.fixture
def told(call: str, clients: dict[str, TestClient]) -> list[str]:
    """What the routes that write answer, while people work on the call."""
    lead, agent = clients["supervisor"], clients["agent"]
    said = []

    def send(client: TestClient, path: str, **body: Any) -> Any:
        answer = client.post(f"/v1/{path}", json=body)
        assert answer.is_success, (path, answer.text)
        said.append(answer.text)
        return answer.json()

    first, second = (each["id"] for each in lead.get("/v1/findings").json()["items"])
    person = {"login": "cleo", "name": "Cleo", "password": "correct horse battery"}
    send(clients["admin"], "users", role="reviewer", **person)
    send(lead, f"findings/{first}/coaching", text="Let us hear this together.")
    send(agent, f"findings/{first}/dispute", reason="I said sorry.", proposed="none")
    send(clients["reviewer"], f"findings/{first}/verdicts", verdict="agree")
    send(lead, f"recordings/{call}/moments", kind="missed_joy", turn=9)
    both = [who.get("/v1/me").json()["id"] for who in (lead, clients["reviewer"])]
    send(lead, "calibration/rounds", name="R", findings=[second], reviewers=both)
    send(lead, "views", page="review", name="Mine", query="which=all")
    return said


def ids(call: str, client: TestClient) -> dict[str, str]:
    """Of everything that a path of a route names."""

    def first(path: str, **query: str) -> str:
        return str(client.get(f"/v1/{path}", params=query).json()["items"][0]["id"])

    return {
        "recording_id": call,
        "finding_id": f"{call}-1-f1",
        "promise_id": first("promises"),
        "round_id": first("calibration/rounds"),
        "webhook_id": first("webhooks"),
        "user_id": first("users"),
        "name": "not-found",
        "token": "used-up",
    }


def questions(site: Site, known: dict[str, str]) -> Iterator[tuple[str, str, Query]]:
    """Every route that is read, with an address and what it is asked with."""
    for context in iter_route_contexts(create_app(site).routes):
        path = context.path
        if "GET" not in (context.methods or ()):
            continue
        for form in FORMS if "{form}" in path else ["none"]:
            for query in QUERIES.get(path, [{}]):
                asked = {
                    k: known.get(v, v) if isinstance(v, str) else v
                    for k, v in query.items()
                }
                yield path, path.format(**known, form=form), asked


def test_no_route_that_is_read_gives_it_away(
    site: Site, call: str, clients: dict[str, TestClient], told: list[str]
) -> None:
    assert not [answer for answer in told if SECRET.search(answer)]
    seen: set[str] = set()
    unseen: dict[str, str] = {}
    for path, address, query in questions(site, ids(call, clients["admin"])):
        for role, client in clients.items():
            answer = client.get(address, params=query, follow_redirects=False)
            leak = SECRET.search(without_measures(answer.content))
            assert leak is None, (role, path, leak and leak[0])
            if answer.status_code < 400:
                seen.add(path)
            unseen[path] = answer.text
    assert {path: unseen[path] for path in unseen if path not in seen | ABSENT} == {}


def without_measures(content: bytes) -> str:
    """Without the numbers that a picture is drawn with, and those of metrics, among which
    any four digits can stand."""
    text = content.decode("utf-8", "replace")
    text = re.sub(r"^(callmon_\S+) [0-9.e+-]+$", r"\1", text, flags=re.MULTILINE)
    return re.sub(r"\b(?:d|x|y|x1|x2|y1|y2|cx|cy|points|width|height)=\"[^\"]*\"", "", text)


def test_the_plain_analysis_has_it_all_and_only_few_may_read_it(
    call: str, clients: dict[str, TestClient]
) -> None:
    plain = {"redacted": False}
    allowed = set()
    for role, client in clients.items():
        answer = client.get(f"/v1/recordings/{call}/analysis", params=plain)
        if answer.is_success:
            allowed.add(role)
            assert len(set(map(str.lower, SECRET.findall(answer.text)))) > 8
    assert allowed == {"supervisor", "admin"}


@pytest.mark.parametrize(
    "searched", ["4539", '"1488 0343"', '"eight six two"', '"8 6 2"', "900457", "double"]
)
def test_no_search_finds_it(
    searched: str, call: str, clients: dict[str, TestClient]
) -> None:
    asked = {"text": searched}
    found = clients["admin"].get("/v1/recordings", params=asked).json()["items"]
    assert found == []
    asked = {"text": "parcel"}
    (item,) = clients["admin"].get("/v1/recordings", params=asked).json()["items"]
    assert item["id"] == call


@pytest.mark.usefixtures("told")
def test_no_row_holds_it_but_the_document_itself(site: Site) -> None:
    """What nobody redacts on its way out is safe in the database already."""
    for table in metadata_tables.sorted_tables:
        columns = [c for c in table.c if c.name != "document" or table.name == "redactions"]
        with site.database.reading() as connection:
            rows = list(connection.execute(select(*columns)))
        for row in rows:
            leak = SECRET.search("\n".join(map(plain_text, row)))
            assert leak is None, (table.name, leak and leak[0])


def plain_text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


@pytest.mark.usefixtures("told")
def test_webhooks_are_told_none_of_it(site: Site) -> None:
    with site.database.reading() as connection:
        sent = [json.dumps(each) for each in connection.scalars(select(deliveries.c.data))]
    assert len(sent) >= len(EVENTS)
    assert not [each for each in sent if SECRET.search(each)]


@pytest.mark.usefixtures("call")
@pytest.mark.parametrize("what", ["findings", "commitments"])
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_no_export_has_it(
    what: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLMON_DATA", str(tmp_path))
    out = tmp_path / "out"
    assert main(["export", what, "--format", form, "--output", str(out)]) == 0
    written = out.read_text()
    assert "[security code]" in written or "[phone number]" in written
    assert not SECRET.search(written)


def test_a_language_model_is_asked_without_it() -> None:
    asked = StringIO()

    class Asker:
        name = "model"

        def ask(self, system: str, user: str) -> str:
            assert system == SYSTEM
            asked.write(user)
            return '{"opinion": "agree", "reason": "So it is."}'

    second_opinions(leaky(), Asker(), below=1.0)
    assert "third time" in asked.getvalue()
    assert not SECRET.search(asked.getvalue())
