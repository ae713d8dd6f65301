"""Who uploaded a recording, and what they said of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, select

from callmon.call import Value
from callmon.metadata import Metadata
from callmon.store.database import put
from callmon.store.tables.access import uploads
from callmon.store.tables.calls import recordings


class Told(Value):
    """What somebody said when sending a recording."""

    name: str = ""
    metadata: Metadata = Metadata()
    warnings: tuple[str, ...] = ()


class Upload(Value):
    """That somebody sent a recording, the last time."""

    at: datetime
    own: bool
    """False when somebody else's was there before, which they could not see."""
    told: Told


def uploaded(
    connection: Connection,
    recording_id: str,
    *,
    principal: str,
    at: datetime,
    own: bool,
    told: Told,
) -> Upload:
    """Notes that this key or user sent it; several may send the same content."""
    upload = Upload(at=at, own=own, told=told)
    row = {
        "recording_id": recording_id,
        "principal": principal,
        "at": at,
        "own": own,
        "told": told.model_dump(mode="json", exclude_defaults=True),
    }
    put(connection, uploads, row)
    return upload


def of(connection: Connection, recording_id: str, principal: str) -> Upload | None:
    """What they said when they sent it; None when they did not."""
    query = select(uploads.c.at, uploads.c.own, uploads.c.told).where(
        uploads.c.recording_id == recording_id, uploads.c.principal == principal
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Upload.model_validate(dict(row._mapping))


def is_of_uploader(of: Table, principal: str) -> ColumnElement[bool]:
    """True for rows of recordings (or of a table that names them) that are theirs: that
    they sent, and nobody before them."""
    sent = select(uploads.c.recording_id).where(
        uploads.c.principal == principal, uploads.c.own
    )
    return _recording_id(of).in_(sent)


def _recording_id(of: Table) -> ColumnElement[str]:
    return of.c.id if of is recordings else of.c.recording_id
