"""Results of finished steps, so that a run that was cut short is not begun anew.

A result belongs to the step's fingerprint: the recording, the code, the settings and the
models it was made with. It is found again by exactly that, and never by another.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from callmon.store.database import insert_once
from callmon.store.tables.calls import steps


def keep(
    connection: Connection,
    recording_id: str,
    step: str,
    fingerprint: str,
    document: bytes,
    *,
    at: datetime,
) -> None:
    """Keeps a result; when there is one already, that one stays."""
    insert_once(
        connection,
        steps,
        {
            "recording_id": recording_id,
            "step": step,
            "fingerprint": fingerprint,
            "document": document,
            "at": at,
        },
    )


def kept(
    connection: Connection, recording_id: str, step: str, fingerprint: str
) -> bytes | None:
    """The result, or None."""
    return connection.execute(
        select(steps.c.document).where(
            steps.c.recording_id == recording_id,
            steps.c.step == step,
            steps.c.fingerprint == fingerprint,
        )
    ).scalar_one_or_none()


def forget(connection: Connection, recording_id: str) -> None:
    """Drops all results of a recording; they are dropped with the recording too."""
    connection.execute(delete(steps).where(steps.c.recording_id == recording_id))
