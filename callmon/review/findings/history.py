"""`GET /findings/{id}/history`: everything that people did about it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from sqlalchemy import Connection

from callmon.call import Value
from callmon.review.access.roles import Asking, allow
from callmon.review.findings.one import FindingId
from callmon.review.findings.seeing import find
from callmon.review.paging import Page
from callmon.review.problems import declared
from callmon.review.site import SiteDep
from callmon.store.access import audit
from callmon.store.reviews import assignments, coaching, disputes, subjects, verdicts
from callmon.store.reviews.assignments import Assignment
from callmon.store.reviews.carrying import kin
from callmon.store.reviews.coaching import Note
from callmon.store.reviews.disputes import Dispute
from callmon.store.reviews.subjects import Subject
from callmon.store.reviews.verdicts import Verdict

router = APIRouter(tags=["findings"])


class Event(Value):
    """One thing that happened; what it was is in the field of its name."""

    at: datetime
    who: str
    event: Literal["verdict", "assignment", "coaching", "dispute", "resolution"]
    verdict: Verdict | None = None
    saw: dict[str, Any] | None = None
    """With a verdict: the finding as the reviewer saw it then; null once the words of the
    call were deleted."""
    assignment: Assignment | None = None
    coaching: Note | None = None
    dispute: Dispute | None = None
    """As it is now; its beginning and its resolution are two events."""
    earlier: bool = False
    """Whether it was about the same finding of another analysis of the call, as `subject`
    has it."""


@router.get("/findings/{finding_id}/history", responses=declared(404))
def get_finding_history(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin", "agent"))],
    finding_id: FindingId,
) -> Page[Event]:
    """Verdicts, assignments, coaching and disputes, oldest first, all on one page; also of
    the same finding of another analysis of the call.

    While the label is hidden from you there is only who it was given to, and until a round
    is closed in which you judge it, no verdict but yours. Agents see what was written to
    them and what became of disputes.
    """
    with site.database.writing() as connection:
        subject, is_hidden = find(connection, site, asking, finding_id)
        audit.record(
            connection,
            who=asking.id,
            action="history.read",
            recording_id=subject.recording_id,
            detail={"finding": finding_id},
            at=site.now(),
        )
        same = [subject.id, *kin(connection, [subject.id]).get(subject.id, ())]
        if is_hidden:
            events = list(_assigned_unseen(connection, subject))
        else:
            events = list(_talked(connection, same, agent=asking.agent))
            if asking.role != "agent":
                events += _assigned(connection, same)
                in_round = subjects.in_open_round(connection, same, asking.id)
                only = asking.id if in_round else None
                events += _judged(connection, same, reviewer=only)
    return Page(
        items=[
            event.model_copy(update={"earlier": not is_hidden and _of(event) != subject.id})
            for event in sorted(events, key=lambda event: event.at)
        ],
        next=None,
    )


def _of(event: Event) -> str:
    """The finding that it was about."""
    about = event.verdict or event.assignment or event.coaching or event.dispute
    assert about is not None
    return about.subject


def _assigned_unseen(connection: Connection, subject: Subject) -> Iterator[Event]:
    """Under the id that does not tell whether the machine flagged it."""
    for event in _assigned(connection, [subject.id]):
        assert event.assignment is not None
        blind = event.assignment.model_copy(update={"subject": subject.blind_id})
        yield event.model_copy(update={"assignment": blind})


def _assigned(connection: Connection, same: Collection[str]) -> Iterator[Event]:
    for given in assignments.of_subjects(connection, same):
        yield Event(at=given.at, who=given.by, event="assignment", assignment=given)


def _judged(
    connection: Connection, same: Collection[str], *, reviewer: str | None
) -> Iterator[Event]:
    for verdict in verdicts.of_subjects(connection, same, reviewer=reviewer):
        yield Event(
            at=verdict.at,
            who=verdict.reviewer,
            event="verdict",
            verdict=verdict,
            saw=verdicts.snapshot(connection, verdict.id),
        )


def _talked(
    connection: Connection, same: Collection[str], *, agent: str | None
) -> Iterator[Event]:
    for note in coaching.of_subjects(connection, same, agent=agent):
        yield Event(at=note.at, who=note.author, event="coaching", coaching=note)
    for dispute in disputes.of_subjects(connection, same, agent=agent):
        yield Event(at=dispute.at, who=dispute.by, event="dispute", dispute=dispute)
        if dispute.resolved_at is not None and dispute.resolved_by is not None:
            yield Event(
                at=dispute.resolved_at,
                who=dispute.resolved_by,
                event="resolution",
                dispute=dispute,
            )
