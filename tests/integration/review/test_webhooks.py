"""Webhooks, from what happens to what arrives."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from callmon.review.site import Options, Site
from callmon.review.webhooks import sending
from callmon.review.webhooks.courier import Courier
from callmon.review.webhooks.sending import LARGEST_ANSWER, Sent
from callmon.store.webhooks import targets as webhooks
from callmon.store.webhooks.targets import BACK_OFF, TAKEN, Taken
from tests.integration.review.conftest import NOW, AddRecording, AsRole, Clock

ALL = ["recording.analyzed", "finding.created", "verdict.created", "dispute.created"]


@dataclass
class Target:
    """A server that keeps what it is sent."""

    url: str = ""
    status: int = 204
    location: str | None = None
    body: bytes = b""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def target() -> Iterator[Target]:
    kept = Target()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            kept.got.append((headers, body))
            self.send_response(kept.status)
            if kept.location is not None:
                self.send_header("Location", kept.location)
            self.send_header("Content-Length", str(len(kept.body)))
            self.end_headers()
            try:
                self.wfile.write(kept.body)
            except OSError:
                return

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_port}/hook?a=b"
    yield kept
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def options() -> Options:
    return Options(webhook_private=True)


@pytest.fixture
def courier(site: Site, clock: Clock) -> Courier:
    return Courier(site.database, private=True, now=clock)


def make(as_role: AsRole, url: str, events: list[str] = ALL) -> tuple[str, str]:
    """The id and the secret of a new webhook."""
    answer = as_role("admin").post("/v1/webhooks", json={"url": url, "events": events})
    assert answer.status_code == 201, answer.text
    return answer.json()["webhook"]["id"], answer.json()["secret"]


def verify(headers: dict[str, str], body: bytes, secret: str) -> None:
    """As a target does it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))


def everything(courier: Courier) -> int:
    number = 0
    while done := courier.deliver():
        number += done
    return number


def test_what_happens_arrives_signed_with_ids_and_no_words(
    target: Target, as_role: AsRole, recording: AddRecording, courier: Courier
) -> None:
    webhook_id, secret = make(as_role, target.url)
    call = recording(agent="Ann", team="north")
    finding = f"{call}-1-f1"
    verdict = {"verdict": "agree", "note": "I heard it too."}
    as_role("reviewer").post(f"/v1/findings/{finding}/verdicts", json=verdict)
    dispute = {"reason": "She was on hold.", "proposed": "none"}
    answer = as_role("supervisor").post(f"/v1/findings/{finding}/dispute", json=dispute)
    assert answer.status_code == 201

    assert everything(courier) == 4

    told = [json.loads(body) for _, body in target.got]
    assert [each["type"] for each in told] == ALL
    assert told[0]["data"] == {
        "recording_id": call,
        "analysis_id": f"{call}-1",
        "findings": 1,
    }
    assert (told[1]["data"]["finding_id"], told[1]["data"]["kind"]) == (
        finding,
        "missed_empathy",
    )
    assert (told[2]["data"]["verdict"], told[3]["data"]["proposed"]) == ("agree", "none")
    for headers, body in target.got:
        verify(headers, body, secret)
        assert json.loads(body)["id"] == headers["webhook-id"]
        for words in (b"third time", b"heard", b"hold", b"Ann", b"north"):
            assert words not in body
    log = as_role("admin").get(f"/v1/webhooks/{webhook_id}/deliveries").json()["items"]
    assert [line["event"] for line in log] == ALL[::-1]
    assert {line["state"] for line in log} == {"delivered"}
    assert {line["status"] for line in log} == {204}


def test_a_target_hears_only_of_what_it_asked_for(
    target: Target, as_role: AsRole, recording: AddRecording, courier: Courier
) -> None:
    make(as_role, target.url, ["finding.created"])
    recording()
    assert everything(courier) == 1


def test_the_secret_is_shown_once(target: Target, as_role: AsRole) -> None:
    webhook_id, secret = make(as_role, target.url)
    admin = as_role("admin")
    for url in ("/v1/webhooks", f"/v1/webhooks/{webhook_id}", "/v1/audit"):
        answer = admin.get(url)
        assert answer.status_code == 200
        assert secret not in answer.text
    assert admin.delete(f"/v1/webhooks/{webhook_id}").status_code == 204
    assert admin.get(f"/v1/webhooks/{webhook_id}").status_code == 404


