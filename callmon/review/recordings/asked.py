"""What the routes of a recording have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import Path, Query
from sqlalchemy import Connection

from callmon.call import Analysis
from callmon.review.access.roles import Asking
from callmon.review.problems import Problem
from callmon.review.recordings import redacting
from callmon.review.recordings.blindness import judges_blind, unjudged
from callmon.review.site import Site
from callmon.store.access import audit, trail
from callmon.store.calls import analyses
from callmon.store.calls.recordings import StoredRecording
from callmon.store.keeping import removals, retention

RecordingId = Annotated[
    str, Path(max_length=40, description="As the upload and lists give it.")
]
Redacted = Annotated[
    bool,
    Query(
        description="`false` shows card numbers, passwords, names and the like, which are"
        " left out otherwise; for supervisors and admins, and written to the audit log."
    ),
]

ONE_READING: Final = timedelta(minutes=10)
"""A browser asks for a piece of sound every few seconds; that is one line in the log."""


def check_may_see_private(asking: Asking, *, redacted: bool) -> None:
    """Raises a Problem, 403."""
    if not redacted and asking.role not in ("supervisor", "admin"):
        raise Problem(
            403,
            "not-allowed",
            f"What is private is not shown to the role {asking.role}; it is to supervisors"
            " and admins. Leave out `redacted`.",
            field="redacted",
        )


def analysis_of(
    connection: Connection,
    site: Site,
    asking: Asking,
    recording: StoredRecording,
    *,
    redacted: bool,
) -> Analysis:
    """The analysis that counts, as those who ask may see it.

    Raises a Problem: 403 for what is private, 409 before there is one.
    """
    check_may_see_private(asking, redacted=redacted)
    if recording.analysis is None:
        raise not_analysed(connection, recording)
    if redacted:
        analysis = redacting.redacted(connection, recording.analysis).analysis
    else:
        analysis = analyses.load(connection, recording.analysis)
    if judges_blind(connection, site, asking, recording.id):
        analysis = unjudged(analysis)
    return analysis


@dataclass(frozen=True)
class Forgotten:
    """An analysis that a rule of retention took, while its recording stays."""

    at: datetime
    days: int | None
    """That were set then; null where the rule was changed since."""

    @property
    def after(self) -> str:
        """After how long, in words; empty where nobody knows any more."""
        return "" if self.days is None else f", after the {self.days} days that are set"


def forgotten(connection: Connection, recording: StoredRecording) -> Forgotten | None:
    """None while there is an analysis, and where there was none or one is under way."""
    if recording.analysis is not None or recording.state != "done":
        return None
    at = removals.of(connection, recording.id).get("analysis")
    if at is None:
        return None
    rule = retention.rules(connection).get("analysis")
    days = rule.days if rule is not None and rule.at <= at else None
    return Forgotten(at=at, days=days)


def not_analysed(connection: Connection, recording: StoredRecording) -> Problem:
    """The Problem that there is no analysis yet, or no more, or never will be."""
    words = f"The recording is not analysed yet; it is {recording.state}."
    gone = forgotten(connection, recording)
    if gone is not None:
        words = (
            f"The analysis was deleted on {gone.at:%Y-%m-%d}{gone.after}. With it went what"
            " says which words are private, so its sound is not played."
            " `POST …/reanalyze` asks for another analysis."
        )
    elif recording.state == "failed":
        words = f"The recording could not be analysed. {recording.error or ''}".rstrip()
    elif recording.state == "cancelled":
        words = "The analysis was cancelled. `POST …/reanalyze` asks for another."
    return Problem(409, "conflict", words)


def note_reading(
    connection: Connection,
    site: Site,
    asking: Asking,
    recording_id: str,
    what: str,
    *,
    redacted: bool,
) -> None:
    """Writes down who has read or heard what."""
    action = f"{what}.read" if redacted else f"{what}.read.unredacted"
    audit.record(
        connection,
        who=asking.id,
        action=action,
        recording_id=recording_id,
        detail={},
        at=site.now(),
    )


def is_noted(
    connection: Connection, site: Site, asking: Asking, recording_id: str, action: str
) -> bool:
    """Whether that was written down a moment ago."""
    now = site.now()
    lines = trail.trail(
        connection,
        recording_id=recording_id,
        who=asking.id,
        action=action,
        since=now - ONE_READING,
        limit=1,
    )
    return bool(lines)
