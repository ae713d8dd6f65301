"""Slow clients, with a clock of the event loop that runs and patience that is short."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from callmon.review.bodies import Bodies, Patience
from callmon.review.problems import Problem

SHORT = Patience(silent=0.05, json=0.2)


def scope(path: str = "/v1/things", **headers: str) -> Scope:
    given = {"content_type": "application/json", "transfer_encoding": "chunked", **headers}
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in given.items()],
        "state": {},
    }


async def reading(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that reads the body."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def run(
    receive: Callable[[], Awaitable[Message]],
    *,
    send: Callable[[Message], Awaitable[None]] | None = None,
    asked: Scope | None = None,
) -> int | Exception:
    """The status that is sent, or what is raised."""
    sent: list[Any] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    middleware = Bodies(reading, max_upload_bytes=100, patience=SHORT)
    try:
        asyncio.run(middleware(asked or scope(), receive, send or keep))
    except Exception as error:  # noqa: BLE001
        return error
    return int(sent[0]["status"])


async def silent() -> Message:
    await asyncio.sleep(10)
    raise AssertionError("nobody waits for so long")


async def dripping() -> Message:
    await asyncio.sleep(0.02)
    return {"type": "http.request", "body": b" ", "more_body": True}


async def quick() -> Message:
    return {"type": "http.request", "body": b"{}", "more_body": False}


def test_a_body_that_comes_is_read() -> None:
    assert run(quick) == 200


def test_a_body_that_stops_coming_is_let_go() -> None:
    error = run(silent)
    assert isinstance(error, Problem)
    assert (error.status_code, error.name) == (408, "too-slow")


def test_a_body_that_drips_for_ever_is_let_go() -> None:
    error = run(dripping)
    assert isinstance(error, Problem)
    assert error.status_code == 408


def test_an_upload_may_take_its_time() -> None:
    left = 15

    async def steadily() -> Message:
        nonlocal left
        left -= 1
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b" ", "more_body": left > 0}

    asked = scope("/v1/recordings", content_type="multipart/form-data; boundary=x")
    assert run(steadily, asked=asked) == 200


def test_a_reader_that_takes_nothing_is_let_go() -> None:
    async def stuck(message: Message) -> None:
        await asyncio.sleep(10)

    assert isinstance(run(quick, send=stuck), ClientDisconnect)


def test_an_upload_has_a_limit_of_its_own() -> None:
    asked = scope(
        "/v1/recordings", content_type="multipart/form-data", content_length=str(3 << 20)
    )
    assert run(quick, asked=asked) == 413
