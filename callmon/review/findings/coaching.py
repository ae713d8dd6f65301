"""`/findings/{id}/coaching`: what a coach and the agent write to each other about it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from callmon.call import Value
from callmon.review.access.roles import Asking, allow
from callmon.review.findings.one import FindingId
from callmon.review.findings.seeing import find, find_labelled, not_judged
from callmon.review.paging import Page
from callmon.review.problems import Problem, declared
from callmon.review.site import SiteDep
from callmon.store.access import audit
from callmon.store.reviews import coaching
from callmon.store.reviews.carrying import kin
from callmon.store.reviews.coaching import Note

router = APIRouter(tags=["coaching"])


class Writing(Value):
    """A note to the other side."""

    text: str = Field(min_length=1, max_length=4000, pattern=r"\S")


@router.post(
    "/findings/{finding_id}/coaching", status_code=201, responses=declared(404, 409)
)
def write_coaching_note(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin", "agent"))],
    finding_id: FindingId,
    writing: Writing,
) -> Note:
    """Writes a note about a finding. The first one shares the call with its agent, who can
    read it and answer. When it turns out to be another's call, neither sees it, until it is
    shared with that one too."""
    side: coaching.Side = "agent" if asking.role == "agent" else "coach"
    with site.database.writing() as connection:
        subject = find_labelled(connection, site, asking, finding_id)
        if subject.agent is None:
            raise Problem(
                409,
                "conflict",
                "It is not known whose call this is, so there is nobody to share it with."
                " Give the recording an agent first.",
            )
        note = coaching.add(
            connection,
            subject,
            author=asking.id,
            side=side,
            text=writing.text,
            at=site.now(),
        )
        audit.record(
            connection,
            who=asking.id,
            action="coaching.written",
            recording_id=subject.recording_id,
            detail={"finding": subject.id, "note": note.id, "side": side},
            at=site.now(),
        )
    return note


@router.get("/findings/{finding_id}/coaching", responses=declared(404, 409))
def list_coaching_notes(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin", "agent"))],
    finding_id: FindingId,
) -> Page[Note]:
    """The notes about a finding, oldest first, all on one page; also those about the same
    finding of another analysis of the call."""
    with site.database.reading() as connection:
        subject, is_hidden = find(connection, site, asking, finding_id)
        if is_hidden:
            raise not_judged()
        notes = coaching.of_subjects(
            connection,
            [subject.id, *kin(connection, [subject.id]).get(subject.id, ())],
            agent=asking.agent,
        )
        return Page(items=notes, next=None)
