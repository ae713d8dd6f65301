"""Legal holds: what is under one is not deleted, by nobody and no rule."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from callmon.call import Value
from callmon.store.access import audit
from callmon.store.calls.recordings import locked
from callmon.store.database import put
from callmon.store.tables.operations import holds


class Hold(Value):
    """Why a recording has to stay as it is."""

    recording_id: str
    reason: str
    by: str
    at: datetime


_COLUMNS = [holds.c[name] for name in Hold.model_fields]


def begin(
    connection: Connection, recording_id: str, *, reason: str, by: str, at: datetime
) -> Hold:
    """Puts it under hold, or gives the hold another reason; audited. Raises NotFound."""
    # Whoever deletes takes the same lock.
    locked(connection, recording_id)
    hold = Hold(recording_id=recording_id, reason=reason, by=by, at=at)
    put(connection, holds, dict(hold))
    _record(connection, recording_id, "hold.begun", by=by, at=at)
    return hold


def end(connection: Connection, recording_id: str, *, by: str, at: datetime) -> bool:
    """Whether there was one; audited. Raises NotFound."""
    locked(connection, recording_id)
    if of(connection, recording_id) is None:
        return False
    connection.execute(delete(holds).where(holds.c.recording_id == recording_id))
    _record(connection, recording_id, "hold.ended", by=by, at=at)
    return True


def of(connection: Connection, recording_id: str) -> Hold | None:
    row = connection.execute(
        select(*_COLUMNS).where(holds.c.recording_id == recording_id)
    ).one_or_none()
    return None if row is None else Hold.model_validate(dict(row._mapping))


def find(connection: Connection, *, limit: int, after: str | None = None) -> list[Hold]:
    """By recording; `after` is that of the last one of the page before."""
    query = select(*_COLUMNS).order_by(holds.c.recording_id).limit(limit)
    if after is not None:
        query = query.where(holds.c.recording_id > after)
    return [Hold.model_validate(dict(row._mapping)) for row in connection.execute(query)]


def _record(
    connection: Connection, recording_id: str, action: str, *, by: str, at: datetime
) -> None:
    audit.record(
        connection, who=by, action=action, recording_id=recording_id, detail={}, at=at
    )
