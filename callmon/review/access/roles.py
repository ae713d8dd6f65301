"""Who may do what, and whose calls they see.

Each route of the API says once who may use it: `Depends(allow("reviewer", "admin"))` or
`Depends(open_to_all)`; the app does not start when one says nothing. What somebody may use
but not see is told as if it were not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from sqlalchemy import ColumnElement, Connection, Table, false, select, true

from callmon.review.access.asking import who_asks
from callmon.review.access.principal import Asking
from callmon.review.problems import Problem, not_found
from callmon.store.access.standing import ROLES, Role
from callmon.store.calls.recordings import StoredRecording, get
from callmon.store.calls.uploads import is_of_uploader
from callmon.store.reviews import coaching
from callmon.store.tables.calls import recordings

__all__ = ["Asking", "allow", "found", "open_to_all", "visible"]


@dataclass(frozen=True)
class Allowed:
    """A dependency: those who are asking, when they have one of the roles."""

    roles: frozenset[Role]

    async def __call__(self, asking: Annotated[Asking, Depends(who_asks)]) -> Asking:
        if asking.role not in self.roles:
            raise Problem(
                403,
                "not-allowed",
                f"This is not for the role {asking.role}."
                f" It is for {', '.join(sorted(self.roles))}.",
            )
        return asking


def allow(*roles: Role) -> Allowed:
    """For `Depends`: only these roles; `allow(*ROLES)` is everybody who is known."""
    unknown = set(roles) - set(ROLES)
    if unknown or not roles:
        raise ValueError(f"{sorted(unknown)} are no roles; there are {', '.join(ROLES)}")
    return Allowed(frozenset(roles))


async def open_to_all() -> None:
    """For `Depends`: nobody has to be known."""


def visible(asking: Asking, of: Table = recordings) -> ColumnElement[bool]:
    """A condition: the rows of recordings (or of findings, commitments) that they may see.

    `of` needs `agent` and `team`, and, unless it is recordings, `recording_id`.
    """
    match asking.role:
        case "admin":
            return true()
        case "supervisor" | "reviewer":
            return true() if asking.teams is None else of.c.team.in_(sorted(asking.teams))
        case "agent":
            if asking.agent is None:
                return false()
            # A coaching note shares a call with the one whose call it was then.
            shared = coaching.shared_with(asking.agent)
            recording_id = of.c.id if of is recordings else of.c.recording_id
            return (of.c.agent == asking.agent) & recording_id.in_(shared)
        case "uploader":
            return is_of_uploader(of, asking.id)


def found(connection: Connection, asking: Asking, recording_id: str) -> StoredRecording:
    """The recording, when it is there for those who ask; else raises a Problem, 404."""
    query = select(recordings.c.id).where(
        recordings.c.id == recording_id, visible(asking, recordings)
    )
    if connection.execute(query).first() is None:
        raise not_found(f"recording {recording_id!r}")
    return get(connection, recording_id)
