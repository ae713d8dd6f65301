"""The audit log, for admins: who did what to which recording, reading included."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from callmon.review.access.principal import Asking
from callmon.review.access.roles import allow
from callmon.review.paging import CursorText, Limit, Page, from_cursor, page_of
from callmon.review.reports.table import DECLARED, Csv, csv
from callmon.review.site import Site, SiteDep
from callmon.review.times import Time
from callmon.store.access import audit
from callmon.store.access.audit import Entry
from callmon.store.access.trail import trail
from callmon.store.pages import MOST

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


@dataclass(frozen=True)
class Wanted:
    """Which lines. A dependency: its fields are the parameters."""

    recording_id: Annotated[str | None, Query(max_length=32, pattern="^[0-9a-f]*$")] = None
    who: Annotated[str | None, Query(max_length=40)] = None
    action: Annotated[str | None, Query(max_length=40, pattern="^[a-z.-]*$")] = None
    since: Annotated[Time | None, Query(description="From then on.")] = None
    until: Annotated[Time | None, Query(description="Before then.")] = None


Chosen = Annotated[Wanted, Depends()]
Admin = Annotated[Asking, Depends(allow("admin"))]


@router.get("/audit")
def read_audit(
    site: SiteDep,
    asking: Admin,
    wanted: Chosen,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[AuditLine]:
    """Lines of the log, newest first. Reading it is a line, too."""
    after = None if cursor is None else int(str(from_cursor(cursor, int)[0]))
    return page_of(
        _read(site, asking, wanted, limit=limit, after=after, more=1),
        limit=limit,
        item=lambda line: AuditLine(**dict(line)),
        cursor=lambda line: (line.id,),
    )


@router.get("/audit.csv", response_class=Csv, responses=DECLARED)
def read_audit_csv(site: SiteDep, asking: Admin, wanted: Chosen) -> Response:
    """The same as a table, the newest ten thousand lines; `until` gives those before."""
    lines = _read(site, asking, wanted, limit=MOST)
    columns = tuple(AuditLine.model_fields)
    rows = ({**dict(line), "detail": json.dumps(dict(line.detail))} for line in lines)
    return csv("audit", columns, rows)


def _read(
    site: Site,
    asking: Asking,
    wanted: Wanted,
    *,
    limit: int,
    after: int | None = None,
    more: int = 0,
) -> list[Entry]:
    """The lines, and so many more, to see whether there are some."""
    with site.database.writing() as connection:
        lines = trail(
            connection,
            recording_id=wanted.recording_id,
            who=wanted.who,
            action=wanted.action,
            since=wanted.since,
            until=wanted.until,
            limit=limit + more,
            after=after,
        )
        audit.record(
            connection,
            who=asking.id,
            action="audit.read",
            recording_id=wanted.recording_id,
            detail={"lines": min(len(lines), limit)},
            at=site.now(),
        )
    return lines
