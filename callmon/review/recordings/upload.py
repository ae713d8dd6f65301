"""`POST /recordings`: takes a recording in, however large and however slowly it comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection, select
from starlette.responses import Response

from callmon import tracing
from callmon.errors import CallmonError
from callmon.intake.accept import Accepted, Intake, check_room, enqueue, enter, plain_name
from callmon.intake.fields import NAMES, Told, read_fields
from callmon.intake.sniff import HEAD_BYTES, sniff
from callmon.jobs.queue import UPLOAD
from callmon.metadata import Metadata, merged
from callmon.review.access.roles import Asking, allow, visible
from callmon.review.idempotency import (
    Answer,
    IdempotencyKey,
    answer_once,
    fingerprint_of,
)
from callmon.review.problems import Problem, declared, of_callmon
from callmon.review.recordings.form import METADATA, Form
from callmon.review.recordings.one import view_of
from callmon.review.recordings.receipt import receipt
from callmon.review.recordings.views import RecordingView
from callmon.review.site import Site, SiteDep
from callmon.store.access import audit
from callmon.store.calls import recording_list, uploads
from callmon.store.database import alone
from callmon.store.media import Received, Receiver
from callmon.store.tables.calls import recordings

router = APIRouter(tags=["recordings"])

BLOCK_BYTES: Final = 64 * 1024
"""Written at a time: what each of many slow clients holds in memory."""
BUSY_SECONDS: Final = 60

FORM: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "The recording, with its name: WAV, FLAC, MP3,"
                            " M4A, Ogg, WebM, AMR, GSM, or a video with sound.",
                        },
                        "metadata": {
                            "type": "string",
                            "contentMediaType": "application/json",
                            "description": "What is known of the call, as a JSON object"
                            " with the names below; a field of the form of the same name"
                            " counts before it.",
                        },
                        **{
                            name: {"type": "string"}
                            for name in NAMES
                            if name not in ("direction", "agent_channel", "started")
                        },
                        "started": {
                            "type": "string",
                            "description": "When the call began, with its offset from UTC:"
                            " 2026-11-18T14:30:00+01:00.",
                        },
                        "direction": {"type": "string", "enum": ["inbound", "outbound"]},
                        "agent_channel": {"type": "string", "enum": ["left", "right"]},
                    },
                    "additionalProperties": {
                        "type": "string",
                        "description": "Every other field becomes a label.",
                    },
                }
            }
        },
    }
}


@router.post(
    "/recordings",
    status_code=202,
    response_model=RecordingView,
    responses={
        202: {
            "description": "It is taken in and will be analysed.",
            "headers": {
                "Location": {
                    "description": "Where the recording is.",
                    "schema": {"type": "string"},
                }
            },
        },
        200: {
            "model": RecordingView,
            "description": "This content was there already. New metadata was added to it;"
            " where somebody else had sent it, it stays as it is, and the answer tells only"
            " what you said.",
        },
        **declared(409, 413, 415),
    },
    openapi_extra=FORM,
)
async def upload_recording(
    request: Request,
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("uploader", "supervisor", "admin"))],
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Takes a recording in, to be analysed.

    The same content is one recording, however often it is sent. Follow it at `Location`
    until its state is `done`.
    """
    intake = _intake(site)
    # An upload waits for the network most of its time, so it holds no thread.
    await run_sync(_check_room, site, intake)
    arriving = Arriving(intake)
    try:
        form = Form(request.headers.get("content-type", ""))
        async for block in request.stream():
            form.feed(block)
            if form.waiting >= BLOCK_BYTES:
                await run_sync(arriving.write, form.take(), form.name)
        form.check_whole()
        told = await run_sync(_told, form, asking)
        await run_sync(arriving.write, form.take(), form.name)
        received = await run_sync(arriving.keep)
        return await run_sync(
            _enter, site, intake, asking, received, form.name, told, idempotency_key
        )
    except CallmonError as error:
        raise _closing(of_callmon(error)) from None
    except Problem as problem:
        raise _closing(problem) from None
    finally:
        with anyio.CancelScope(shield=True):
            await run_sync(arriving.close)


