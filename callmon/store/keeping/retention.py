"""How long things are kept, and what it is to forget a part of a recording.

A rule is of a kind: the sound, the words, all that was found, or the recording as a whole.
What a rule takes from a recording is noted, and comes back with a new analysis or when the
same file is sent again; then the rule takes it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal, get_args

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Connection, and_, delete, exists, select, update

from callmon.call import Analysis, Value
from callmon.store.access import audit
from callmon.store.calls import redactions, search
from callmon.store.calls.recordings import locked
from callmon.store.database import alone, put
from callmon.store.keeping import removals
from callmon.store.keeping.removals import Part
from callmon.store.media import Media
from callmon.store.reports import call_figures
from callmon.store.reviews import verdicts
from callmon.store.tables.access import answers
from callmon.store.tables.calls import analyses, commitments, findings, recordings, turns
from callmon.store.tables.operations import holds, retention
from callmon.store.tables.operations import removals as removals_table
from callmon.store.tables.reviews import assignments, coaching, disputes
from callmon.store.work import steps

Kind = Literal["audio", "transcript", "analysis", "recording"]
KINDS: tuple[Kind, ...] = get_args(Kind)

DELETED: Final = "[deleted]"
"""Stands where words were."""

WORDS: Final = frozenset(
    {"text", "quote", "summary", "cleared_by", "action", "deadline", "reason"}
)
"""Fields of the analysis document that hold words of a call, or repeat them."""

ENDED: Final = ("done", "failed", "cancelled")

IS_HELD: Final = exists().where(holds.c.recording_id == recordings.c.id)
"""A condition: recordings under legal hold."""


class Rule(Value):
    """Who said for how long, and when."""

    kind: Kind
    days: int
    by: str
    at: datetime


def rules(connection: Connection) -> dict[Kind, Rule]:
    columns = [retention.c[name] for name in Rule.model_fields]
    rows = connection.execute(select(*columns))
    found = [Rule.model_validate(dict(row._mapping)) for row in rows]
    return {rule.kind: rule for rule in found}


def set_rules(
    connection: Connection, days: Mapping[Kind, int | None], *, by: str, at: datetime
) -> None:
    """Audited; None ends a rule, and a kind that is not named stays as it is."""
    before = rules(connection)
    for kind, wanted in days.items():
        if wanted is None:
            connection.execute(delete(retention).where(retention.c.kind == kind))
        else:
            put(connection, retention, {"kind": kind, "days": wanted, "by": by, "at": at})
    was = {kind: before[kind].days if kind in before else None for kind in days}
    audit.record(
        connection,
        who=by,
        action="retention.set",
        detail={"from": was, "to": dict(days)},
        at=at,
    )


def due(
    connection: Connection, kind: Kind, *, before: datetime, limit: int = 100
) -> list[str]:
    """Recordings of which that part is still there, received before, the oldest first;
    none that is under legal hold or under way."""
    query = select(recordings.c.id).where(
        recordings.c.received < before, still_there(kind), ~IS_HELD
    )
    query = query.order_by(recordings.c.received, recordings.c.id).limit(limit)
    return list(connection.execute(query).scalars())


def still_there(kind: Kind) -> ColumnElement[bool]:
    """A condition: recordings that are not under way, of which that part is still there."""
    ended = recordings.c.state.in_(ENDED)
    if kind == "recording":
        return ended
    taken = exists().where(
        removals_table.c.recording_id == recordings.c.id, removals_table.c.kind == kind
    )
    return and_(ended, ~taken)


def forget_part(
    connection: Connection,
    media: Media,
    recording_id: str,
    part: Part,
    *,
    who: str,
    at: datetime,
) -> bool:
    """Takes a part of a recording away, audited; False when it has to stay for now.

    Raises NotFound, StoreUnavailable.
    """
    recording = locked(connection, recording_id)
    held = exists().where(holds.c.recording_id == recording_id)
    if recording.state not in ENDED or connection.execute(select(held)).scalar():
        return False
    match part:
        case "audio":
            # Who sends the same file again waits until this is over.
            alone(connection, recording.media)
            media.delete(recording.media)
        case "transcript":
            removals.note(connection, recording_id, part, at=at)
            _forget_words(connection, recording_id)
        case "analysis":
            _forget_analyses(connection, recording_id)
            removals.note(connection, recording_id, "transcript", at=at)
    removals.note(connection, recording_id, part, at=at)
    audit.record(
        connection,
        who=who,
        action=f"{part}.deleted",
        recording_id=recording_id,
        detail={},
        at=at,
    )
    return True


def without_words(analysis: Analysis) -> Analysis:
    """What was judged, when and how, without anything that was said."""
    cleaned: Analysis = _cleaned(analysis)
    return cleaned.model_copy(
        update={
            "turns": tuple(t.model_copy(update={"words": ()}) for t in cleaned.turns),
            "speakers": {
                name: role.model_copy(update={"reasons": ()})
                for name, role in cleaned.speakers.items()
            },
        }
    )


def _cleaned(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_cleaned(each) for each in value)
    if not isinstance(value, BaseModel):
        return value
    changes = {
        name: DELETED if name in WORDS and isinstance(inner, str) else _cleaned(inner)
        for name, inner in value
    }
    return value.model_copy(update=changes)


def _forget_words(connection: Connection, recording_id: str) -> None:
    of = analyses.c.recording_id == recording_id
    for row in connection.execute(select(analyses.c.id, analyses.c.document).where(of)):
        told = without_words(Analysis.model_validate_json(row.document))
        connection.execute(
            update(analyses)
            .where(analyses.c.id == row.id)
            .values(document=told.model_dump_json().encode())
        )
    redactions.forget_words(connection, recording_id, without_words)
    ids = select(analyses.c.id).where(of)
    connection.execute(
        update(turns).where(turns.c.analysis_id.in_(ids)).values(text=DELETED)
    )
    connection.execute(
        update(findings)
        .where(findings.c.recording_id == recording_id)
        .values(summary=DELETED, cleared_by=DELETED, quote=None)
    )
    connection.execute(
        update(commitments)
        .where(commitments.c.recording_id == recording_id)
        .values(action=DELETED, quote=DELETED, deadline=None)
    )
    verdicts.forget_words(connection, recording_id)
    _forget_copies(connection, recording_id)


def _forget_analyses(connection: Connection, recording_id: str) -> None:
    connection.execute(
        update(recordings).where(recordings.c.id == recording_id).values(analysis=None)
    )
    call_figures.forget(connection, recording_id)
    # What hangs on an analysis goes with it; these hang on the recording.
    for table in (coaching, disputes, assignments):
        connection.execute(delete(table).where(table.c.recording_id == recording_id))
    connection.execute(delete(analyses).where(analyses.c.recording_id == recording_id))
    _forget_copies(connection, recording_id)


def _forget_copies(connection: Connection, recording_id: str) -> None:
    """The words where they are kept for other ends."""
    search.forget(connection, recording_id)
    steps.forget(connection, recording_id)
    connection.execute(delete(answers).where(answers.c.recording_id == recording_id))
