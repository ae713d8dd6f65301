"""Recordings: one row for each content, whatever names it came under."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Select, delete, func, select, update

from callmon.call import Value
from callmon.errors import BadRecording, NotFound, OnHold, StoreUnavailable
from callmon.metadata import Metadata, merged
from callmon.store.access import audit
from callmon.store.database import alone, insert_once
from callmon.store.pages import page, place_of
from callmon.store.tables.calls import commitments, findings, recordings
from callmon.store.tables.operations import call_figures, holds, moment_figures, removals

RecordingState = Literal["received", "queued", "analysing", "done", "failed", "cancelled"]
"""`received` is the moment between the row and its first run."""

STATES: tuple[RecordingState, ...] = get_args(RecordingState)


class StoredRecording(Value):
    """A recording, and where it stands."""

    id: str
    """The first 16 digits of the content's hash: the same content has the same id."""
    sha256: str
    name: str
    """As it was first called, without its folder. Never a path of ours."""
    size: int
    """Bytes."""
    media: str
    """Its key in the media store."""
    received: datetime
    state: RecordingState
    stage: str | None
    """The step that is under way; null when none is."""
    progress: float
    """Share of the analysis that is done, 0 to 1."""
    attempts: int
    """How often the present run was begun."""
    run: int
    """Number of the present run, from 1; 0 before the first."""
    error: str | None
    """Of the last attempt, for people; null once one has worked."""
    priority: int
    """Lower goes first."""
    duration: float | None
    """Seconds; null until the sound was read."""
    channels: int | None
    metadata: Metadata
    warnings: tuple[str, ...]
    source: str | None
    """Where recordings like this come from, as the settings name it."""
    analysis: str | None
    """Id of the analysis that counts."""
    queued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None


EDITED = "metadata.edited"
"""In the audit log: a person has put right what is known of a recording."""

_COLUMNS = [recordings.c[name] for name in StoredRecording.model_fields]


def add(
    connection: Connection,
    *,
    sha256: str,
    name: str,
    size: int,
    media: str,
    metadata: Metadata,
    warnings: Sequence[str] = (),
    source: str | None = None,
    received: datetime,
    priority: int,
) -> tuple[StoredRecording, bool]:
    """The recording of this content, and whether it is new.

    Of content that is known already only the metadata is taken: what is new is added, what
    differs replaces what was there; both are audited. Raises BadRecording when another
    content has the same id, which chance does not bring about.

    Look whether the media is still there before the transaction ends, and undo it when it
    is not: a sweep may have taken it for an orphan a moment ago (see `media_is_known`).
    """
    alone(connection, media)
    recording_id = sha256[:16]
    new = insert_once(
        connection,
        recordings,
        {
            "id": recording_id,
            "sha256": sha256,
            "name": name,
            "size": size,
            "media": media,
            "received": received,
            "state": "received",
            "progress": 0.0,
            "attempts": 0,
            "run": 0,
            "priority": priority,
            "metadata": metadata.model_dump(mode="json", exclude_defaults=True),
            "warnings": list(warnings),
            "source": source,
            **_of_call(metadata, received),
        },
    )
    if new:
        audit.record(
            connection,
            who="intake",
            action="recording.added",
            recording_id=recording_id,
            detail={"source": source, "size": size},
            at=received,
        )
        return get(connection, recording_id), True
    try:
        known = locked(connection, recording_id)
    except NotFound:
        raise StoreUnavailable(
            f"The recording {recording_id} was deleted at this moment. Send it again."
        ) from None
    if known.sha256 != sha256:
        raise BadRecording(
            f"Another recording has the id {recording_id}. This file was made to collide"
            " with it and is not taken in."
        )
    # Where retention had taken its sound, that is here again.
    connection.execute(
        delete(removals).where(
            removals.c.recording_id == recording_id, removals.c.kind == "audio"
        )
    )
    _merge(connection, known, metadata, warnings, at=received)
    return get(connection, recording_id), False


