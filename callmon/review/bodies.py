"""Bodies of requests: how large, of what kind, and how slowly they may come.

A recording is streamed to the media store and may be large; everything else is JSON that
is read into memory, and small. Who sends or reads too slowly is let go, so that a thousand
idle clients hold nothing but their sockets.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callmon.review.problems import Problem, answer, request_id_of

JSON_BYTES: Final = 1 << 20
FORM_BYTES: Final = 1 << 20
"""What an upload's form has around the recording: its other fields, its borders."""
SILENT_SECONDS: Final = 30.0
"""Without a byte of the body, or of a reader that takes nothing."""
JSON_SECONDS: Final = 30.0
"""For a whole JSON body, however steadily it drips."""
UPLOADS: Final = {("POST", "/v1/recordings")}


@dataclass(frozen=True)
class Patience:
    """How long one waits, in seconds."""

    silent: float = SILENT_SECONDS
    json: float = JSON_SECONDS


class Bodies:
    """ASGI middleware, within the envelope."""

    def __init__(self, app: ASGIApp, *, max_upload_bytes: int, patience: Patience) -> None:
        self.app = app
        self.upload_bytes = max_upload_bytes + FORM_BYTES
        self.patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        upload = (scope["method"], scope["path"]) in UPLOADS
        limit = self.upload_bytes if upload else JSON_BYTES
        try:
            _check_length(Headers(scope=scope), limit)
        except Problem as problem:
            # The body is not read: the connection cannot serve another request.
            response = answer(problem, request_id=request_id_of(Request(scope)))
            response.headers["Connection"] = "close"
            await response(scope, receive, send)
            return

        loop = asyncio.get_running_loop()
        end = None if upload else loop.time() + self.patience.json
        taken, whole = 0, False

        async def receive_some() -> Message:
            nonlocal taken, whole
            if whole:  # now it waits for the client to go away, which may take long
                return await receive()
            wait = self.patience.silent
            if end is not None:
                wait = min(wait, max(0.0, end - loop.time()))
            try:
                message = await asyncio.wait_for(receive(), wait)
            except TimeoutError:
                raise Problem(
                    408,
                    "too-slow",
                    "The body of the request stopped coming. Send it again.",
                    headers={"Connection": "close"},
                ) from None
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                whole = not message.get("more_body", False)
            if taken > limit:
                raise _too_large(limit)
            return message

        async def send_some(message: Message) -> None:
            try:
                await asyncio.wait_for(send(message), self.patience.silent)
            except TimeoutError:
                raise ClientDisconnect from None

        await self.app(scope, receive_some, send_some)


async def of_the_right_kind(request: Request) -> None:
    """For `Depends`: raises a Problem, 415, for a body that the route does not read."""
    headers, path = request.headers, request.url.path
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    upload = (request.method, path) in UPLOADS
    wanted = "multipart/form-data" if upload else "application/json"
    if path.startswith("/v1/") and kind != wanted:
        raise Problem(
            415,
            "unsupported-media-type",
            f"The body is {kind[:100]!r}; {wanted} would work."
            if kind
            else f"The body has no Content-Type; {wanted} would work.",
            field="Content-Type",
        )


def _check_length(headers: Headers, limit: int) -> None:
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length[:20]) > limit:
        raise _too_large(limit)


def _too_large(limit: int) -> Problem:
    return Problem(
        413,
        "too-large",
        f"The body is larger than {limit:,} bytes, the most that is read here.",
        headers={"Connection": "close"},
    )
