"""Workers and their signs of life."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, delete, select

from callmon.call import Value
from callmon.store.database import put
from callmon.store.tables.calls import workers
from callmon.store.work import versions

WorkerState = Literal["working", "draining", "stopped"]


class Worker(Value):
    """A program that analyses recordings."""

    name: str
    host: str
    pid: int
    state: WorkerState
    version: str | None
    """Of its callmon; see `versions`."""
    since: datetime
    """When this process was first heard of."""
    at: datetime
    """When it was last heard of."""


def beat(
    connection: Connection,
    name: str,
    *,
    host: str,
    pid: int,
    state: WorkerState,
    at: datetime,
) -> None:
    """Notes that the worker lives."""
    known = connection.execute(select(workers).where(workers.c.name == name)).one_or_none()
    same = known is not None and (known.host, known.pid) == (host, pid)
    put(
        connection,
        workers,
        {
            "name": name,
            "host": host,
            "pid": pid,
            "state": state,
            "version": versions.STAMP,
            "since": known.since if known is not None and same else at,
            "at": at,
        },
    )


def every(connection: Connection) -> list[Worker]:
    """All workers that were ever heard of, by name."""
    rows = connection.execute(select(workers).order_by(workers.c.name))
    return [Worker.model_validate(dict(row._mapping)) for row in rows]


def forget(connection: Connection, *, before: datetime) -> None:
    """Drops workers that were last heard of before then: their machines are gone."""
    connection.execute(delete(workers).where(workers.c.at < before))
