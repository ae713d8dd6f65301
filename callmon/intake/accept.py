"""The one way in: a recording's bytes become a recording that will be analysed.

In this order, so that a program which is killed anywhere leaves nothing, or a recording
that will be analysed:

    1  the first bytes are sniffed         nothing is kept
    2  the bytes go to the media store     a key that no row names, which the sweep deletes
    3  the row and its first run, at once  a worker finds a run that no job is waiting for
    4  the job is put into the queue       done
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

from sqlalchemy import Connection

from callmon.errors import NotFound, StoreUnavailable
from callmon.intake.fields import cleaned
from callmon.intake.sniff import HEAD_BYTES, sniff
from callmon.jobs.queue import BATCH, Queue
from callmon.metadata import Metadata
from callmon.store.calls import recordings
from callmon.store.calls.recordings import StoredRecording
from callmon.store.database import Database
from callmon.store.media import Media, Received
from callmon.store.work import runs

LONGEST_NAME: Final = 255
"""Characters of a recording's name."""


@dataclass(frozen=True)
class Accepted:
    """What became of a recording that was brought."""

    recording: StoredRecording
    known: bool
    """Whether this content was there already, under this name or another."""


@dataclass(frozen=True)
class Intake:
    """Where recordings go, and how much is taken."""

    database: Database
    media: Media
    queue: Queue
    max_bytes: int
    """Of one recording."""
    min_free_bytes: int
    """That must stay free on the disk of the media."""


def accept(
    stream: BinaryIO,
    intake: Intake,
    *,
    name: str,
    metadata: Metadata,
    warnings: Sequence[str] = (),
    source: str | None = None,
    priority: int,
    at: datetime,
    also: Callable[[Connection, str], None] | None = None,
) -> Accepted:
    """Takes a recording in; it is analysed once, however often the same content comes.

    Of content that is known only the metadata is new: it is merged and audited. `also` is
    called with the recording's id in the transaction that writes it, new or known. What it
    or the stream raises passes through, and no row is written then.

    Raises:
        BadRecording: It is no recording, or (TooLarge) has too many bytes.
        StoreUnavailable: The same may work later. When it was the queue that did not answer
            the recording is there already, and trying again does no harm.
    """
    name = plain_name(name)
    check_room(intake)
    head = _first(stream)
    sniff(head, name=name)
    received = intake.media.receive(stream, max_bytes=intake.max_bytes, first=head)
    with intake.database.writing() as connection:
        accepted = enter(
            connection,
            intake,
            received,
            name=name,
            metadata=metadata,
            warnings=warnings,
            source=source,
            priority=priority,
            at=at,
        )
        if also is not None:
            also(connection, accepted.recording.id)
    enqueue(intake, accepted)
    return accepted


def enter(
    connection: Connection,
    intake: Intake,
    received: Received,
    *,
    name: str,
    metadata: Metadata,
    warnings: Sequence[str] = (),
    source: str | None = None,
    priority: int,
    at: datetime,
) -> Accepted:
    """Writes the row of what was received and its first run; then commit, then `enqueue`.

    Raises BadRecording, StoreUnavailable like `accept`.
    """
    recording, new = recordings.add(
        connection,
        sha256=received.sha256,
        name=plain_name(name),
        size=received.size,
        media=received.key,
        metadata=metadata,
        warnings=warnings,
        source=source,
        received=at,
        priority=priority,
    )
    _check_kept(intake, received)
    if recording.run == 0:
        reason: runs.Reason = "batch" if priority >= BATCH else "upload"
        runs.request(connection, recording.id, priority=priority, reason=reason, at=at)
        recording = recordings.get(connection, recording.id)
    return Accepted(recording=recording, known=not new)


def enqueue(intake: Intake, accepted: Accepted) -> None:
    """Puts the job of a recording that was entered into the queue, if it waits for one.

    Raises StoreUnavailable; the workers find what is not in the queue then.
    """
    recording = accepted.recording
    if recording.state == "queued":
        # Also one that is known: its program may have been killed right here.
        intake.queue.enqueue(recording.id, recording.run, priority=recording.priority)


def plain_name(name: str) -> str:
    """A recording's name without folders, control characters and broken text.

    >>> plain_name("..\\\\calls/../a\\nb.wav")
    'a b.wav'
    """
    text = os.fsencode(name).decode("utf-8", "replace") if _is_broken(name) else name
    last = re.split(r"[/\\]", text)[-1]
    return cleaned(last, longest=LONGEST_NAME) or "recording"


def _is_broken(name: str) -> bool:
    """Whether bytes that are no text stand in it, as Python writes those of a file name."""
    return any("\ud800" <= character <= "\udfff" for character in name)


def check_room(intake: Intake) -> None:
    """Raises StoreUnavailable when the disk has less than has to stay free."""
    free = intake.media.free_bytes()
    if free is not None and free < intake.min_free_bytes:
        raise StoreUnavailable(
            f"The disk of the media has {free / 1e6:,.0f} MB left, and"
            f" {intake.min_free_bytes / 1e6:,.0f} MB must stay free. It goes on when there"
            " is room; the setting min_free_bytes changes the limit."
        )


def _check_kept(intake: Intake, received: Received) -> None:
    """A sweep may have begun to delete this content when it was an orphan.

    It asks for the row before it deletes, so from here on the bytes stay.
    """
    try:
        intake.media.size(received.key)
    except NotFound:
        raise StoreUnavailable(
            "The recording was swept away while it came in. Bring it again."
        ) from None


def _first(stream: BinaryIO) -> bytes:
    """The first bytes; a stream from the network gives fewer at a time."""
    head = b""
    while len(head) < HEAD_BYTES:
        block = stream.read(HEAD_BYTES - len(head))
        if not block:
            break
        head += block
    return head
