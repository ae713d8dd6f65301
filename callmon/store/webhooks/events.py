"""What webhooks are told of: a line for each target, written with what happened.

Both are in one transaction, so nothing is told that did not happen, and nothing that
happened is lost. Lines hold ids and kinds, and never words of a call.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal, get_args

from sqlalchemy import Connection, insert, select

from callmon.call import Analysis
from callmon.store.reviews.disputes import Dispute
from callmon.store.reviews.subjects import Subject
from callmon.store.reviews.verdicts import Verdict
from callmon.store.tables.operations import deliveries, webhooks

Event = Literal[
    "recording.analyzed", "finding.created", "verdict.created", "dispute.created"
]
EVENTS: tuple[Event, ...] = get_args(Event)
TEST = "test"
"""Told to one target when somebody asks for it."""


def analysed(
    connection: Connection,
    recording_id: str,
    analysis_id: str,
    told: Analysis,
    *,
    at: datetime,
) -> None:
    """An analysis that counts is there, with these findings."""
    data = {"analysis_id": analysis_id, "findings": len(told.findings)}
    found = [
        {
            "analysis_id": analysis_id,
            "finding_id": f"{analysis_id}-{finding.id}",
            "kind": finding.kind,
            "severity": finding.severity,
        }
        for finding in told.findings
    ]
    happened(connection, "recording.analyzed", recording_id, [data], at=at)
    happened(connection, "finding.created", recording_id, found, at=at)


def verdict_given(
    connection: Connection, subject: Subject, verdict: Verdict, *, at: datetime
) -> None:
    data = {
        "finding_id": subject.id,
        "verdict_id": verdict.id,
        "verdict": verdict.verdict,
        "machine": verdict.machine,
        "label": verdict.label,
    }
    happened(connection, "verdict.created", subject.recording_id, [data], at=at)


def dispute_begun(
    connection: Connection, subject: Subject, dispute: Dispute, *, at: datetime
) -> None:
    data = {
        "finding_id": subject.id,
        "dispute_id": dispute.id,
        "machine": dispute.machine,
        "proposed": dispute.proposed,
    }
    happened(connection, "dispute.created", subject.recording_id, [data], at=at)


def happened(
    connection: Connection,
    event: Event,
    recording_id: str,
    data: Sequence[Mapping[str, Any]],
    *,
    at: datetime,
) -> None:
    """Writes the lines for all targets that want to hear of this event."""
    query = select(webhooks.c.id, webhooks.c.events).where(webhooks.c.off_at.is_(None))
    told = connection.execute(query).all()
    rows = [
        line(row.id, event, recording_id, each, at=at)
        for each in data
        for row in told
        if event in row.events
    ]
    if rows:
        connection.execute(insert(deliveries), rows)


def line(
    webhook_id: str,
    event: str,
    recording_id: str | None,
    data: Mapping[str, Any],
    *,
    at: datetime,
) -> dict[str, Any]:
    """A row of `deliveries` that waits."""
    what = json.dumps([event, recording_id, dict(data), at.isoformat()], sort_keys=True)
    return {
        "webhook_id": webhook_id,
        "event_id": sha256(what.encode()).hexdigest()[:32],
        "event": event,
        "recording_id": recording_id,
        "data": dict(data),
        "state": "waiting",
        "attempts": 0,
        "made_at": at,
        "next_at": at,
    }
