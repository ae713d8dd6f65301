"""The audit log: who did what, when. The database refuses to change or delete a line.

A line outlives the recording that it names, so it holds ids, names of fields and numbers,
and never what somebody said.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from callmon.call import Value
from callmon.store.pages import MOST
from callmon.store.tables.calls import audit

ACTIONS: Final = (
    "analysis.deleted",
    "analysis.read",
    "analysis.read.unredacted",
    "audio.deleted",
    "audio.read",
    "audio.read.unredacted",
    "audit.read",
    "backup.made",
    "backup.restored",
    "channel.remembered",
    "coaching.written",
    "dispute.begun",
    "dispute.resolved",
    "finding.assigned",
    "finding.read",
    "history.read",
    "hold.begun",
    "hold.ended",
    "jobs.paused",
    "jobs.resumed",
    "key.expired",
    "key.made",
    "key.revoked",
    "key.rotated",
    "media.removed",
    "metadata.edited",
    "metadata.merged",
    "moment.added",
    "password.set",
    "promise.marked",
    "recording.added",
    "recording.deleted",
    "recording.uploaded",
    "report.read",
    "report.read.unredacted",
    "retention.set",
    "round.begun",
    "round.closed",
    "run.cancelled",
    "run.reanalysis",
    "run.retry",
    "session.begun",
    "session.ended",
    "session.refused",
    "sessions.ended",
    "transcript.deleted",
    "transcript.read",
    "transcript.read.unredacted",
    "user.added",
    "user.changed",
    "verdict.given",
    "view.changed",
    "view.deleted",
    "view.saved",
    "webhook.changed",
    "webhook.made",
    "webhook.removed",
    "webhook.tested",
)
"""All that is written down; some are put together of what was done and to what, such as
`audio.read.unredacted`."""


class Entry(Value):
    """One line."""

    id: int
    at: datetime
    who: str
    action: str
    recording_id: str | None
    detail: Mapping[str, Any]


def record(
    connection: Connection,
    *,
    who: str,
    action: str,
    recording_id: str | None = None,
    detail: Mapping[str, Any],
    at: datetime,
) -> None:
    """Adds a line, in the transaction of what it tells of: both happen or neither.

    Raises ValueError for an action that is none of `ACTIONS`, by which the log is searched.
    """
    if action not in ACTIONS:
        raise ValueError(f"{action!r} is no action of the audit log; ACTIONS has them")
    connection.execute(
        insert(audit).values(
            at=at,
            who=who,
            action=action,
            recording_id=recording_id,
            detail=dict(detail),
        )
    )


def has(connection: Connection, *, recording_id: str, action: str) -> bool:
    """Whether that was ever done to the recording."""
    query = select(audit.c.id).where(
        audit.c.recording_id == recording_id, audit.c.action == action
    )
    return connection.execute(query.limit(1)).first() is not None


def entries(
    connection: Connection,
    *,
    recording_id: str | None = None,
    limit: int = 100,
    after: int | None = None,
) -> list[Entry]:
    """The lines, newest first; `after` is the id of the last one of the page before."""
    query = select(audit).order_by(audit.c.id.desc()).limit(min(limit, MOST))
    if recording_id is not None:
        query = query.where(audit.c.recording_id == recording_id)
    if after is not None:
        query = query.where(audit.c.id < after)
    return [Entry.model_validate(dict(row._mapping)) for row in connection.execute(query)]