def test_what_does_not_arrive_is_tried_later_and_later_and_given_up(
    target: Target, as_role: AsRole, recording: AddRecording, courier: Courier, clock: Clock
) -> None:
    webhook_id, _ = make(as_role, target.url, ["recording.analyzed"])
    target.status = 500
    target.body = b"the inner secret"
    recording()
    assert everything(courier) == 1
    clock.forward(seconds=9)
    assert everything(courier) == 0
    for pause in BACK_OFF:
        clock.now += pause
        assert everything(courier) == 1
    clock.forward(days=9)
    assert everything(courier) == 0
    answer = as_role("admin").get(f"/v1/webhooks/{webhook_id}/deliveries")
    (line,) = answer.json()["items"]
    assert (line["state"], line["attempts"], line["status"]) == ("given up", 10, 500)
    assert line["error"] == "The target answered with status 500."
    assert "inner" not in answer.text
    assert len({headers["webhook-id"] for headers, _ in target.got}) == 1


def test_a_silent_target_does_not_hold_up_the_others(
    target: Target, as_role: AsRole, recording: AddRecording, site: Site, clock: Clock
) -> None:
    silent, _ = make(as_role, "http://127.0.0.1:9/hook", ["recording.analyzed"])
    make(as_role, target.url, ["recording.analyzed"])
    for _ in range(6):
        recording()
    tried: list[str] = []

    def send(taken: Taken, at: Any) -> Sent:
        tried.append(taken.webhook_id)
        if taken.webhook_id == silent:
            return Sent(status=None, error="The target cannot be reached.", seconds=1.0)
        return Sent(status=200, error=None, seconds=0.1)

    courier = Courier(site.database, private=True, now=clock, sending=send)
    everything(courier)
    assert tried.count(silent) == 1
    assert len(tried) == 7
    clock.forward(seconds=10)
    everything(courier)
    assert tried.count(silent) == 2


def test_two_processes_do_not_take_the_same_line(
    as_role: AsRole, recording: AddRecording, site: Site, clock: Clock
) -> None:
    make(as_role, "http://127.0.0.1:9/hook", ["recording.analyzed"])
    recording()
    with site.database.writing() as connection:
        (first,) = webhooks.take(connection, at=NOW, limit=9)
    with site.database.writing() as connection:
        assert webhooks.take(connection, at=NOW, limit=9) == []
        # The first one was killed: after a while the line is free again.
        (again,) = webhooks.take(connection, at=NOW + TAKEN, limit=9)
    assert again.delivery.id == first.delivery.id


def test_nothing_is_told_of_what_was_undone(
    as_role: AsRole, recording: AddRecording, site: Site
) -> None:
    make(as_role, "http://127.0.0.1:9/hook")
    call = recording(team="north")
    as_role("reviewer").post(f"/v1/findings/{call}-1-f1/verdicts", json={"kind": "none"})
    with site.database.reading() as connection:
        assert webhooks.waiting(connection) == 2


def test_the_test_button_tells_how_it_went(target: Target, as_role: AsRole) -> None:
    webhook_id, _ = make(as_role, target.url, ["dispute.created"])
    admin = as_role("admin")
    answer = admin.post(f"/v1/webhooks/{webhook_id}/test").json()
    assert (answer["arrived"], answer["status"], answer["error"]) == (True, 204, None)
    ((headers, body),) = target.got
    assert json.loads(body)["type"] == "test"
    assert headers["content-type"] == "application/json"
    target.status, target.location = 307, "http://169.254.169.254/"
    answer = admin.post(f"/v1/webhooks/{webhook_id}/test").json()
    assert not answer["arrived"]
    assert "redirects" in answer["error"]
    log = admin.get(f"/v1/webhooks/{webhook_id}/deliveries").json()["items"]
    assert [line["state"] for line in log] == ["given up", "delivered"]


def test_a_long_answer_is_cut_off(target: Target, as_role: AsRole) -> None:
    webhook_id, _ = make(as_role, target.url)
    target.status, target.body = 200, b"x" * (20 * LARGEST_ANSWER)
    assert as_role("admin").post(f"/v1/webhooks/{webhook_id}/test").json()["arrived"]


