"""How a recording is shown."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import AwareDatetime, Field
from sqlalchemy import Connection

from callmon.call import Value
from callmon.jobs.progress import seconds_left
from callmon.metadata import Metadata
from callmon.review.access.roles import Asking
from callmon.review.recordings.blindness import blind_among
from callmon.review.site import Site
from callmon.store.calls.recording_list import Listed
from callmon.store.calls.recordings import RecordingState
from callmon.store.work import runs


class RecordingView(Value):
    """A recording, and how far its analysis is."""

    id: str = Field(examples=["3f1c0de29a7b5e44"])
    """The same content has the same id."""
    name: str
    """As the file was called that it came in."""
    sha256: str
    size: int
    """Bytes."""
    duration: float | None
    """Seconds; null until the sound was read."""
    channels: int | None
    received: AwareDatetime
    held_at: AwareDatetime
    """When the call was; when it was received, where its start is not known."""
    state: RecordingState
    """`done` when there is an analysis and nothing is under way."""
    stage: str | None
    """What is being done: audio, transcript, speakers, tones or judgement."""
    progress: float
    """Share of the analysis that is done, 0 to 1."""
    seconds_left: float | None
    """How long the rest will take once it is under way, by what others took; null where
    nothing is to be done or nobody knows."""
    error: str | None
    """Why the last attempt did not work."""
    attempts: int
    run: int
    """How often its analysis was asked for."""
    queued_at: AwareDatetime | None
    started_at: AwareDatetime | None
    finished_at: AwareDatetime | None
    source: str | None
    """Where it came from: a source of the settings, or the key that sent it."""
    metadata: Metadata
    warnings: tuple[str, ...]
    """What in its metadata could not be used."""
    analysis: str | None
    """Id of the analysis that counts; null before the first one is done, and after
    retention has deleted it."""
    score: float | None
    """Of that analysis, 0 to 1; null where nothing was scored, and while it is hidden."""
    findings: int | None
    """Of that analysis; null while it is hidden from you until you have judged."""


def views(
    connection: Connection, site: Site, asking: Asking, listed: list[Listed]
) -> list[RecordingView]:
    """The recordings, for those who ask."""
    under_way = any(each.recording.state in UNDER_WAY for each in listed)
    speeds = runs.speeds(connection) if under_way else {}
    blind = blind_among(connection, site, asking, [each.recording.id for each in listed])
    return [_view(each, speeds, blind=each.recording.id in blind) for each in listed]


UNDER_WAY = ("received", "queued", "analysing")


def _view(listed: Listed, speeds: Mapping[str, float], *, blind: bool) -> RecordingView:
    recording = listed.recording
    left = None
    if recording.state in UNDER_WAY:
        left = seconds_left(recording.progress, duration=recording.duration, speeds=speeds)
    taken = {
        name: getattr(recording, name)
        for name in RecordingView.model_fields
        if name in type(recording).model_fields
    }
    return RecordingView(
        **taken,
        held_at=listed.held_at,
        seconds_left=None if left is None else round(left, 1),
        score=None if blind else listed.score,
        findings=None if blind else listed.findings,
    )
