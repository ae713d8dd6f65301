"""Legal hold: what has to stay as it is while somebody may ask for it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import Field
from starlette.responses import Response

from callmon.call import Value
from callmon.review.access.roles import Asking, allow, found
from callmon.review.paging import CursorText, Limit, Page, from_cursor, page_of
from callmon.review.problems import declared, not_found
from callmon.review.site import SiteDep
from callmon.store.keeping import holds
from callmon.store.keeping.holds import Hold

router = APIRouter(tags=["privacy"])

Admin = Annotated[Asking, Depends(allow("admin"))]
RecordingId = Annotated[str, Path(max_length=32)]


class NewHold(Value):
    """Why it has to stay."""

    reason: str = Field(min_length=1, max_length=2000, examples=["Case 2026-114"])


@router.get("/privacy/holds", dependencies=[Depends(allow("admin"))])
def list_holds(site: SiteDep, limit: Limit = 50, cursor: CursorText = None) -> Page[Hold]:
    """Everything under legal hold."""
    after = None if cursor is None else str(from_cursor(cursor, str)[0])
    with site.database.reading() as connection:
        rows = holds.find(connection, limit=limit + 1, after=after)
    return page_of(
        rows, limit=limit, item=lambda row: row, cursor=lambda row: (row.recording_id,)
    )


@router.put("/recordings/{recording_id}/hold", responses=declared(404))
def begin_hold(
    site: SiteDep, asking: Admin, recording_id: RecordingId, new: NewHold
) -> Hold:
    """Puts a recording under legal hold: from now on nobody and no rule deletes it or a
    part of it (409), until the hold is ended."""
    with site.database.writing() as connection:
        found(connection, asking, recording_id)
        return holds.begin(
            connection, recording_id, reason=new.reason, by=asking.id, at=site.now()
        )


@router.delete("/recordings/{recording_id}/hold", status_code=204, responses=declared(404))
def end_hold(site: SiteDep, asking: Admin, recording_id: RecordingId) -> Response:
    """Ends the hold. What rules say of it is done within an hour."""
    with site.database.writing() as connection:
        found(connection, asking, recording_id)
        if not holds.end(connection, recording_id, by=asking.id, at=site.now()):
            raise not_found(f"hold on {recording_id!r}")
    return Response(status_code=204)
