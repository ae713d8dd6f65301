"""The endpoint against a server on this machine, kind and hostile."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from callmon.cli import main
from callmon.opinion.asker import NoAnswer
from callmon.opinion.endpoint import LARGEST_ANSWER, LONGEST_PAUSE, PAUSES, Endpoint
from callmon.opinion.second import second_opinions
from tests.unit.opinion.calls import AGREES, call, finding

KEY = "sk-not-to-be-seen"


def completion(content: Any) -> bytes:
    return json.dumps({"choices": [{"message": {"content": content}}]}).encode()


class Stub(ThreadingHTTPServer):
    """Answers each request with the next of its replies, and keeps what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[Callable[[Handler], None]] = []
        self.sent: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.stopped = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests are about."""


class Handler(BaseHTTPRequestHandler):
    server: Stub

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.sent.append((self.path, dict(self.headers), body))
        self.server.replies.pop(0)(self)

    def log_message(self, *_: Any) -> None:
        pass


def reply(body: bytes, status: int = 200, **headers: str) -> Callable[[Handler], None]:
    def send(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return send


@pytest.fixture
def server() -> Iterator[Stub]:
    with Stub() as stub:
        thread = threading.Thread(target=stub.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield stub
        stub.stopped.set()
        stub.shutdown()
        thread.join()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def endpoint(server: Stub, pauses: list[float]) -> Endpoint:
    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    return Endpoint(server.url, model="stub", key=KEY, seconds=10.0, pause=pause)


def test_the_models_text_comes_back(server: Stub, endpoint: Endpoint) -> None:
    server.replies = [reply(completion(AGREES))]
    assert endpoint.ask("system", "user") == AGREES


def test_the_request_is_deterministic_and_of_the_usual_form(
    server: Stub, endpoint: Endpoint
) -> None:
    server.replies = [reply(completion(AGREES))]
    endpoint.ask("the rules", "the words")
    [(path, headers, body)] = server.sent
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert headers["Host"] == f"127.0.0.1:{server.server_port}"
    assert body["messages"] == [
        {"role": "system", "content": "the rules"},
        {"role": "user", "content": "the words"},
    ]
    assert (body["temperature"], body["seed"], body["stream"]) == (0, 0, False)


def test_a_busy_server_is_asked_again_with_longer_pauses(
    server: Stub, endpoint: Endpoint, pauses: list[float]
) -> None:
    server.replies = [reply(b"", 503), reply(b"", 429), reply(completion(AGREES))]
    assert endpoint.ask("s", "u") == AGREES
    assert pauses == list(PAUSES)


def test_a_server_may_ask_for_a_pause_within_bounds(
    server: Stub, endpoint: Endpoint, pauses: list[float]
) -> None:
    server.replies = [
        reply(b"", 429, Retry_After="2"),
        reply(b"", 429, Retry_After="86400"),
        reply(completion(AGREES)),
    ]
    endpoint.ask("s", "u")
    assert pauses == [2.0, LONGEST_PAUSE]


def test_a_server_that_stays_busy_is_given_up(server: Stub, endpoint: Endpoint) -> None:
    server.replies = [reply(b"", 500)] * (len(PAUSES) + 1)
    with pytest.raises(NoAnswer, match="status 500"):
        endpoint.ask("s", "u")
    assert server.replies == []


@pytest.mark.parametrize("status", [400, 401, 404, 204])
def test_a_refusal_is_not_tried_again(
    server: Stub, endpoint: Endpoint, status: int
) -> None:
    server.replies = [reply(b"", status)]
    with pytest.raises(NoAnswer, match=f"status {status}"):
        endpoint.ask("s", "u")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(server: Stub, endpoint: Endpoint, status: int) -> None:
    elsewhere = f"{server.url}/elsewhere"
    server.replies = [reply(b"", status, Location=elsewhere), reply(completion(AGREES))]
    with pytest.raises(NoAnswer, match="redirects"):
        endpoint.ask("s", "u")
    assert len(server.sent) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><title>Log in</title>",
        b"\xff\xfe\x00",
        b"null",
        b"[]",
        b'{"choices": []}',
        b'{"choices": {"0": 1}}',
        b'{"error": {"message": "no such model"}}',
        completion(None),
        completion(["agree"]),
        b"[" * 60_000,
    ],
    ids=lambda body: str(body[:24]),
)
def test_what_is_no_chat_completion_is_no_answer(
    server: Stub, endpoint: Endpoint, body: bytes
) -> None:
    server.replies = [reply(body)]
    with pytest.raises(NoAnswer, match="no chat completion"):
        endpoint.ask("s", "u")


def test_an_answer_without_end_is_cut_off(server: Stub, endpoint: Endpoint) -> None:
    def endless(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(100 * LARGEST_ANSWER // 1024):
            handler.wfile.write(b" " * 1024)

    server.replies = [endless]
    with pytest.raises(NoAnswer, match="more than 64 KB"):
        endpoint.ask("s", "u")


def test_a_compressed_answer_is_not_unpacked(server: Stub, endpoint: Endpoint) -> None:
    import gzip

    bomb = gzip.compress(b" " * 10_000_000 + completion(AGREES))
    server.replies = [reply(bomb, Content_Encoding="gzip")]
    with pytest.raises(NoAnswer, match="no chat completion"):
        endpoint.ask("s", "u")


@pytest.mark.parametrize("part", ["headers", "body"])
def test_a_server_that_drips_is_left_after_the_time_for_all_of_it(
    server: Stub, part: str
) -> None:
    def drip(handler: Handler) -> None:
        if part == "body":
            handler.send_response(200)
            handler.end_headers()
        while not server.stopped.wait(0.05):
            handler.wfile.write(b"X-A: b\r\n" if part == "headers" else b" ")
            handler.wfile.flush()

    if part == "headers":
        server.replies = [lambda h: (h.wfile.write(b"HTTP/1.0 200 OK\r\n"), drip(h))[1]]
    else:
        server.replies = [drip]
    began = time.monotonic()
    with pytest.raises(NoAnswer, match=r"no answer in 0.5 s"):
        Endpoint(server.url, model="stub", seconds=0.5).ask("s", "u")
    assert time.monotonic() - began < 10


def test_a_server_that_hangs_up_is_no_answer(server: Stub, endpoint: Endpoint) -> None:
    server.replies = [lambda handler: handler.connection.close()]
    with pytest.raises(NoAnswer, match="cannot be reached"):
        endpoint.ask("s", "u")


def test_a_server_that_is_not_there_is_no_answer() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}/v1"
        with pytest.raises(NoAnswer, match="cannot be reached"):
            Endpoint(url, model="stub", seconds=5.0).ask("s", "u")


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", ["a" * 70, "a..b", "[::1"])
def test_a_name_that_no_host_can_have_is_no_answer(scheme: str, host: str) -> None:
    with pytest.raises(NoAnswer, match="cannot be reached"):
        Endpoint(f"{scheme}://{host}/v1", model="stub", seconds=5.0).ask("s", "u")


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 80)) for a in addresses]

    def getaddrinfo(host: str | bytes, *_: Any, **__: Any) -> Any:
        if host in ("model.test", b"model.test"):
            return entries
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (str(host), int(_[0])))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize("addresses", [("203.0.114.9",), ("127.0.0.1", "203.0.114.9"), ()])
def test_a_public_address_without_encryption_is_not_asked(
    server: Stub, monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    resolving(monkeypatch, *addresses)
    with pytest.raises(NoAnswer, match="without encryption"):
        Endpoint("http://model.test/v1", model="stub", key=KEY).ask("s", "u")


def test_a_name_of_a_private_address_is_asked_at_that_address_under_its_name(
    server: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, "127.0.0.1")
    server.replies = [reply(completion(AGREES))]
    url = f"http://model.test:{server.server_port}/v1"
    assert Endpoint(url, model="stub").ask("s", "u") == AGREES
    assert server.sent[0][1]["Host"] == f"model.test:{server.server_port}"


def test_proxies_of_the_environment_are_not_used(
    server: Stub, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    server.replies = [reply(completion(AGREES))]
    assert endpoint.ask("s", "u") == AGREES


def test_the_key_and_the_words_are_in_no_log_and_no_message(
    server: Stub, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.replies = [reply(completion(AGREES)), reply(KEY.encode(), 401)]
    endpoint.ask("s", "the customer's words")
    with pytest.raises(NoAnswer) as refused:
        endpoint.ask("s", "u")
    assert KEY not in caplog.text + str(refused.value) + repr(endpoint)
    assert "the customer's words" not in caplog.text


def test_a_whole_analysis_gets_its_opinions(server: Stub, endpoint: Endpoint) -> None:
    server.replies = [reply(completion(AGREES)), reply(b"", 404)]
    judged = second_opinions(call(finding("f1"), finding("f2")), endpoint, below=1.0)
    first, second = judged.findings
    assert first.opinion is not None
    assert (first.opinion.verdict, first.opinion.model) == ("agree", "stub")
    assert second.opinion is None
    assert "status 404" in judged.warnings[0].message
    sent = json.dumps([body for _, _, body in server.sent])
    for private in ("secret", "Jane", "4111", "Novak", "wav"):
        assert private not in sent


def test_analyze_asks_the_language_model_of_the_settings(
    server: Stub,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    chat = tmp_path / "chat.txt"
    chat.write_text(
        "Agent: Thank you for calling, my name is Petra. How can I help you?\n"
        "Customer: This is the third time I call and I am so frustrated.\n"
        "Agent: Can I have your card number, please?\n"
        "Customer: 4111 1111 1111 1111.\n"
    )
    monkeypatch.setenv("CALLMON_OPINION_URL", server.url)
    monkeypatch.setenv("CALLMON_OPINION_MODEL", "stub")
    monkeypatch.setenv("CALLMON_OPINION_BELOW", "1.0")
    server.replies = [reply(completion(AGREES))] * 20
    assert main(["analyze", "--transcript", str(chat), "--json", "-"]) == 0
    findings = json.loads(capsys.readouterr().out)["findings"]
    asked = [f["opinion"] for f in findings if f["confidence"] < 1.0]
    assert asked
    assert all(opinion["verdict"] == "agree" for opinion in asked)
    sent = json.dumps([body["messages"] for _, _, body in server.sent])
    assert "third time" in sent
    assert "4111" not in sent
    assert "Petra" not in sent
