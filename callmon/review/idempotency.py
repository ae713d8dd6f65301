"""`Idempotency-Key`: a request that is sent again is answered again, and done once.

After draft-ietf-httpapi-idempotency-key-header. The key belongs to who is asking and is
kept for a day.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from fastapi import Header
from pydantic import BaseModel
from sqlalchemy import Connection
from starlette.responses import Response

from callmon.review.access.principal import Asking
from callmon.review.problems import Problem
from callmon.store.access import answers

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="Your own name for this request, such as a UUID. Sent again within"
        " a day with the same content, it is answered as before and done once.",
    ),
]


@dataclass(frozen=True)
class Answer:
    """What a request is answered with."""

    status: int
    body: BaseModel
    headers: Mapping[str, str] = field(default_factory=dict)
    recording_id: str | None = None
    """The recording that the answer tells of; with it goes the kept answer."""


def answer_once(
    connection: Connection,
    *,
    asking: Asking,
    key: str | None,
    fingerprint: str,
    at: datetime,
    act: Callable[[], Answer],
) -> Response:
    """What `act` answers, or what it answered to the same request before.

    Call it in the transaction in which `act` writes, so that both are kept or neither.
    Without a key it only acts. Raises a Problem, 422, for a key that another request had.
    """
    if key is None:
        answer = act()
        return _response(answer.status, answer.headers, _body(answer))
    kept = answers.reserve(
        connection, principal=asking.id, key=key, fingerprint=fingerprint, at=at
    )
    if kept is None:
        answer = act()
        answers.keep(
            connection,
            principal=asking.id,
            key=key,
            status=answer.status,
            headers=answer.headers,
            body=_body(answer),
            recording_id=answer.recording_id,
        )
        return _response(answer.status, answer.headers, _body(answer))
    if kept.fingerprint != fingerprint:
        raise Problem(
            422,
            "invalid-request",
            "This Idempotency-Key was used for another request. A new key would work.",
            field="Idempotency-Key",
        )
    return _response(
        kept.status, {**kept.headers, "Idempotency-Replayed": "true"}, kept.body
    )


def fingerprint_of(*parts: Any) -> str:
    """SHA-256 of what makes the request: its route, ids and body as JSON values."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _body(answer: Answer) -> bytes:
    return answer.body.model_dump_json().encode()


def _response(status: int, headers: Mapping[str, str], body: bytes) -> Response:
    return Response(
        body, status_code=status, headers=dict(headers), media_type="application/json"
    )