def get(connection: Connection, recording_id: str) -> StoredRecording:
    """Raises NotFound."""
    return _one(
        connection, select(*_COLUMNS).where(recordings.c.id == recording_id), recording_id
    )


def locked(connection: Connection, recording_id: str) -> StoredRecording:
    """The recording, which no other transaction changes before this one ends.

    Every change of state begins with it, so transactions meet here and never dead-lock.
    Raises NotFound.
    """
    query = select(*_COLUMNS).where(recordings.c.id == recording_id).with_for_update()
    return _one(connection, query, recording_id)


def by_sha256(connection: Connection, sha256: str) -> StoredRecording | None:
    row = connection.execute(
        select(*_COLUMNS).where(recordings.c.sha256 == sha256)
    ).one_or_none()
    return None if row is None else _stored(row._mapping)


def find(
    connection: Connection,
    *,
    states: Collection[RecordingState] | None = None,
    agent: str | None = None,
    team: str | None = None,
    queue: str | None = None,
    started_from: datetime | None = None,
    started_to: datetime | None = None,
    limit: int = 100,
    after: str | None = None,
) -> list[StoredRecording]:
    """Recordings by when the call was held, newest first.

    A call whose start is not known counts as held when it was received. The time is in
    [started_from, started_to). `after` is the id of the last one of the page before;
    NotFound is raised when that one was deleted since.
    """
    c = recordings.c
    query = select(*_COLUMNS)
    for column, wanted in ((c.agent, agent), (c.team, team), (c.queue, queue)):
        if wanted is not None:
            query = query.where(column == wanted)
    if states is not None:
        query = query.where(c.state.in_(sorted(states)))
    if started_from is not None:
        query = query.where(c.held_at >= started_from)
    if started_to is not None:
        query = query.where(c.held_at < started_to)
    by = (c.held_at, c.id)
    last = None if after is None else place_of(connection, by, after)
    query = page(query, by, order="falling", after=last, limit=limit)
    rows = connection.execute(query)
    return [_stored(row._mapping) for row in rows]


def counts(connection: Connection) -> dict[RecordingState, int]:
    """How many recordings are in each state; zero for those with none."""
    query = select(recordings.c.state, func.count().label("number")).group_by(
        recordings.c.state
    )
    found = {row.state: row.number for row in connection.execute(query)}
    return {state: found.get(state, 0) for state in STATES}


def edit(
    connection: Connection,
    recording_id: str,
    metadata: Metadata,
    *,
    who: str,
    at: datetime,
) -> StoredRecording:
    """Puts this metadata in the place of what was known, audited. Raises NotFound."""
    known = locked(connection, recording_id)
    if metadata != known.metadata:
        _write(connection, known, metadata)
        audit.record(
            connection,
            who=who,
            action=EDITED,
            recording_id=recording_id,
            detail=_changes(known.metadata, metadata),
            at=at,
        )
    return get(connection, recording_id)


def describe(
    connection: Connection, recording_id: str, *, duration: float, channels: int
) -> None:
    """Keeps what the sound itself told. Raises NotFound."""
    locked(connection, recording_id)
    connection.execute(
        update(recordings)
        .where(recordings.c.id == recording_id)
        .values(duration=duration, channels=channels)
    )


def delete_recording(
    connection: Connection, recording_id: str, *, who: str, at: datetime
) -> str:
    """Deletes a recording with its runs, steps, analyses, findings and commitments.

    Gives the key of its media, to be deleted after the commit. What stays: its lines in
    the audit log and the places where its file was seen. Raises NotFound, and OnHold for
    one that is under legal hold.
    """
    media = locked(connection, recording_id).media
    if connection.execute(
        select(holds.c.at).where(holds.c.recording_id == recording_id)
    ).first():
        raise OnHold(
            f"The recording {recording_id} is under legal hold. It can be deleted when an"
            " admin has ended the hold."
        )
    connection.execute(delete(recordings).where(recordings.c.id == recording_id))
    audit.record(
        connection,
        who=who,
        action="recording.deleted",
        recording_id=recording_id,
        detail={},
        at=at,
    )
    return media


