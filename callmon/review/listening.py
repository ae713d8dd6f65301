"""The web server: uvicorn, with patience for slow clients but not without end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any, Final

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from callmon.errors import BadSettings
from callmon.review.problems import Problem, answer

HEAD_SECONDS: Final = 15.0
"""For all lines of a request's head. uvicorn itself waits for them without end, so that a
thousand clients that send a byte a minute would hold a thousand connections."""
HEAD_BYTES: Final = 32 * 1024
READ_BYTES: Final = 32 * 1024
"""Taken off a connection at a time. asyncio's own 256 KiB pass through five buffers on the
way to the media store: 1.2 MiB for each of the uploads under way, however slow."""
KEEP_ALIVE_SECONDS: Final = 10
DRAIN_SECONDS: Final = 30
"""For requests that are under way when the service is told to end."""
BACKLOG: Final = 2048


class ImpatientProtocol(H11Protocol):
    """HTTP/1.1 that hangs up on a client whose request does not get to its body."""

    _hang_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.max_size = READ_BYTES  # type: ignore[attr-defined]
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self._head_is_here()
        elif self.cycle is None or self.cycle.response_complete:
            # The head of a further request on this connection.
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_here()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  the library's words
        problem = Problem(400, "invalid-request", "This is no HTTP/1.1 request.")
        response = answer(problem, request_id=None)
        headers = [*response.raw_headers, (b"connection", b"close")]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=bytes(response.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _wait_for_head(self) -> None:
        if self._hang_up is None:
            self._hang_up = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _head_is_here(self) -> None:
        if self._hang_up is not None:
            self._hang_up.cancel()
            self._hang_up = None


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at the address. Raises BadSettings when it is not to be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol has to be named: asyncio turns Nagle's algorithm off only for sockets
    # that say they are TCP, and without that each answer is 40 ms late.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise BadSettings(
            f"callmon cannot listen at {host}, port {port}: {error.strerror or error}."
            " Another --port or --host would work."
        ) from None
    return listener


class Server(uvicorn.Server):
    """A server that is told to end by `end` alone; the program has the signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def end(self) -> None:
        """Ends after the requests under way; called again, at once."""
        if self.should_exit:
            self.force_exit = True
        self.should_exit = True


def server(app: Any, *, trusted_proxies: str) -> Server:
    """A server for the app; `run(sockets=[...])` gives it where to listen."""
    return Server(
        uvicorn.Config(
            app,
            http=ImpatientProtocol,
            ws="none",
            loop="asyncio",
            log_config=None,
            access_log=False,
            proxy_headers=True,
            # Only a proxy that is named is believed when it says who the client is.
            forwarded_allow_ips=trusted_proxies,
            server_header=False,
            h11_max_incomplete_event_size=HEAD_BYTES,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
    )
