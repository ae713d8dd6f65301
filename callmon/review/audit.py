"""The audit log, for admins: who did what to which recording, reading included."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from callmon.review.access.principal import Asking
from callmon.review.access.roles import allow
from callmon.review.paging import CursorText, Limit, Page, from_cursor, page_of
from callmon.review.site import SiteDep
from callmon.review.times import Time
from callmon.store.access import audit
from callmon.store.access.trail import trail

router = APIRouter(tags=["audit"])


class AuditLine(BaseModel):
    """Something that was done."""

    id: int
    at: datetime
    who: str = Field(
        examples=["user:4be0a4a3c1d2"],
        description="A key, a user, or a part of callmon itself.",
    )
    action: str = Field(examples=["audio.read"])
    recording_id: str | None = Field(description="It may be gone; its lines stay.")
    detail: Mapping[str, Any] = Field(description="Ids, names of fields and numbers.")


@router.get("/audit")
def read_audit(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("admin"))],
    recording_id: Annotated[str | None, Query(max_length=32, pattern="^[0-9a-f]*$")] = None,
    who: Annotated[str | None, Query(max_length=40)] = None,
    action: Annotated[str | None, Query(max_length=40, pattern="^[a-z.-]*$")] = None,
    since: Annotated[Time | None, Query(description="From then on.")] = None,
    until: Annotated[Time | None, Query(description="Before then.")] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[AuditLine]:
    """Lines of the log, newest first. Reading it is a line, too."""
    after = None if cursor is None else int(str(from_cursor(cursor, int)[0]))
    with site.database.writing() as connection:
        lines = trail(
            connection,
            recording_id=recording_id,
            who=who,
            action=action,
            since=since,
            until=until,
            limit=limit + 1,
            after=after,
        )
        audit.record(
            connection,
            who=asking.id,
            action="audit.read",
            recording_id=recording_id,
            detail={"lines": min(len(lines), limit)},
            at=site.now(),
        )
    return page_of(
        lines,
        limit=limit,
        item=lambda line: AuditLine(**dict(line)),
        cursor=lambda line: (line.id,),
    )
