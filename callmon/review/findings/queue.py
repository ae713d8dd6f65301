"""`GET /findings`: what is to be reviewed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Connection, false

from callmon.call import FindingKind, Severity
from callmon.review.access.roles import Asking, allow, visible
from callmon.review.findings.views import FindingView, views
from callmon.review.paging import CursorText, Limit, Page, packed, unpacked
from callmon.review.problems import Problem
from callmon.review.recordings.blindness import in_rounds
from callmon.review.saying import LabelText, SaidText, labelled, said
from callmon.review.site import Site, SiteDep
from callmon.review.times import Time
from callmon.store.calls.questions import FindingState
from callmon.store.reviews import review_queue
from callmon.store.reviews.review_queue import STATES, Position, Wanted
from callmon.store.reviews.subjects import Subject
from callmon.store.tables.calls import findings, recordings

router = APIRouter(tags=["findings"])

Text = Annotated[str | None, Query(max_length=200)]
Share = Annotated[float | None, Query(ge=0, le=1)]


@router.get("/findings")
def list_findings(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin", "agent"))],
    state: Annotated[
        list[FindingState] | None,
        Query(description="One or more; without it all, the open ones first."),
    ] = None,
    kind: Annotated[list[FindingKind] | None, Query()] = None,
    severity: Annotated[list[Severity] | None, Query()] = None,
    recording_id: Annotated[str | None, Query(max_length=32, pattern="^[0-9a-f]*$")] = None,
    agent: Text = None,
    team: Text = None,
    queue: Text = None,
    since: Annotated[
        Time | None, Query(description="The call was held then or later.")
    ] = None,
    until: Annotated[Time | None, Query(description="The call was held before.")] = None,
    assigned_to: Annotated[
        str | None,
        Query(
            max_length=40, pattern="^[!-~]*$", description="The id of a reviewer, or `me`."
        ),
    ] = None,
    disputed: Annotated[
        bool | None,
        Query(
            description="Whether a dispute about it is open. `true` also finds those that"
            " the newest analysis of their call has not, with `current` false."
        ),
    ] = None,
    label: LabelText = None,
    text: SaidText = None,
    min_score: Annotated[
        float | None, Query(ge=0, le=1, description="Of the call.")
    ] = None,
    max_score: Annotated[
        float | None, Query(ge=0, le=1, description="Of the call.")
    ] = None,
    min_confidence: Share = None,
    max_confidence: Share = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[FindingView]:
    """The review queue: open findings first, of these the gravest, of these the least sure.

    Among them are controls: moments that the machine did not flag, shown without a label
    like all that is to be judged blind. What is hidden from you is not found by filters
    that would tell its label.
    """
    blind = site.options.blind_first and asking.role == "reviewer"
    by_score = min_score is not None or max_score is not None
    if blind and by_score:
        raise Problem(
            422,
            "invalid-request",
            "Reviewers judge first here and see the machine's judgement after; leave out"
            " min_score and max_score.",
            field="min_score" if min_score is not None else "max_score",
        )
    wanted = Wanted(
        states=tuple(state or STATES),
        kinds=_tuple(kind),
        severities=_tuple(severity),
        recording_id=recording_id,
        agent=agent,
        team=team,
        queue=queue,
        since=since,
        until=until,
        assignee=asking.id if assigned_to == "me" else assigned_to,
        disputed=disputed,
        said=said(text),
        label=labelled(label),
        least_score=min_score,
        most_score=max_score,
        least_confidence=min_confidence,
        most_confidence=max_confidence,
        with_controls=asking.role != "agent",
        reviewer=asking.id,
        blind=blind,
    )
    findings_seen = visible(asking, findings)
    controls_seen = false() if asking.role == "agent" else visible(asking, recordings)
    if by_score:
        findings_seen &= findings.c.recording_id.not_in(in_rounds(asking))
        controls_seen &= recordings.c.id.not_in(in_rounds(asking))
    with site.database.reading() as connection:
        after = None if cursor is None else _after(connection, site, asking, cursor)
        found = review_queue.find(
            connection,
            wanted,
            findings_seen=findings_seen,
            controls_seen=controls_seen,
            limit=limit + 1,
            after=after,
        )
        shown = found[:limit]
        items = views(connection, site, asking, shown)
        more = len(found) > limit
        following = _cursor(connection, site, asking, shown[-1]) if more else None
    return Page(items=items, next=following)


def _cursor(connection: Connection, site: Site, asking: Asking, last: Subject) -> str:
    # Sealed: its place in the order tells of a label that may be hidden. Its state is that
    # of now, which may change while the list is read.
    place = packed(last.state, last.severity, last.confidence, last.id)
    return site.cursors.close(connection, place, about=f"findings {asking.id}")


def _after(connection: Connection, site: Site, asking: Asking, cursor: str) -> Position:
    opened = site.cursors.open(connection, cursor, about=f"findings {asking.id}")
    state, severity, confidence, last = unpacked(opened, str, str, float, str)
    return Position.model_validate(
        {"state": state, "severity": severity, "confidence": confidence, "id": last}
    )


def _tuple(values: list[Any] | None) -> tuple[Any, ...] | None:
    return None if values is None else tuple(values)
