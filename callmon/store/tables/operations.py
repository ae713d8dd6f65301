"""The tables of what is counted, of webhooks, and of how long things are kept.

`call_figures` and `moment_figures` hold, of the analysis of each recording that counts,
what reports add up: narrow rows beside the documents, so that a report reads no document.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Date, Float, ForeignKey, Index, Integer, Table

from callmon.store.tables.base import (
    Count,
    Id,
    Key,
    Person,
    Word,
    metadata_tables,
    of_call,
    of_recording,
)
from callmon.store.tables.calls import commitments
from callmon.store.types import Json, Moment, Name, Words


def _of_week() -> tuple[Column[Any], ...]:
    # The Monday of the week in which the call was held, by UTC.
    return (*of_call(), Column("week", Date, nullable=False))


call_figures = Table(
    "call_figures",
    metadata_tables,
    of_recording(primary_key=True),
    # The analysis that counts, of which these are.
    Column("analysis_id", Key, nullable=False),
    Column("rubric", Name, nullable=False),
    *_of_week(),
    Column("customer", Name),
    Column("commendations", Integer, nullable=False),
    # Whether the agent says that something is done: a hint for earlier promises.
    Column("resolved", Boolean, nullable=False),
    # The groups of `GET /reports/fairness`; null where it is not known.
    Column("language", Word),
    Column("channels", Word),
    Column("confidence_band", Word),
    Column("pitch_band", Word),
    Index("ix_call_figures_held_at", "held_at", "agent", "team", "queue", "commendations"),
    Index("ix_call_figures_team", "team", "held_at"),
    Index("ix_call_figures_customer", "customer", "held_at", "recording_id"),
)

moment_figures = Table(
    "moment_figures",
    metadata_tables,
    of_recording(primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("rubric", Name, nullable=False),
    *_of_week(),
    Column("outcome", Word, nullable=False),
    # Valence, cue and strength: what it takes to meet such a moment.
    Column("stratum", Word, nullable=False),
    # Whether a finding is about it.
    Column("flagged", Boolean, nullable=False),
    # Seconds, to the tenth.
    Column("delay", Float),
    Column("settling", Float),
    # Holds all that reports add up, so that they read it alone, in the order of time.
    Index(
        "ix_moment_figures_held_at",
        "held_at",
        "agent",
        "team",
        "queue",
        "week",
        "outcome",
        "stratum",
        "flagged",
        "delay",
        "settling",
        "recording_id",
    ),
    Index("ix_moment_figures_team", "team", "held_at"),
    Index("ix_moment_figures_queue", "queue", "held_at"),
)

Index(
    "ix_commitments_held_at",
    commitments.c.current,
    commitments.c.held_at,
    commitments.c.agent,
    commitments.c.team,
    commitments.c.queue,
    commitments.c.open,
)

# The ledger, of all and of a team.
Index(
    "ix_commitments_due_on",
    commitments.c.current,
    commitments.c.due_on,
    commitments.c.id,
)
Index(
    "ix_commitments_team",
    commitments.c.team,
    commitments.c.current,
    commitments.c.due_on,
    commitments.c.id,
)

promise_marks = Table(
    "promise_marks",
    metadata_tables,
    Column(
        "promise",
        Key,
        ForeignKey("commitments.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    of_recording(),
    # `kept` or `broken`; what is neither has no row.
    Column("state", Word, nullable=False),
    # The later call that shows it. It may be deleted before this one.
    Column("shown_by", Id),
    Column("by", Person, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_promise_marks_recording_id", "recording_id"),
)

webhooks = Table(
    "webhooks",
    metadata_tables,
    Column("id", Id, primary_key=True),
    Column("url", Words, nullable=False),
    Column("events", Json, nullable=False),
    # Signing needs it as it is.
    Column("secret", Words, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("made_by", Person, nullable=False),
    # Since the last one that arrived.
    Column("failures", Integer, nullable=False),
    # Until then a target that does not answer is left alone.
    Column("rests_until", Moment),
    # Since when somebody has it switched off.
    Column("off_at", Moment),
)

deliveries = Table(
    "deliveries",
    metadata_tables,
    Column("id", Count, primary_key=True),
    Column("webhook_id", Id, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    # The same for all targets of one event: who gets it twice can tell.
    Column("event_id", Id, nullable=False),
    Column("event", Word, nullable=False),
    # No foreign key: a target is told of what was there when it happened.
    Column("recording_id", Id),
    Column("data", Json, nullable=False),
    # `waiting`, `delivered` or `given up`.
    Column("state", Word, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("next_at", Moment, nullable=False),
    # While a process is about it; after that another one may.
    Column("taken_until", Moment),
    Column("tried_at", Moment),
    Column("status", Integer),
    Column("error", Words),
    Column("seconds", Float),
    Index("ix_deliveries_state", "state", "next_at"),
    Index("ix_deliveries_webhook_id", "webhook_id", "id"),
    Index("ix_deliveries_made_at", "made_at"),
)

retention = Table(
    "retention",
    metadata_tables,
    # `audio`, `transcript`, `analysis` or `recording`.
    Column("kind", Word, primary_key=True),
    Column("days", Integer, nullable=False),
    Column("by", Person, nullable=False),
    Column("at", Moment, nullable=False),
)

removals = Table(
    "removals",
    metadata_tables,
    of_recording(primary_key=True),
    Column("kind", Word, primary_key=True),
    Column("at", Moment, nullable=False),
)

holds = Table(
    "holds",
    metadata_tables,
    of_recording(primary_key=True),
    Column("reason", Words, nullable=False),
    Column("by", Person, nullable=False),
    Column("at", Moment, nullable=False),
)
