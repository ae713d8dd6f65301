"""Who uploaded a recording."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, select

from callmon.store.database import insert_once
from callmon.store.tables.access import uploads
from callmon.store.tables.calls import recordings


def uploaded(
    connection: Connection, recording_id: str, *, principal: str, at: datetime
) -> None:
    """Notes that this key or user sent it; several may send the same content."""
    row = {"recording_id": recording_id, "principal": principal, "at": at}
    insert_once(connection, uploads, row)


def is_of_uploader(of: Table, principal: str) -> ColumnElement[bool]:
    """True for rows of recordings (or of a table that names them) that they sent."""
    sent = select(uploads.c.recording_id).where(uploads.c.principal == principal)
    return _recording_id(of).in_(sent)


def _recording_id(of: Table) -> ColumnElement[str]:
    return of.c.id if of is recordings else of.c.recording_id