class Arriving:
    """A file on its way into the media store; one thread at a time."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._name = ""
        self._head: bytes | None = b""
        self._receiver: Receiver | None = None

    def write(self, block: bytes, name: str | None) -> None:
        """Raises BadRecording by the first bytes, TooLarge, StoreUnavailable."""
        self._name = plain_name(name or "")
        if self._head is None:
            assert self._receiver is not None
            self._receiver.write(block)
            return
        self._head += block
        if len(self._head) >= HEAD_BYTES:
            self._begin(self._head)

    def keep(self) -> Received:
        """The whole file. Raises like `write`."""
        if self._head is not None:
            self._begin(self._head)
        assert self._receiver is not None
        return self._receiver.keep()

    def close(self) -> None:
        """Leaves nothing of what was not kept."""
        if self._receiver is not None:
            self._receiver.close()

    def _begin(self, head: bytes) -> None:
        sniff(head[:HEAD_BYTES], name=self._name)
        self._receiver = Receiver(self._intake.media, max_bytes=self._intake.max_bytes)
        self._head = None
        self._receiver.write(head)


def _intake(site: Site) -> Intake:
    return Intake(
        database=site.database,
        media=site.media,
        queue=site.queue,
        max_bytes=site.options.max_upload_bytes,
        min_free_bytes=site.options.min_free_bytes,
    )


def _check_room(site: Site, intake: Intake) -> None:
    """Raises StoreUnavailable; a Problem, 503, when too many wait."""
    check_room(intake)
    with site.database.reading() as connection:
        waiting = recording_list.waiting(connection)
    if waiting >= site.options.max_queued:
        raise Problem(
            503,
            "not-ready",
            f"{waiting:,} recordings wait for analysis, and no more are taken in until"
            " some are done. The setting max_queued changes the limit.",
            headers={"Retry-After": str(BUSY_SECONDS), "Connection": "close"},
        )


def _told(form: Form, asking: Asking) -> Told:
    """What the form tells of the call; what cannot be used is a warning."""
    fields = {name: text for name, text in form.fields.items() if name != METADATA}
    told = [
        read_fields(fields, where="The form"),
        read_fields(form.metadata, where="The part metadata"),
    ]
    return Told(
        metadata=_of_team(merged(*(each.metadata for each in told)), asking),
        warnings=tuple(warning for each in told for warning in each.warnings),
    )


def _of_team(metadata: Metadata, asking: Asking) -> Metadata:
    """With a team that they see. Raises a Problem, 422."""
    if asking.teams is None:
        return metadata
    if metadata.team is None and len(asking.teams) == 1:
        return metadata.model_copy(update={"team": next(iter(asking.teams))})
    if metadata.team not in asking.teams:
        teams = ", ".join(sorted(asking.teams))
        raise Problem(
            422,
            "invalid-request",
            f"The team has to be one of yours: {teams}.",
            field="team",
        )
    return metadata


def _enter(
    site: Site,
    intake: Intake,
    asking: Asking,
    received: Received,
    name: str | None,
    told: Told,
    key: str | None,
) -> Response:
    entered: list[Accepted] = []

    def act() -> Answer:
        # Of two who send the same at once, one was first.
        alone(connection, received.key)
        own = _is_theirs(connection, asking, received)
        # Who has the same file may not say whose call it was: that would move it to
        # another team.
        added = told if own else Told()
        accepted = enter(
            connection,
            intake,
            received,
            name=name or "",
            metadata=added.metadata,
            warnings=added.warnings,
            # A telephone system has a key of its own, a person uploads from anywhere.
            source=asking.id if asking.via == "key" else None,
            priority=UPLOAD,
            at=site.now(),
        )
        entered.append(accepted)
        recording_id = accepted.recording.id
        uploads.uploaded(
            connection,
            recording_id,
            principal=asking.id,
            at=site.now(),
            own=own,
            told=uploads.Told(
                name=plain_name(name or ""), metadata=told.metadata, warnings=told.warnings
            ),
        )
        audit.record(
            connection,
            who=asking.id,
            action="recording.uploaded",
            recording_id=recording_id,
            detail={"known": accepted.known, "size": received.size},
            at=site.now(),
        )
        view = receipt(connection, asking, recording_id)
        view = view or view_of(connection, site, asking, recording_id)
        headers = {"Location": f"/v1/recordings/{recording_id}"}
        status = 200 if accepted.known else 202
        return Answer(status, view, headers, recording_id=recording_id)

    with site.database.writing() as connection:
        response = answer_once(
            connection,
            asking=asking,
            key=key,
            fingerprint=fingerprint_of(
                "upload", received.sha256, told.metadata.model_dump(mode="json")
            ),
            at=site.now(),
            act=act,
        )
    for accepted in entered:
        tracing.taken_in(accepted.recording.id)
        enqueue(intake, accepted)
    return response


def _is_theirs(connection: Connection, asking: Asking, received: Received) -> bool:
    """Whether nobody sent it before, or a recording that they see. Raises a Problem, 409:
    who works for a team has to know that it is not in theirs."""
    of = recordings.c.sha256 == received.sha256
    if connection.execute(select(recordings.c.id).where(of)).first() is None:
        return True
    theirs = select(recordings.c.id).where(of, visible(asking))
    if connection.execute(theirs).first() is not None:
        return True
    if asking.teams is not None:
        raise Problem(
            409, "conflict", "This content was there before, and is not of your teams."
        )
    return False


def _closing(problem: Problem) -> Problem:
    """The rest of the body is not read, so the connection cannot serve another request."""
    headers: Mapping[str, str] = {**(problem.headers or {}), "Connection": "close"}
    problem.headers = headers
    return problem
