"""What is heard of a call: the whole of it, clips, and its outline to be drawn."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from callmon.call import Interval, Value
from callmon.errors import NotFound
from callmon.review.access.roles import Asking, allow, found
from callmon.review.findings.one import FindingId
from callmon.review.findings.seeing import find
from callmon.review.problems import Problem, declared, not_found
from callmon.review.recordings import redacting
from callmon.review.recordings.asked import (
    RecordingId,
    Redacted,
    check_may_see_private,
    is_noted,
    not_analysed,
    note_reading,
)
from callmon.review.recordings.mp3 import HEADER_BYTES, Frames
from callmon.review.recordings.ranges import respond
from callmon.review.site import Site, SiteDep
from callmon.store.calls import recordings
from callmon.store.calls.recordings import StoredRecording
from callmon.store.database import Database

router = APIRouter(tags=["recordings"])
of_findings = APIRouter(tags=["findings"])

MP3: Final = "audio/mpeg"
BLOCK_BYTES: Final = 64 * 1024
LONGEST_CLIP: Final = 300.0
"""Seconds."""

Around = Annotated[float, Query(ge=0, le=60, allow_inf_nan=False)]
Second = Annotated[float, Query(ge=0, le=10**6, allow_inf_nan=False)]
AUDIO: Final[dict[int | str, dict[str, Any]]] = {
    status: {
        "description": description,
        "content": {MP3: {"schema": {"type": "string", "format": "binary"}}},
    }
    for status, description in ((200, "The sound."), (206, "The part that was asked for."))
}


class Peaks(Value):
    """The outline of a call, to be drawn."""

    per_second: int
    """Stretches of each second."""
    duration: float
    """Seconds."""
    channels: list[list[int]] = Field(examples=[[[-3, 4, -100, 90]]])
    """For each channel the lowest and the highest sample of each stretch in turn, -127 to
    127."""


@router.get(
    "/recordings/{recording_id}/audio",
    response_class=Response,
    responses={**AUDIO, **declared(404, 409, 416)},
)
def get_audio(
    request: Request,
    site: SiteDep,
    asking: Annotated[
        Asking, Depends(allow("uploader", "reviewer", "supervisor", "admin", "agent"))
    ],
    recording_id: RecordingId,
    redacted: Redacted = True,
) -> Response:
    """The call as MP3, which every browser plays; in parts, where `Range` asks for them.

    What is private, such as a card number, is silent.
    """
    check_may_see_private(asking, redacted=redacted)
    with site.database.reading() as connection:
        recording = found(connection, asking, recording_id)
    return _play(request, site, asking, recording, part=None, redacted=redacted)


@router.get(
    "/recordings/{recording_id}/clip",
    response_class=Response,
    responses={**AUDIO, **declared(404, 409, 416)},
)
def get_clip(
    request: Request,
    site: SiteDep,
    asking: Annotated[
        Asking, Depends(allow("uploader", "reviewer", "supervisor", "admin", "agent"))
    ],
    recording_id: RecordingId,
    start: Second,
    end: Second,
    redacted: Redacted = True,
) -> Response:
    """Some seconds of the call as MP3, five minutes at most. What is private is silent."""
    check_may_see_private(asking, redacted=redacted)
    if not start < end <= start + LONGEST_CLIP:
        raise Problem(
            422,
            "invalid-request",
            f"A clip ends after it starts, and {LONGEST_CLIP:g} s later at most; this one"
            f" is from {start:g} to {end:g} s.",
            field="end",
        )
    with site.database.reading() as connection:
        recording = found(connection, asking, recording_id)
    part = Interval(start=start, end=end)
    return _play(request, site, asking, recording, part=part, redacted=redacted)


@of_findings.get(
    "/findings/{finding_id}/clip",
    response_class=Response,
    responses={**AUDIO, **declared(404, 409, 416)},
)
def get_finding_clip(
    request: Request,
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("reviewer", "supervisor", "admin", "agent"))],
    finding_id: FindingId,
    before: Around = 5.0,
    after: Around = 5.0,
    redacted: Redacted = True,
) -> Response:
    """The moment of a finding as MP3, with some seconds around it."""
    check_may_see_private(asking, redacted=redacted)
    with site.database.reading() as connection:
        subject, _ = find(connection, site, asking, finding_id)
        recording = recordings.get(connection, subject.recording_id)
    if subject.start is None or subject.end is None:
        raise Problem(409, "conflict", "It is not known when that moment was.")
    start = max(0.0, subject.start - before)
    end = min(subject.end + after, start + LONGEST_CLIP)
    part = Interval(start=start, end=end)
    return _play(request, site, asking, recording, part=part, redacted=redacted)


@router.get("/recordings/{recording_id}/peaks", responses=declared(404, 409))
def get_peaks(
    site: SiteDep,
    asking: Annotated[
        Asking, Depends(allow("uploader", "reviewer", "supervisor", "admin", "agent"))
    ],
    recording_id: RecordingId,
    per_second: Annotated[
        Literal["1", "10", "50"], Query(description="How fine the outline is.")
    ] = "10",
) -> Peaks:
    """The outline of the sound, channel by channel, to be drawn beside the player."""
    with site.database.reading() as connection:
        recording = found(connection, asking, recording_id)
    key = _product(site, recording, ".peaks")
    with site.media.open_stream(key) as stream:
        head = json.loads(stream.readline())
        for each in head["resolutions"]:
            length = 2 * each["length"]
            if each["per_second"] == int(per_second):
                channels = [
                    array("b", stream.read(length)).tolist()
                    for _ in range(head["channels"])
                ]
                return Peaks(
                    per_second=each["per_second"],
                    duration=head["duration"],
                    channels=channels,
                )
            stream.seek(length * head["channels"], 1)
    raise not_found("outline of that fineness")


def _play(
    request: Request,
    site: Site,
    asking: Asking,
    recording: StoredRecording,
    *,
    part: Interval | None,
    redacted: bool,
) -> Response:
    """The copy, or a part of it by seconds; whoever hears it is written down before."""
    key = _product(site, recording, ".mp3")
    length = site.media.size(key)
    with site.media.open_stream(key) as stream:
        frames = Frames.read(stream.read(HEADER_BYTES), length=length)
    begin, end = (0, length) if part is None else frames.cut(part.start, part.end)
    if begin == end:
        raise Problem(
            422,
            "invalid-request",
            f"The call ends after {frames.duration:.1f} s.",
            field="start",
        )
    hidden: tuple[tuple[int, int], ...] = ()
    if redacted:
        assert recording.analysis is not None  # or there would be no copy
        hidden = frames.hidden(_silent(site.database, recording.analysis))
    with site.database.reading() as connection:
        action = "audio.read" if redacted else "audio.read.unredacted"
        noted = is_noted(connection, site, asking, recording.id, action)
    if not noted:
        with site.database.writing() as connection:
            note_reading(connection, site, asking, recording.id, "audio", redacted=redacted)

    def read(first: int, last: int) -> Iterator[bytes]:
        with site.media.open_stream(key) as stream:
            at = stream.seek(begin + first)
            while at < begin + last:
                block = stream.read(min(BLOCK_BYTES, begin + last - at))
                if not block:
                    return
                yield frames.silence(block, at, hidden)
                at += len(block)

    plain = "" if redacted else "-plain"
    return respond(
        request,
        read,
        size=end - begin,
        kind=MP3,
        tag=f'"{recording.analysis}-{begin}-{end}{plain}"',
    )


def _product(site: Site, recording: StoredRecording, ending: str) -> str:
    """The key of what was made of a recording.

    Raises a Problem: 404 when its sound was deleted, 409 while there is no such thing.
    """
    if recording.analysis is None:
        with site.database.reading() as connection:
            raise not_analysed(connection, recording)
    key = recording.media + ending
    if site.media.has(key):
        return key
    if not site.media.has(recording.media):
        raise not_found(f"sound of the recording {recording.id!r} any more")
    raise Problem(
        409,
        "conflict",
        "The sound is not ready to be played. `POST …/reanalyze` makes it so.",
    )


def _silent(database: Database, analysis_id: str) -> tuple[Interval, ...]:
    try:
        with database.reading() as connection:
            return redacting.silent(connection, analysis_id)
    except NotFound:
        raise not_found("such sound any more") from None