def media_is_known(connection: Connection, key: str) -> bool:
    """Whether a recording has this media, or that which it was made of; for the sweep.

    Until the transaction ends no recording comes to have it: delete the media within it.
    """
    of, _, _ = key.partition(".")
    alone(connection, of)
    # A key ends in the content's hash, which has an index.
    query = select(recordings.c.id).where(
        recordings.c.sha256 == of.rpartition("/")[2], recordings.c.media == of
    )
    return connection.execute(query).first() is not None


def monday(moment: datetime) -> date:
    """The first day of its week, by UTC."""
    day = moment.astimezone(UTC).date()
    # The calendar begins on a Monday, so there is always one before.
    return day - timedelta(days=day.weekday())


def _one(connection: Connection, query: Select[Any], recording_id: str) -> StoredRecording:
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"There is no recording {recording_id!r}.")
    return _stored(row._mapping)


def _stored(row: Mapping[Any, Any]) -> StoredRecording:
    return StoredRecording.model_validate(dict(row))


def _merge(
    connection: Connection,
    known: StoredRecording,
    new: Metadata,
    warnings: Sequence[str],
    *,
    at: datetime,
) -> None:
    old = known.metadata
    # What a person has put right stays so, however often the recorder sends it again.
    corrected = audit.has(connection, recording_id=known.id, action=EDITED)
    both = merged(old, new) if corrected else merged(new, old)
    more = [warning for warning in warnings if warning not in known.warnings]
    if both == old and not more:
        return
    _write(connection, known, both)
    connection.execute(
        update(recordings)
        .where(recordings.c.id == known.id)
        .values(warnings=[*known.warnings, *more])
    )
    audit.record(
        connection,
        who="intake",
        action="metadata.merged",
        recording_id=known.id,
        detail=_changes(old, both),
        at=at,
    )


def _write(connection: Connection, known: StoredRecording, metadata: Metadata) -> None:
    """The metadata, there and where it is repeated."""
    values = _of_call(metadata, known.received)
    connection.execute(
        update(recordings)
        .where(recordings.c.id == known.id)
        .values(metadata=metadata.model_dump(mode="json", exclude_defaults=True), **values)
    )
    connection.execute(
        update(findings)
        .where(findings.c.recording_id == known.id)
        .values(week=monday(values["held_at"]), **values)
    )
    connection.execute(
        update(commitments).where(commitments.c.recording_id == known.id).values(**values)
    )
    values["week"] = monday(values["held_at"])
    connection.execute(
        update(moment_figures)
        .where(moment_figures.c.recording_id == known.id)
        .values(**values)
    )
    connection.execute(
        update(call_figures)
        .where(call_figures.c.recording_id == known.id)
        .values(customer=metadata.customer, **values)
    )


def _changes(old: Metadata, new: Metadata) -> dict[str, Any]:
    """Field by field, from and to.

    Of the customer and of labels only the names of the fields: the audit log outlives the
    recording, and these two say who called.
    """
    was, told = old.model_dump(mode="json"), new.model_dump(mode="json")
    changed: dict[str, Any] = {
        name: {"from": was[name], "to": value}
        for name, value in told.items()
        if name not in ("customer", "labels") and was[name] != value
    }
    if old.customer != new.customer:
        changed["customer"] = "changed"
    names = old.labels.keys() | new.labels.keys()
    labels = sorted(n for n in names if old.labels.get(n) != new.labels.get(n))
    return {**changed, "labels": labels} if labels else changed


def _of_call(metadata: Metadata, received: datetime) -> dict[str, Any]:
    """What findings repeat of their recording.

    A start without an offset counts as UTC, which orders calls of one place rightly.
    """
    held = metadata.started or received
    held = held.replace(tzinfo=UTC) if held.tzinfo is None else held
    try:
        held = held.astimezone(UTC)
    except OverflowError:  # the first or the last day of the calendar
        held = received
    return {
        "agent": metadata.agent,
        "team": metadata.team,
        "queue": metadata.queue,
        "held_at": held,
    }
