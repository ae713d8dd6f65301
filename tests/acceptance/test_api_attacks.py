"""What is sent to do harm, against the real service: nothing of it does.

The store has one call whose every text is an attack: its file name, its metadata, what was
said in it. Whoever looks at it, in whatever form, must see text.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import socket
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import psutil
import pytest

from callmon.call import Analysis
from callmon.review.site import Site
from callmon.store.database import Database
from callmon.store.media import Media
from tests.acceptance.test_serve import Service, serving
from tests.integration.intake.taking import wav
from tests.integration.review.conftest import FakeQueue, add_recording
from tests.integration.review.made import TURNS, make_analysis, make_finding

pytestmark = pytest.mark.acceptance

KEY = "0123456789abcdef" * 2
MARKUP = "</script><img src=x onerror=alert(1)><svg onload=alert(2)>'\"`{{7*7}}"
FORMULA = "=cmd|'/c calc'!A1"
QUERIES = [
    "' OR '1'='1",
    "1; DROP TABLE recordings; --",
    '" UNION SELECT hash FROM keys --',
    'NEAR("a" "b", 5) OR * ^ "',
    "%' OR 1=1 --",
    "\\",
    "%",
    "{{7*7}}${7*7}",
    "\u202e\u0000x",
    "a" * 6000,
    "\N{PILE OF POO}" * 100,
]
TRAVERSALS = [
    "../../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "..\\..\\windows\\win.ini",
    "%252e%252e%252fetc%252fpasswd",
    "/etc/passwd",
    "file:///etc/passwd",
    "x%00.vtt",
    "....//....//etc/passwd",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("attacks")


@pytest.fixture(scope="module")
def hostile(folder: Path) -> str:
    """The id of the call."""
    said = tuple((party, f"{text} {MARKUP}") for party, text in TURNS)
    finding = make_finding().model_copy(
        update={"summary": MARKUP, "cleared_by": f"{FORMULA} {MARKUP}"}
    )
    with Database.open(f"sqlite:///{folder / 'callmon.db'}") as database:
        site = Site(
            database=database,
            media=Media.open(str(folder / "media")),
            queue=FakeQueue(),  # type: ignore[arg-type]
        )
        analysis: Analysis = make_analysis(turns=said, findings=(finding,))
        # Enough of them for a report to tell of the agent.
        for number in range(25):
            add_recording(
                site,
                number,
                analysis=analysis,
                agent=FORMULA,
                team=MARKUP,
                queue="\t@SUM(1)",
            )
        return add_recording(
            site,
            99,
            analysis=analysis,
            agent=FORMULA,
            customer=MARKUP,
            started=datetime(2026, 11, 20, tzinfo=UTC),
            labels={MARKUP: MARKUP},
        )


@pytest.fixture(scope="module")
def service(folder: Path, hostile: str) -> Iterator[Service]:
    settings = {
        "CALLMON_ADMIN_KEY": KEY,
        "CALLMON_REQUESTS_PER_MINUTE": "0",
        "CALLMON_DATABASE": f"sqlite:///{folder / 'callmon.db'}",
        "CALLMON_MEDIA": str(folder / "media"),
    }
    with serving(folder, "--no-worker", **settings) as service:
        yield service


@pytest.fixture
def client(service: Service) -> Iterator[httpx2.Client]:
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx2.Client(base_url=service.url, headers=headers, timeout=30) as client:
        yield client


def upload(client: httpx2.Client, name: str, **fields: str) -> httpx2.Response:
    number = upload.__dict__["number"] = upload.__dict__.get("number", 0) + 1
    sound = wav(f"attack {number}")
    return client.post("/v1/recordings", files={"file": (name, sound)}, data=fields)


def raw(service: Service, request: bytes) -> bytes:
    """What the service answers to these bytes."""
    place = urlsplit(service.url)
    assert place.hostname is not None
    with socket.create_connection((place.hostname, place.port or 80), timeout=20) as line:
        line.sendall(request)
        return b"".join(iter(lambda: line.recv(65536), b""))


class Elements(HTMLParser):
    """Every element and attribute that a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def assert_harmless(page: httpx2.Response) -> None:
    elements = Elements()
    elements.feed(page.text)
    for tag, attributes in elements.found:
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)
        assert attributes.get("src") != "x"
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    scripts = re.search(r"script-src ([^;]*)", policy)
    assert scripts is None or "unsafe-inline" not in scripts[1]


def test_a_report_shows_markup_as_text(client: httpx2.Client, hostile: str) -> None:
    page = client.get(f"/v1/recordings/{hostile}/report.html")
    assert page.status_code == 200
    assert "onerror=alert" in page.text, "the words themselves are shown"
    assert_harmless(page)


