"""What was said in a call and what is made of it: analysis, turns, transcript, report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import HTMLResponse, Response

from callmon.call import Analysis, Party, ToneLabel, Turn, Value, Word
from callmon.report.html import policy, render
from callmon.review.access.roles import Asking, allow, found
from callmon.review.paging import CursorText, Limit, Page, from_cursor, page_of
from callmon.review.problems import declared
from callmon.review.recordings.asked import (
    RecordingId,
    Redacted,
    analysis_of,
    note_reading,
)
from callmon.review.recordings.disposition import attachment
from callmon.review.site import Site, SiteDep
from callmon.speech.transcripts.exports import to_json, to_srt, to_text, to_vtt
from callmon.store.calls.recordings import StoredRecording

router = APIRouter(tags=["recordings"])

Form = Literal["vtt", "srt", "json", "txt"]
READERS: Final = allow("uploader", "reviewer", "supervisor", "admin", "agent")

WRITERS: Final[Mapping[Form, tuple[Callable[[Sequence[Turn]], str], str]]] = {
    "vtt": (to_vtt, "text/vtt"),
    "srt": (to_srt, "application/x-subrip"),
    "json": (to_json, "application/json"),
    "txt": (to_text, "text/plain"),
}


class TurnDetail(Value):
    """Who says what when."""

    index: int
    party: Party
    speaker: str
    """The voice: `left`, `right`, `speaker 1`."""
    start: float | None
    end: float | None
    text: str
    confidence: float
    """Of the words, 0 to 1."""
    backchannel: bool
    overlap: float
    """Seconds in which another voice speaks too."""
    tone: ToneLabel | None
    """Of the customer's voice, beside their ordinary one; null for everybody else."""
    words: tuple[Word, ...] | None = Field(None)
    """Only where they are asked for."""


@router.get("/recordings/{recording_id}/analysis", responses=declared(404, 409))
def get_analysis(
    site: SiteDep,
    asking: Annotated[Asking, Depends(READERS)],
    recording_id: RecordingId,
    redacted: Redacted = True,
) -> Analysis:
    """The analysis document, as `callmon analyze --json` writes it.

    While you have to judge moments of the call without it, the machine's judgement is left
    out, and a warning says so.
    """
    return _read(site, asking, recording_id, "analysis", redacted=redacted)[1]


@router.get("/recordings/{recording_id}/turns", responses=declared(404, 409))
def list_turns(
    site: SiteDep,
    asking: Annotated[Asking, Depends(READERS)],
    recording_id: RecordingId,
    party: Annotated[list[Party] | None, Query()] = None,
    words: Annotated[bool, Query(description="With each word and its times.")] = False,
    redacted: Redacted = True,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[TurnDetail]:
    """What was said, turn by turn."""
    last = -1 if cursor is None else from_cursor(cursor, int)[0]
    assert isinstance(last, int)
    _, analysis = _read(site, asking, recording_id, "transcript", redacted=redacted)
    tones = {tone.turn: tone.label for tone in analysis.tones}
    turns = [
        turn
        for turn in analysis.turns
        if turn.index > last and (party is None or turn.party in party)
    ]

    def item(turn: Turn) -> TurnDetail:
        taken = {
            name: getattr(turn, name)
            for name in TurnDetail.model_fields
            if name not in ("tone", "words")
        }
        tone = tones.get(turn.index)
        return TurnDetail(**taken, tone=tone, words=turn.words if words else None)

    return page_of(
        turns[: limit + 1], limit=limit, item=item, cursor=lambda turn: (turn.index,)
    )


@router.get(
    "/recordings/{recording_id}/transcript.{form}",
    response_class=Response,
    responses={
        200: {
            "description": "The transcript.",
            "content": {
                kind: {"schema": {"type": "string"}} for _, kind in WRITERS.values()
            },
        },
        **declared(404, 409),
    },
)
def get_transcript(
    site: SiteDep,
    asking: Annotated[Asking, Depends(READERS)],
    recording_id: RecordingId,
    form: Form,
    redacted: Redacted = True,
) -> Response:
    """The transcript as a file: WebVTT, SRT, JSON or plain text."""
    recording, analysis = _read(site, asking, recording_id, "transcript", redacted=redacted)
    write, kind = WRITERS[form]
    return Response(
        write(analysis.turns),
        media_type=kind,
        headers=attachment(recording.name, form),
    )


@router.get(
    "/recordings/{recording_id}/report.html",
    response_class=HTMLResponse,
    responses=declared(404, 409),
)
def get_report(
    site: SiteDep,
    asking: Annotated[Asking, Depends(READERS)],
    recording_id: RecordingId,
    redacted: Redacted = True,
) -> HTMLResponse:
    """The report as one page that needs nothing else, to be looked at or kept."""
    _, analysis = _read(site, asking, recording_id, "report", redacted=redacted)
    headers = {"Content-Security-Policy": f"{policy()}; frame-ancestors 'none'"}
    return HTMLResponse(render(analysis), headers=headers)


def _read(
    site: Site, asking: Asking, recording_id: str, what: str, *, redacted: bool
) -> tuple[StoredRecording, Analysis]:
    """The analysis for those who ask, and a line in the audit log that they read it."""
    with site.database.writing() as connection:
        recording = found(connection, asking, recording_id)
        analysis = analysis_of(connection, site, asking, recording, redacted=redacted)
        note_reading(connection, site, asking, recording.id, what, redacted=redacted)
    return recording, analysis
