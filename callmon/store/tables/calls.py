"""Recordings, the work on them, and what was found in them.

What a recording is worth keeping for: everything of one recording hangs on its row in
`recordings` and goes with it, except its lines in `audit`, which hold ids and names of
fields, never words of a call.

Analyses are immutable: a re-run adds rows and marks the older ones as superseded. The
rows of findings and commitments repeat what reviewers filter by (agent, team, queue,
when the call was), so that each question is answered by one index.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
)

from callmon.store.tables.base import (
    Count,
    Id,
    Key,
    Word,
    metadata_tables,
    of_analysis,
    of_call,
    of_recording,
)
from callmon.store.types import Json, Moment, Packed, Rank, Words

recordings = Table(
    "recordings",
    metadata_tables,
    Column("id", Id, primary_key=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("name", Words, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media", String(200), nullable=False),
    Column("received", Moment, nullable=False),
    Column("state", Word, nullable=False),
    Column("stage", Word),
    Column("progress", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("run", Integer, nullable=False),
    Column("error", Words),
    Column("priority", Integer, nullable=False),
    Column("duration", Float),
    Column("channels", Integer),
    Column("metadata", Json, nullable=False),
    Column("warnings", Json, nullable=False),
    Column("source", Words),
    # Of the analysis that counts. No foreign key: the two tables would point at each other.
    Column("analysis", Key),
    Column("queued_at", Moment),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    *of_call(),
    Index("ix_recordings_state", "state", "held_at", "id"),
    Index("ix_recordings_agent", "agent", "held_at", "id"),
    Index("ix_recordings_team", "team", "held_at", "id"),
    Index("ix_recordings_held_at", "held_at", "id"),
    Index("ix_recordings_received", "received"),
)

runs = Table(
    "runs",
    metadata_tables,
    of_recording(primary_key=True),
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("state", Word, nullable=False),
    Column("reason", Word, nullable=False),
    Column("rubric", String(64), ForeignKey("rubrics.sha256")),
    Column("priority", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("worker", Words),
    # Of the callmon that asked for it; see `work.versions`.
    Column("version", Word),
    Column("error", Words),
    Column("stage", Word),
    Column("stage_at", Moment),
    Column("seconds", Json, nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("begun_at", Moment),
    Column("finished_at", Moment),
    Index("ix_runs_state", "state", "finished_at"),
)

rubrics = Table(
    "rubrics",
    metadata_tables,
    Column("sha256", String(64), primary_key=True),
    Column("version", Words, nullable=False),
    Column("document", Packed, nullable=False),
    Column("at", Moment, nullable=False),
)

analyses = Table(
    "analyses",
    metadata_tables,
    Column("id", Key, primary_key=True),
    of_recording(),
    Column("run", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("callmon", Word, nullable=False),
    Column("rubric", Words, nullable=False),
    Column("models", Json, nullable=False),
    Column("score", Float),
    Column("unscorable", Word),
    Column("document", Packed, nullable=False),
    Column("superseded_at", Moment),
    Column("superseded_by", Key),
    Index("uq_analyses_recording_id", "recording_id", "run", unique=True),
)

# What nearly everybody sees of an analysis. The words in the rows of turns, findings and
# commitments are those of this document.
redactions = Table(
    "redactions",
    metadata_tables,
    of_analysis(primary_key=True),
    # Which rules found what is private.
    Column("redactor", Word, nullable=False),
    Column("document", Packed, nullable=False),
    # Beginnings and ends, in seconds, of what is not to be heard.
    Column("silent", Json, nullable=False),
)

turns = Table(
    "turns",
    metadata_tables,
    of_analysis(primary_key=True),
    Column("turn", Integer, primary_key=True, autoincrement=False),
    Column("party", Word, nullable=False),
    Column("start", Float),
    Column("end", Float),
    Column("text", Words, nullable=False),
)

opportunities = Table(
    "opportunities",
    metadata_tables,
    of_analysis(primary_key=True),
    Column("opportunity", Word, primary_key=True),
    Column("cue", Word, nullable=False),
    Column("emotion", Word, nullable=False),
    Column("valence", Word, nullable=False),
    Column("strength", Integer, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("start", Float),
    Column("end", Float),
    Column("outcome", Word),
    Column("rung", Word),
    Column("delay", Float),
    Column("recovered", Boolean, nullable=False),
)

responses = Table(
    "responses",
    metadata_tables,
    of_analysis(primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("opportunity", Word, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("recovery", Boolean, nullable=False),
    # The names of the behaviours, in the order of the words.
    Column("behaviours", Json, nullable=False),
)

findings = Table(
    "findings",
    metadata_tables,
    Column("id", Key, primary_key=True),
    of_analysis(),
    of_recording(),
    Column("finding", Word, nullable=False),
    Column("kind", Word, nullable=False),
    Column("severity", Rank, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("opportunity", Word),
    Column("turn", Integer, nullable=False),
    Column("start", Float),
    Column("end", Float),
    Column("summary", Words, nullable=False),
    Column("cleared_by", Words, nullable=False),
    Column("quote", Words),
    # False once a later run's analysis has superseded this one's.
    Column("current", Boolean, nullable=False),
    # `open` until a reviewer has decided.
    Column("state", Word, nullable=False),
    # The Monday of the week in which the call was held, by UTC.
    Column("week", Date, nullable=False),
    # How the moment was met, in seconds to the tenth and in robust deviations; null where
    # it is about no moment, and where another one of its kind is about the same.
    Column("outcome", Word),
    Column("delay", Float),
    Column("settling", Float),
    *of_call(),
    Index("ix_findings_agent", "agent", "current", "held_at", "id"),
    Index("ix_findings_team", "team", "current", "held_at", "id"),
    # What follows the id is there to be read, for reports.
    Index(
        "ix_findings_held_at",
        *("current", "held_at", "id", "kind", "state", "week", "severity", "analysis_id"),
        *("outcome", "delay", "settling", "recording_id"),
    ),
    Index("ix_findings_week", "current", "week", "kind"),
    Index("ix_findings_team_week", "team", "current", "week", "kind"),
    Index("ix_findings_analysis_id", "analysis_id"),
    Index("ix_findings_recording_id", "recording_id"),
)

# The review queue of a team and of an agent; that of all is in `tables_reviews`.
for _whose in (findings.c.team, findings.c.agent):
    Index(
        f"ix_findings_{_whose.name}_queue",
        _whose,
        findings.c.current,
        findings.c.state,
        findings.c.severity.desc(),
        findings.c.confidence,
        findings.c.id,
    )

commitments = Table(
    "commitments",
    metadata_tables,
    Column("id", Key, primary_key=True),
    of_analysis(),
    of_recording(),
    Column("turn", Integer, nullable=False),
    Column("action", Words, nullable=False),
    Column("deadline", Words),
    Column("due", Words),
    # The day of `due`; the last day of the calendar where it names none, so that those
    # promises come last.
    Column("due_on", Date, nullable=False),
    Column("level", Word, nullable=False),
    Column("who", Word, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("quote", Words, nullable=False),
    Column("start", Float),
    Column("end", Float),
    Column("current", Boolean, nullable=False),
    *of_call(),
    Index("ix_commitments_due", "current", "open", "due_on", "id"),
    Index("ix_commitments_agent", "agent", "current", "due_on", "id", "open"),
    Index("ix_commitments_analysis_id", "analysis_id"),
    Index("ix_commitments_recording_id", "recording_id"),
)

steps = Table(
    "steps",
    metadata_tables,
    of_recording(primary_key=True),
    Column("step", Word, primary_key=True),
    Column("fingerprint", String(64), primary_key=True),
    Column("document", Packed, nullable=False),
    Column("at", Moment, nullable=False),
)

workers = Table(
    "workers",
    metadata_tables,
    Column("name", String(200), primary_key=True),
    Column("host", Words, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("state", Word, nullable=False),
    Column("version", Word),
    Column("since", Moment, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)

switches = Table(
    "switches",
    metadata_tables,
    Column("name", Word, primary_key=True),
    Column("at", Moment, nullable=False),
)

audit = Table(
    "audit",
    metadata_tables,
    Column("id", Count, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("who", Words, nullable=False),
    Column("action", Word, nullable=False),
    # No foreign key: what was done to a recording stays known when it is gone.
    Column("recording_id", Id),
    Column("detail", Json, nullable=False),
    Index("ix_audit_recording_id", "recording_id", "id"),
)

# No recording is named: a file whose recording was deleted must not come in again, and
# nothing may tell what it was called.
sightings = Table(
    "sightings",
    metadata_tables,
    # SHA-256 of path, size and time.
    Column("file_sha256", String(64), primary_key=True),
    # Only of a file that could not be taken in, for people to find it.
    Column("path", Words),
    Column("error", Words),
    Column("at", Moment, nullable=False),
)

# Of millions of files that were seen, the few that could not be taken in.
_refused = sightings.c.error.is_not(None)
Index(
    "ix_sightings_error",
    sightings.c.at,
    postgresql_where=_refused,
    sqlite_where=_refused,
)
