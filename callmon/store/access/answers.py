"""Answers that were given, by the client's own key for the request: asked again within a
day, the request is answered again and nothing is done twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, select, update

from callmon.call import Value
from callmon.store.database import insert_once
from callmon.store.tables.access import answers

KEPT: Final = timedelta(hours=24)


class KeptAnswer(Value):
    """An answer, and the request that it was given to."""

    fingerprint: str
    """SHA-256 of the request."""
    status: int
    headers: Mapping[str, str]
    body: bytes


def reserve(
    connection: Connection, *, principal: str, key: str, fingerprint: str, at: datetime
) -> KeptAnswer | None:
    """The answer that was given under this key; None when the key is new, and now taken.

    Fill it with `keep` in the same transaction. Another transaction with the same key waits
    for the end of this one.
    """
    connection.execute(delete(answers).where(answers.c.at < at - KEPT))
    row = {
        "principal": principal,
        "key": key,
        "fingerprint": fingerprint,
        "status": 0,
        "headers": {},
        "body": b"",
        "at": at,
    }
    if insert_once(connection, answers, row):
        return None
    a = answers.c
    found = connection.execute(
        select(a.fingerprint, a.status, a.headers, a.body).where(
            a.principal == principal, a.key == key
        )
    ).one()
    return KeptAnswer.model_validate(dict(found._mapping))


def keep(
    connection: Connection,
    *,
    principal: str,
    key: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    recording_id: str | None,
) -> None:
    """Keeps the answer, until its recording is deleted or a day has passed."""
    connection.execute(
        update(answers)
        .where(answers.c.principal == principal, answers.c.key == key)
        .values(status=status, headers=dict(headers), body=body, recording_id=recording_id)
    )
