"""`/findings/{id}/dispute`: an agent or a supervisor says that a finding is wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlalchemy import Connection

from callmon.call import Value
from callmon.review.access.roles import Asking, allow
from callmon.review.findings.one import FindingId
from callmon.review.findings.seeing import find_labelled
from callmon.review.findings.verdicts import state_of
from callmon.review.findings.views import rules_of
from callmon.review.problems import Problem, declared, not_found
from callmon.review.site import SiteDep
from callmon.review.times import Time
from callmon.store.access import audit
from callmon.store.calls import analyses
from callmon.store.reviews import disputes, subjects
from callmon.store.reviews.disputes import Dispute
from callmon.store.reviews.subjects import Label, Subject
from callmon.store.webhooks import events

router = APIRouter(tags=["disputes"])

TIME_TO_RESOLVE = timedelta(days=7)
"""Until the deadline, where none is given."""


class Disputing(Value):
    """Why the finding is wrong, and what it should be."""

    reason: str = Field(min_length=1, max_length=4000, pattern=r"\S")
    proposed: Label
    """The kind that it should be, or `none`."""
    deadline: Time | None = None
    """By when it is to be decided; a week from now when left out."""


class Resolving(Value):
    """What was decided."""

    kind: Label
    """What is to be raised here: the machine's kind where the finding stands, another one,
    or `none`."""
    note: str | None = Field(None, max_length=4000)


@router.post(
    "/findings/{finding_id}/dispute", status_code=201, responses=declared(404, 409)
)
def dispute_finding(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("agent", "supervisor"))],
    finding_id: FindingId,
    disputing: Disputing,
) -> Dispute:
    """Disputes one finding. There is one dispute at a time about each."""
    now = site.now()
    deadline = disputing.deadline or now + TIME_TO_RESOLVE
    if deadline <= now:
        raise Problem(
            422,
            "invalid-request",
            "The deadline has passed. A time that is still to come would work.",
            field="deadline",
        )
    with site.database.writing() as connection:
        subject = find_labelled(connection, site, asking, finding_id)
        if _open_one(connection, subject) is not None:
            raise Problem(409, "conflict", "A dispute about this finding is open already.")
        if disputing.proposed == subject.kind:
            raise Problem(
                422,
                "invalid-request",
                f"The machine says {subject.kind} too. Another kind or `none` would work.",
                field="proposed",
            )
        analysis = analyses.load(connection, subject.analysis_id)
        begun = disputes.begin(
            connection,
            subject,
            by=asking.id,
            at=now,
            reason=disputing.reason,
            proposed=disputing.proposed,
            deadline=deadline,
            rules=rules_of(analysis, subject),
        )
        events.dispute_begun(connection, subject, begun, at=now)
        audit.record(
            connection,
            who=asking.id,
            action="dispute.begun",
            recording_id=subject.recording_id,
            detail={"finding": subject.id, "dispute": begun.id},
            at=now,
        )
    return begun


@router.post("/findings/{finding_id}/dispute/resolution", responses=declared(404, 409))
def resolve_dispute(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("supervisor", "admin"))],
    finding_id: FindingId,
    resolving: Resolving,
) -> Dispute:
    """Decides the dispute that is open about a finding. What is decided is the label that
    counts, for the finding and for the rules that it rests on. Who disputed it does not
    decide it."""
    with site.database.writing() as connection:
        subject = find_labelled(connection, site, asking, finding_id)
        dispute = _open_one(connection, subject)
        if dispute is None:
            raise not_found(f"open dispute about {finding_id!r}")
        if dispute.by == asking.id:
            raise Problem(
                409,
                "conflict",
                "You disputed this finding yourself. Another supervisor or an admin can"
                " decide.",
            )
        resolved = disputes.resolve(
            connection,
            dispute,
            by=asking.id,
            at=site.now(),
            label=resolving.kind,
            note=resolving.note,
        )
        state = state_of(resolving.kind, machine=subject.label, changed=False)
        subjects.set_state(connection, subject, state)
        audit.record(
            connection,
            who=asking.id,
            action="dispute.resolved",
            recording_id=subject.recording_id,
            detail={"finding": subject.id, "dispute": dispute.id, "state": state},
            at=site.now(),
        )
    return resolved


def _open_one(connection: Connection, subject: Subject) -> Dispute | None:
    return disputes.open_ones(connection, [subject.id]).get(subject.id)
