"""`/calls/{id}`: one call to hear, to read and to judge."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Query, Request
from starlette.responses import Response

from callmon.call import Analysis
from callmon.report import moments
from callmon.review.access.roles import Asking, allow, found
from callmon.review.findings.moments import list_moments
from callmon.review.findings.queue import list_findings
from callmon.review.findings.views import FindingView
from callmon.review.pages import timeline
from callmon.review.pages.people import names_of
from callmon.review.pages.rendering import show
from callmon.review.pages.route import router as page_router
from callmon.review.pages.transcript import lines
from callmon.review.recordings.asked import (
    RecordingId,
    analysis_of,
    forgotten,
    is_noted,
    note_reading,
)
from callmon.review.recordings.one import view_of
from callmon.review.site import Site, SiteDep
from callmon.store.reviews import coaching
from callmon.store.reviews.moments import AddedMoment

router = page_router()

Listening = Annotated[
    Asking, Depends(allow("uploader", "reviewer", "supervisor", "admin", "agent"))
]

TURNS: Final = 80
"""Sent with the page; the others follow in parts of `PART` while it is looked at."""
PART: Final = 600
AT_ONCE: Final = 200
"""Findings of one call that are asked for together."""


@router.get("/calls/{recording_id}")
def show_call(
    request: Request, site: SiteDep, asking: Listening, recording_id: RecordingId
) -> Response:
    """The call, or how far its analysis is, or that it was deleted."""
    with site.database.writing() as connection:
        recording = found(connection, asking, recording_id)
        view = view_of(connection, site, asking, recording.id)
        if recording.analysis is None:
            return show(
                request,
                "call_waiting.html",
                asking=asking,
                recording=view,
                forgotten=forgotten(connection, recording),
                has_sound=site.media.has(recording.media),
            )
        analysis = analysis_of(connection, site, asking, recording, redacted=True)
        note_reading(connection, site, asking, recording.id, "analysis", redacted=True)
    findings = _findings(site, asking, recording_id)
    added = _added(site, asking, recording_id)
    agent = view.metadata.agent
    with site.database.reading() as connection:
        names = names_of(connection, (each.reviewer for each in added or ()))
        is_shared = agent is not None and coaching.is_shared(connection, view.id, agent)
    known = moments.moments(analysis)
    return show(
        request,
        "call.html",
        asking=asking,
        recording=view,
        recording_id=view.id,
        analysis=analysis,
        lines=lines(analysis, first=0, last=TURNS),
        next_turn=TURNS if len(analysis.turns) > TURNS else None,
        findings=findings,
        to_share=[
            each for each in findings if each.machine and each.machine.kind != "none"
        ],
        is_shared=is_shared,
        may_swap=_may_swap(analysis),
        added=added,
        names=names,
        is_hidden=moments.is_hidden(analysis),
        sentence=moments.score_sentence(analysis),
        remarks=moments.score_remarks(analysis),
        picture=timeline.draw(analysis, known, findings, duration=view.duration),
    )


@router.get("/calls/{recording_id}/turns")
def show_turns(
    request: Request,
    site: SiteDep,
    asking: Listening,
    recording_id: RecordingId,
    first: Annotated[int, Query(ge=0, le=10**6)],
) -> Response:
    """A further part of the transcript; its reading is noted once, mostly with the page."""
    with site.database.writing() as connection:
        recording = found(connection, asking, recording_id)
        analysis = analysis_of(connection, site, asking, recording, redacted=True)
        if not is_noted(connection, site, asking, recording.id, "analysis.read"):
            note_reading(connection, site, asking, recording.id, "analysis", redacted=True)
    last = first + PART
    return show(
        request,
        "part_turns.html",
        asking=asking,
        recording_id=recording_id,
        lines=lines(analysis, first=first, last=last),
        next_turn=last if len(analysis.turns) > last else None,
    )


def _may_swap(analysis: Analysis) -> bool:
    """Whether there are just an agent and one more voice."""
    parties = [role.party for role in analysis.speakers.values() if role.party != "other"]
    return len(parties) == 2 and parties.count("agent") == 1


def _findings(site: Site, asking: Asking, recording_id: str) -> list[FindingView]:
    """In order of time; for uploaders, who are no reviewers, none."""
    if asking.role == "uploader":
        return []
    items: list[FindingView] = []
    cursor: str | None = None
    while True:
        page = list_findings(
            site, asking, recording_id=recording_id, limit=AT_ONCE, cursor=cursor
        )
        items += page.items
        cursor = page.next
        if cursor is None:
            return sorted(items, key=lambda each: (each.start or 0.0, each.id))


def _added(site: Site, asking: Asking, recording_id: str) -> list[AddedMoment] | None:
    """What reviewers added; None for those who are none."""
    if asking.role not in ("reviewer", "supervisor", "admin"):
        return None
    return list_moments(site, asking, recording_id).items