def test_pages_on_problems_are_only_those_that_are_there(client: httpx2.Client) -> None:
    assert_harmless(client.get("/problems/not-found"))
    for name in (MARKUP, *TRAVERSALS):
        refused = client.get(f"/problems/{name}")
        assert refused.status_code == 404
        assert refused.headers["Content-Type"] == "application/problem+json"


def test_answers_are_of_the_kind_they_say_and_no_browser_guesses(
    client: httpx2.Client, hostile: str
) -> None:
    place = f"/v1/recordings/{hostile}"
    for path in (place, f"{place}/analysis", f"{place}/turns", "/v1/findings", "/v1/audit"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("form", ["vtt", "srt", "txt", "json"])
def test_a_transcript_stays_one_of_its_form(
    client: httpx2.Client, hostile: str, form: str
) -> None:
    answer = client.get(f"/v1/recordings/{hostile}/transcript.{form}")
    assert answer.status_code == 200
    assert "html" not in answer.headers["Content-Type"]
    assert answer.headers["Content-Disposition"].isascii()
    if form == "vtt":
        assert "<img" not in answer.text
        assert "<svg" not in answer.text


@pytest.mark.parametrize("report", ["agents", "teams", "queues", "kinds", "fairness"])
def test_no_cell_of_a_table_is_a_formula(client: httpx2.Client, report: str) -> None:
    answer = client.get(f"/v1/reports/{report}.csv")
    assert answer.status_code == 200
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    if report == "agents":
        assert len(rows) > 1
    cells = [cell for row in rows for cell in row]
    assert not any(cell.startswith(("=", "@", "\t", "\r")) for cell in cells)
    assert not any(re.match(r"[+-](?![0-9.])", cell) for cell in cells)


@pytest.mark.parametrize("text", QUERIES)
def test_a_query_is_a_value_and_nothing_else(client: httpx2.Client, text: str) -> None:
    before = client.get("/v1/recordings", params={"limit": 1}).json()
    for path, name in (
        ("/v1/recordings", "text"),
        ("/v1/recordings", "agent"),
        ("/v1/recordings", "label"),
        ("/v1/recordings", "cursor"),
        ("/v1/recordings", "sort"),
        ("/v1/findings", "team"),
        ("/v1/findings", "recording_id"),
        ("/v1/findings", "assigned_to"),
        ("/v1/audit", "who"),
        ("/v1/promises", "customer"),
        ("/v1/reports/agents", "team"),
        ("/v1/reports/fairness", "label"),
        ("/v1/calibration", "rubric"),
    ):
        answer = client.get(path, params={name: text})
        assert answer.status_code in (200, 404, 422), (path, name, answer.text)
        # The calls hold such words, and who looks for words finds them.
        sought = set(re.findall(r"\w+", text))
        said = name == "text" and sought and sought <= set(re.findall(r"\w+", MARKUP))
        if answer.status_code == 200 and not said:
            assert answer.json().get("items", []) == [], (path, name)
    assert client.get("/v1/recordings", params={"limit": 1}).json() == before


@pytest.mark.parametrize("path", TRAVERSALS)
def test_no_path_leaves_its_place(service: Service, hostile: str, path: str) -> None:
    for address in (
        f"/v1/recordings/{path}",
        f"/v1/recordings/{path}/audio",
        f"/v1/recordings/{hostile}/transcript.{path}",
        f"/v1/findings/{path}/clip",
        f"/problems/{path}",
        f"/static/{path}",
        f"/{path}",
    ):
        # Not by a client, which would put the path right first.
        answer = raw(
            service,
            f"GET {address} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            f"Authorization: Bearer {KEY}\r\n\r\n".encode(),
        )
        assert answer[9:12] in (b"404", b"422", b"307"), (address, answer[:300])
        assert b"root:" not in answer


@pytest.mark.parametrize(
    "name",
    [
        "../../../../../tmp/evil.wav",
        "..\\..\\evil.wav",
        "/etc/cron.d/evil.wav",
        "C:\\evil.wav",
        "a\r\nSet-Cookie: evil=1\r\n\r\n<script>.wav",
        f"{MARKUP}.wav",
        "evil\u202evaw.exe.wav",
        "." * 300 + ".wav",
        "\N{PILE OF POO}" * 200 + ".wav",
        "\x01\x02\x1b[31m.wav",
        ".wav",
        "con.wav",
    ],
)
def test_a_file_name_is_a_name_and_no_place_or_header(
    client: httpx2.Client, folder: Path, name: str
) -> None:
    files_before = {path for path in folder.rglob("*") if "media" not in path.parts}
    sent = upload(client, name)
    assert sent.status_code == 202, sent.text
    shown = sent.json()["name"]
    assert "/" not in shown
    assert "\\" not in shown
    assert not any(ord(character) < 32 for character in shown)
    assert re.fullmatch(r"/v1/recordings/[0-9a-f]{16}", sent.headers["Location"])
    assert "set-cookie" not in sent.headers
    sound = client.get(f"{sent.headers['Location']}/audio")
    assert "evil" not in sound.headers.get("set-cookie", "")
    files = {path for path in folder.rglob("*") if "media" not in path.parts}
    assert {path.name for path in files - files_before} <= {
        "callmon.db-wal",
        "callmon.db-shm",
    }
    kept = [path for path in (folder / "media").rglob("*") if path.is_file()]
    assert all(re.fullmatch(r"[0-9a-f]{64}(\.\w+)?", path.name) for path in kept)


@pytest.mark.parametrize(
    "fields",
    [
        {"agent": MARKUP, "team": "' OR 1=1 --", "queue": FORMULA},
        {"metadata": json.dumps({"agent": {"$gt": ""}})},
        {"metadata": json.dumps({"__proto__": {"role": "admin"}})},
        {"metadata": "[" * 5000 + "]" * 5000},
        {"metadata": '{"agent": "a", "agent": "b"}'},
        {"agent": "x" * 100_000},
        {f"label{n}": "x" for n in range(500)},
        {"x" * 5000: "label"},
        {"agent": "a\x00b"},
        {"state": "done", "id": "0" * 16, "role": "admin", "sha256": "0" * 64},
    ],
)
def test_metadata_is_text_and_nothing_else(
    client: httpx2.Client, fields: dict[str, str]
) -> None:
    answer = upload(client, "a.wav", **fields)
    assert answer.status_code in (202, 413, 422), answer.text
    if answer.status_code == 202:
        made = answer.json()
        assert made["state"] == "queued"
        assert made["id"] != "0" * 16
        client.delete(f"/v1/recordings/{made['id']}").raise_for_status()


@pytest.mark.parametrize(
    "header",
    [
        "Host: evil.example",
        "X-Forwarded-For: 127.0.0.1, ' OR 1=1",
        "X-Forwarded-Host: evil.example",
        "X-Forwarded-Proto: javascript",
        "X-Original-URL: /v1/keys",
        "X-HTTP-Method-Override: DELETE",
        "X-Request-ID: <script>alert(1)</script>",
        "X-Request-ID: a\tb",
        "Range: bytes=0-18446744073709551616",
        "If-Match: " + "x" * 9000,
        "Idempotency-Key: ' OR 1=1 --",
        "Cookie: session=../../etc/passwd; a=" + "b" * 4000,
        "Accept-Language: " + "a," * 4000,
        "Content-Length: 0",
        "Transfer-Encoding: identity, chunked",
    ],
)
def test_a_header_does_not_come_back_or_change_who_is_asking(
    service: Service, header: str
) -> None:
    request = f"GET /v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}\r\n\r\n"
    if header.startswith("Host"):
        request = request.replace("Host: x\r\n", "")
    answer = raw(service, request.encode())
    assert answer[9:12] in (b"401", b"400", b"501"), answer[:300]
    assert b"evil" not in answer
    assert b"<script>" not in answer
    assert b"Traceback" not in answer


def test_two_requests_in_one_are_not_made_of_a_smuggled_length(service: Service) -> None:
    smuggled = (
        b"POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"0\r\n\r\nGET /v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    twice = smuggled.replace(b"Transfer-Encoding: chunked", b"Content-Length: 60")
    assert raw(service, twice).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_a_packed_body_is_not_unpacked(
    service: Service, client: httpx2.Client, coding: str
) -> None:
    zeros = b'{"login": "' + b"a" * (64 << 20) + b'", "password": "x"}'
    bomb = gzip.compress(zeros, 6) if coding == "gzip" else zlib.compress(zeros, 6)
    memory = psutil.Process(service.process.pid).memory_info
    before = memory().rss
    headers = {"Content-Type": "application/json", "Content-Encoding": coding}
    answer = client.post("/v1/session", content=bomb, headers=headers)
    assert answer.status_code in (415, 422)
    assert memory().rss - before < 32 << 20


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 500_000,
        b'{"login":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"login": "a", "password": ' + b"9" * 500_000 + b"}",
        b'{"login": "\\ud800", "password": "x"}',
        b'{"login": "a", "password": "' + b"x" * 900_000 + b'"}',
        b"{" + b",".join(b'"k%d": 1' % n for n in range(50_000)) + b"}",
        b'{"' + b"k" * 900_000 + b'": 1}',
        b'{"login": NaN, "password": Infinity}',
        b'\xef\xbb\xbf{"login": "a", "password": "b"}',
    ],
    ids=["deep list", "deep object", "long number", "half a character", "long text",
         "many fields", "a long field", "no numbers", "byte order mark"],
)  # fmt: skip
def test_monstrous_json_is_refused_in_few_words(client: httpx2.Client, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.post("/v1/session", content=body, headers=headers)
    assert answer.status_code in (401, 413, 422, 429), answer.text[:500]
    assert len(answer.content) < 10_000
    assert client.get("/healthz").status_code == 200
