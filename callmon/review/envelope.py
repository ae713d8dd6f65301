"""What stands around every request: its id, its line in the log, safe headers, and the last
place where an error ends."""

from __future__ import annotations

import logging
import re
import time
import uuid
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callmon import tracing
from callmon.review import logs
from callmon.review.metrics import Metrics
from callmon.review.problems import Problem, answer

REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
"""What a proxy in front may call a request; anything else gets a new id."""

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # For whatever is not a page; a page says itself what it loads.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
MOST_AT_ONCE: Final = 2000
"""Requests under way in this process; further ones are told to come back."""
CLIENT_LEFT: Final = 499
"""The status in our logs of a request whose client went away; nobody is sent it."""
TLS_HEADER: Final = ("Strict-Transport-Security", "max-age=31536000")


class Envelope:
    """ASGI middleware; the outermost."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in METHODS else "other"
        with tracing.of_request(method) as told:
            await self._serve(scope, receive, send, told)

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, told: dict[str, str | int]
    ) -> None:
        began = time.perf_counter()
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def send_enveloped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope.get("scheme") == "https":
                    headers.setdefault(*TLS_HEADER)
            await send(message)

        failed: dict[str, Any] = {}
        self._under_way += 1
        try:
            if self._under_way > MOST_AT_ONCE:
                response = answer(_crowded(), request_id=request_id)
                await response(scope, receive, send_enveloped)
            else:
                await self.app(scope, receive, send_enveloped)
        except ClientDisconnect:
            status = CLIENT_LEFT
        except Exception as error:  # noqa: BLE001  the outermost edge
            failed = {"error": type(error).__name__, "where": logs.where(error)}
            if status == 0:
                problem = Problem(
                    500,
                    "internal",
                    "Something went wrong here. The log has it under the request's id.",
                )
                response = answer(problem, request_id=request_id)
                await response(scope, receive, send_enveloped)
        finally:
            self._under_way -= 1
        told |= {"route": _route(scope), "status": status}
        _end(scope, request_id, status, time.perf_counter() - began, failed)


def _route(scope: Scope) -> str:
    """The pattern, not the address: whatever is looked for stands in the latter."""
    state = scope["app"].state if "app" in scope else None
    route: str = getattr(state, "paths", {}).get(scope.get("endpoint"), "none")
    return route


def _crowded() -> Problem:
    return Problem(
        503,
        "not-ready",
        f"More than {MOST_AT_ONCE:,} requests are under way. Come back in a moment.",
        headers={"Retry-After": "1", "Connection": "close"},
    )


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _end(
    scope: Scope, request_id: str, status: int, seconds: float, failed: dict[str, Any]
) -> None:
    method = scope["method"] if scope["method"] in METHODS else "other"
    route = _route(scope)
    state = scope["app"].state if "app" in scope else None
    metrics: Metrics | None = getattr(state, "metrics", None)
    if metrics is not None:
        metrics.count(method=method, route=route, status=status, seconds=seconds)
    logs.event(
        "request",
        level=logging.ERROR if failed else logging.INFO,
        request_id=request_id,
        method=method,
        route=route,
        status=status,
        seconds=round(seconds, 4),
        who=scope["state"].get("asking"),
        **failed,
    )
