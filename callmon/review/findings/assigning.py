"""`POST /findings/{id}/assign`: who is to review it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

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
from callmon.store.access.keys import StoredKey
from callmon.store.access.standing import Standing
from callmon.store.access.users import StoredUser
from callmon.store.reviews import assignments

router = APIRouter(tags=["findings"])

REVIEWING = frozenset({"reviewer", "supervisor", "admin"})
LOOKED_AT: Final = 500
"""Of each kind, to say who could review where somebody cannot."""
NAMED: Final = 3
"""Of those."""


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
            check_reviewer(connection, to, team=subject.team, at=site.now(), field="to")
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
    connection: Connection, person: str, *, team: str | None, at: datetime, field: str
) -> None:
    """Raises a Problem, 422, for who cannot review calls of this team, or cannot sign in
    any more; it says who could."""
    known = _known(connection, person)
    if known is None or not _sees(known.standing, team):
        why = f"There is no reviewer {person!r} who sees this call."
    elif isinstance(known, StoredUser) and known.disabled_at is not None:
        why = f"{person} ({known.name}) is disabled and cannot sign in."
    elif isinstance(known, StoredKey) and not known.holds(at):
        ended = "revoked" if known.revoked_at is not None else "expired"
        why = f"The key {person} ({known.name}) is {ended}."
    else:
        return
    raise Problem(
        422, "invalid-request", f"{why} {_who_could(connection, team, at)}", field=field
    )


def _who_could(connection: Connection, team: str | None, at: datetime) -> str:
    """A sentence with some of those who can review calls of this team, people first."""
    there: list[tuple[str, StoredUser | StoredKey]] = [
        *(
            (f"user:{user.id}", user)
            for user in users.every(connection, limit=LOOKED_AT)
            if user.disabled_at is None
        ),
        *(
            (f"key:{key.id}", key)
            for key in keys.every(connection, limit=LOOKED_AT)
            if key.holds(at)
        ),
    ]
    could = [f"{id_} ({known.name})" for id_, known in there if _sees(known.standing, team)]
    if not could:
        return "Nobody who can sign in now could; an admin can add a reviewer."
    return f"For example {' or '.join(could[:NAMED])} could."


def _sees(standing: Standing, team: str | None) -> bool:
    """Whether they review, and calls of this team."""
    reaches = standing.teams is None or team in standing.teams
    return standing.role in REVIEWING and reaches


def _known(connection: Connection, person: str) -> StoredUser | StoredKey | None:
    kind, _, id_ = person.partition(":")
    try:
        if kind == "key":
            return keys.get(connection, id_)
        if kind == "user":
            return users.get(connection, id_)
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
