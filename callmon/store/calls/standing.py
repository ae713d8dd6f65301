"""How far the analysis of recordings is, and nothing else of them: asked every second."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, select

from callmon.call import Value
from callmon.store.calls.recordings import RecordingState
from callmon.store.tables.calls import recordings


class Standing(Value):
    """Of one recording."""

    id: str
    state: RecordingState
    stage: str | None
    progress: float
    duration: float | None
    """Seconds; null until the sound was read."""
    error: str | None
    """Why the last attempt did not work."""


_COLUMNS = [recordings.c[name] for name in Standing.model_fields]


def standings(
    connection: Connection, ids: Sequence[str], *, seen: ColumnElement[bool]
) -> dict[str, Standing]:
    """By id, of those recordings of which `seen` holds."""
    query = select(*_COLUMNS).where(recordings.c.id.in_(ids), seen)
    rows = connection.execute(query)
    return {row.id: Standing.model_validate(dict(row._mapping)) for row in rows}
