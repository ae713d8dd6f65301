"""`POST /findings/{id}/assign`: who is to review it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from sqlalchemy import Connection

from callmon.call import Value
from callmon.errors import NotFound
from callmon.review.access.roles import Asking, allow
from callmon.review.findings.one import FindingId
from callmon.review.findings.seeing import find_locked
from callmon.review.problems import Problem, declared
from callmon.review.site import SiteDep
from callmon.store.access import audit, keys, users
from callmon.store.access.standing import Standing
from callmon.store.reviews import assignments

router = APIRouter(tags=["findings"])

REVIEWING = frozenset({"reviewer", "supervisor", "admin"})


class Assigning(Value):
    """Who is to review the finding."""

    to: str | None = Field(
        max_length=40,
        pattern=r"^[!-~]+$",
        examples=["me", "user:0f3a9c2b7d11"],
    )
    """The id of a reviewer, `me`, or null to give it back to everybody."""


class Assigned(Value):
    """Who it is given to."""

    assigned_to: str | None


@router.post("/findings/{finding_id}/assign", responses=declared(404, 409))
def assign_finding(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin"))],
    finding_id: FindingId,
    assigning: Assigning,
) -> Assigned:
    """Gives a finding to a reviewer. Reviewers take what is free, and give back theirs."""
    to = asking.id if assigning.to == "me" else assigning.to
    with site.database.writing() as connection:
        subject, _ = find_locked(connection, site, asking, finding_id)
        has_it = assignments.assignees(connection, [subject.id]).get(subject.id)
        if asking.role == "reviewer":
            _check_own(asking, to=to, has_it=has_it)
        if to is not None and to != asking.id:
            check_reviewer(connection, to, team=subject.team, field="to")
        if to != has_it:
            assignments.assign(
                connection, subject, assignee=to, by=asking.id, at=site.now()
            )
            audit.record(
                connection,
                who=asking.id,
                action="finding.assigned",
                recording_id=subject.recording_id,
                detail={"finding": finding_id, "to": to},
                at=site.now(),
            )
    return Assigned(assigned_to=to)


def check_reviewer(
    connection: Connection, person: str, *, team: str | None, field: str
) -> None:
    """Raises a Problem, 422, for who cannot review calls of this team."""
    standing = _standing(connection, person)
    if (
        standing is None
        or standing.role not in REVIEWING
        or not (standing.teams is None or team in standing.teams)
    ):
        raise Problem(
            422,
            "invalid-request",
            f"There is no reviewer {person!r} who sees this call. The id of one, such as"
            " `user:0f3a9c2b7d11`, would work.",
            field=field,
        )


def _standing(connection: Connection, person: str) -> Standing | None:
    kind, _, id_ = person.partition(":")
    try:
        if kind == "key":
            return keys.get(connection, id_).standing
        if kind == "user":
            return users.get(connection, id_).standing
    except NotFound:
        pass
    return None


def _check_own(asking: Asking, *, to: str | None, has_it: str | None) -> None:
    if to not in (None, asking.id) or has_it not in (None, asking.id):
        raise Problem(
            409,
            "conflict",
            "Reviewers take what nobody has, and give back their own. A supervisor can"
            " give it to somebody else.",
            field="to",
        )