def resolves_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    monkeypatch.setattr(sending, "_resolve", resolve)


def taken(url: str, secret: str = "whsec_AAAA") -> Taken:
    delivery = webhooks.Delivery(
        id=1,
        event_id="e1",
        event="test",
        recording_id=None,
        data={},
        state="waiting",
        attempts=0,
        made_at=NOW,
        next_at=NOW,
        tried_at=None,
        status=None,
        error=None,
        seconds=None,
    )
    return Taken(delivery=delivery, webhook_id="w", url=url, secret=secret)


def test_the_address_that_was_looked_at_is_the_one_that_is_asked(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolves_to(monkeypatch, "127.0.0.1")
    url = target.url.replace("127.0.0.1", "hooks.example.com")
    sent = sending.send(taken(url), private=True, at=NOW)
    assert (sent.status, sent.error) == (204, None)
    ((headers, _),) = target.got
    assert headers["host"].startswith("hooks.example.com:")


def test_a_name_that_has_moved_into_a_private_network_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolves_to(monkeypatch, "93.184.215.14", "10.0.0.7")
    sent = sending.send(taken("https://hooks.example.com/"), private=False, at=NOW)
    assert sent.status is None
    assert "private network" in str(sent.error)


def certificate_for(name: str, folder: Path) -> Path:
    """Key and certificate of its own, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return path


def test_a_certificate_has_to_be_of_the_name_though_an_address_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = certificate_for("hooks.example.com", tmp_path)
    resolves_to(monkeypatch, "127.0.0.1")
    plain = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda: plain(cafile=str(path)))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    class Quiet(HTTPServer):
        def handle_error(self, *_: Any) -> None:
            return

    server = Quiet(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        port = server.server_port
        right = sending.send(
            taken(f"https://hooks.example.com:{port}/"), private=True, at=NOW
        )
        other = sending.send(
            taken(f"https://other.example.com:{port}/"), private=True, at=NOW
        )
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert (right.status, right.error) == (204, None)
    assert other.status is None
    assert other.error == "The target has no certificate that holds for its name."


def test_a_target_that_never_answers_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        sent = sending.send(
            taken(f"http://127.0.0.1:{port}/"), private=True, at=NOW, seconds=0.3
        )
    assert sent.error == "The target did not answer within 0.3 s."
    assert sent.seconds < 2


def test_the_log_is_forgotten_after_a_while(
    target: Target, as_role: AsRole, recording: AddRecording, site: Site, courier: Courier
) -> None:
    make(as_role, target.url, ["recording.analyzed"])
    recording()
    everything(courier)
    with site.database.writing() as connection:
        assert webhooks.forget_before(connection, NOW) == 0
        assert webhooks.forget_before(connection, NOW + timedelta(days=1)) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://[fe80::1]/",
        "ftp://127.0.0.1/",
        "http://user@127.0.0.1/",
        "http://nowhere.invalid/",
        "nonsense",
    ],
)
def test_targets_that_are_never_asked_are_refused(url: str, as_role: AsRole) -> None:
    answer = as_role("admin").post("/v1/webhooks", json={"url": url, "events": ALL})
    assert (answer.status_code, answer.json()["field"]) == (422, "url")


class TestWithoutThePrivateSetting:
    @pytest.fixture
    def options(self) -> Options:
        return Options()

    @pytest.mark.parametrize(
        "url", ["https://127.0.0.1/", "https://localhost:8443/x", "https://[::1]/"]
    )
    def test_targets_inside_are_refused(self, url: str, as_role: AsRole) -> None:
        answer = as_role("admin").post("/v1/webhooks", json={"url": url, "events": ALL})
        assert answer.status_code == 422
        assert "webhook_private" in answer.json()["detail"]


def test_the_thread_delivers_by_itself_and_ends(
    target: Target, as_role: AsRole, recording: AddRecording, site: Site
) -> None:
    make(as_role, target.url, ["recording.analyzed"])
    recording()
    with Courier(site.database, private=True, now=lambda: NOW):
        for _ in range(100):
            if target.got:
                break
            threading.Event().wait(0.05)
    assert len(target.got) == 1
    assert not [t for t in threading.enumerate() if t.name == "webhooks"]
