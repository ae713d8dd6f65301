"""The real web server on a socket: clients that are slow, odd or many."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from callmon.errors import BadSettings
from callmon.review import listening
from callmon.review.app import create_app
from callmon.review.site import Site


@pytest.fixture
def address(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    monkeypatch.setattr(listening, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(listening, "KEEP_ALIVE_SECONDS", 1)
    listener = listening.listen("127.0.0.1", 0)
    server = listening.server(create_app(site), trusted_proxies="127.0.0.1")
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listener.getsockname()[:2]
    server.end()
    thread.join(10)
    listener.close()
    assert not thread.is_alive()


def answer(client: socket.socket) -> bytes:
    """All that comes until the server hangs up."""
    client.settimeout(5)
    found = b""
    while block := client.recv(65536):
        found += block
    return found


HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"


def test_a_whole_request_is_answered(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as client:
        client.sendall(HEAD + b"Connection: close\r\n\r\n")
        found = answer(client)
    assert found.startswith(b"HTTP/1.1 200")
    assert b"server:" not in found.lower()


def test_answers_are_not_held_back() -> None:
    """asyncio sends small pieces at once only on sockets that name their protocol."""
    with (
        listening.listen("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
    ):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.proto == socket.IPPROTO_TCP


def test_an_address_that_is_not_ours_is_told() -> None:
    with pytest.raises(BadSettings, match=r"192\.0\.2\.1, port 80"):
        listening.listen("192.0.2.1", 80)


@pytest.mark.parametrize("sent", [b"", b"GET", HEAD])
def test_a_head_that_does_not_end_is_hung_up_on(
    address: tuple[str, int], sent: bytes
) -> None:
    with socket.create_connection(address) as client:
        client.sendall(sent)
        assert answer(client) == b""


def test_a_head_that_drips_is_hung_up_on(address: tuple[str, int]) -> None:
    end = time.monotonic() + 5
    with socket.create_connection(address) as client, contextlib.suppress(OSError):
        while time.monotonic() < end:
            client.sendall(b"X")
            time.sleep(0.05)
    assert time.monotonic() < end


def test_a_second_head_on_the_connection_has_to_end_too(
    address: tuple[str, int],
) -> None:
    with socket.create_connection(address) as client:
        client.sendall(HEAD + b"\r\n" + HEAD)
        assert answer(client).count(b"HTTP/1.1 200") == 1


def test_several_requests_come_on_one_connection(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as client:
        for _ in range(3):
            client.sendall(HEAD + b"\r\n")
            found = b""
            while b'"ok"' not in found:
                found += client.recv(65536)
            assert found.startswith(b"HTTP/1.1 200")
            time.sleep(0.2)


@pytest.mark.parametrize(
    "odd",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_what_is_no_request_does_no_harm(address: tuple[str, int], odd: bytes) -> None:
    with socket.create_connection(address) as client:
        client.sendall(odd)
        # The service hangs up without reading the rest.
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_WR)
            assert b"HTTP/1.1 500" not in answer(client)
    test_a_whole_request_is_answered(address)


def test_what_is_no_request_is_a_problem_too(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as client:
        client.sendall(b"nonsense\r\n\r\n")
        head, _, body = answer(client).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in head
    assert json.loads(body)["type"] == "/problems/invalid-request"
