"""What the pages say for the API's names; the coding scheme's words are the report's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from callmon.report import wording
from callmon.store.access.standing import Role
from callmon.store.calls.questions import FindingState
from callmon.store.calls.recordings import RecordingState
from callmon.store.reviews.disputes import Dispute
from callmon.store.reviews.subjects import Label
from callmon.store.reviews.verdicts import Opinion

ROLES: Final[dict[Role, str]] = {
    "uploader": "Uploader",
    "reviewer": "Reviewer",
    "supervisor": "Supervisor",
    "admin": "Administrator",
    "agent": "Agent",
}

STATES: Final[dict[FindingState, str]] = {
    "open": "Open",
    "corrected": "Corrected",
    "agreed": "Agreed",
    "dismissed": "Dismissed",
}

VERDICTS: Final[dict[Opinion, str]] = {
    "agree": "Agreed",
    "disagree": "Disagreed",
    "unsure": "Unsure",
}

RECORDING_STATES: Final[dict[RecordingState, str]] = {
    "received": "Received",
    "queued": "Waiting",
    "analysing": "Being analysed",
    "done": "Analysed",
    "failed": "Failed",
    "cancelled": "Cancelled",
}

STAGES: Final[dict[str, str]] = {
    "audio": "reading the sound",
    "transcript": "writing down what is said",
    "speakers": "telling the voices apart",
    "tones": "listening to the voice",
    "judgement": "judging the answers",
}

MONTHS: Final = tuple(name[:3] for name in wording.MONTHS)


def label(kind: Label | None) -> str:
    """What is to be raised, as people say it."""
    if kind is None:
        return "not decided"
    return "Nothing to raise" if kind == "none" else wording.FINDINGS[kind]


def decision(dispute: Dispute) -> str:
    """What the dispute ended in."""
    if dispute.label == dispute.machine:
        return f"it stands, {label(dispute.label)}"
    return label(dispute.label)


def utc(at: datetime) -> str:
    """For who has no script, which writes it in the zone of the viewer.

    >>> utc(datetime(2026, 11, 22, 9, 5, tzinfo=UTC))
    '22 Nov 2026, 09:05 UTC'
    """
    there = at.astimezone(UTC)
    return f"{there.day} {MONTHS[there.month - 1]} {there.year}, {there:%H:%M} UTC"


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def count(number: int, one: str, many: str | None = None) -> str:
    """For example `1 call` or `1,200 calls`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def person(who: str, asking_id: str, names: dict[str, str] | None = None) -> str:
    """Who did something: `you`, a name where it is known, else the id."""
    if who == asking_id:
        return "you"
    return (names or {}).get(who, who)
