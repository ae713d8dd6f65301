"""`GET /findings/{id}`: one finding with what is needed to judge it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from callmon.review.access.roles import Asking, allow
from callmon.review.findings.seeing import find
from callmon.review.findings.views import FindingDetail, detail
from callmon.review.problems import declared
from callmon.review.site import SiteDep
from callmon.store.access import audit

router = APIRouter(tags=["findings"])

FindingId = Annotated[
    str, Path(max_length=80, description="As a list of findings gives it.")
]


@router.get("/findings/{finding_id}", responses=declared(404))
def get_finding(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin", "agent"))],
    finding_id: FindingId,
) -> FindingDetail:
    """A finding with its evidence, the talk around it, and where its clip is."""
    with site.database.writing() as connection:
        subject, _ = find(connection, site, asking, finding_id)
        audit.record(
            connection,
            who=asking.id,
            action="finding.read",
            recording_id=subject.recording_id,
            detail={"finding": finding_id},
            at=site.now(),
        )
        return detail(connection, site, asking, subject)
