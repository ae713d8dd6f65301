"""The tables of what people decide about findings, and of how that measures the machine.

A subject is what is judged: a finding, by its id in `findings`, or a control, by its id in
`controls`. Everything here goes with its recording. Verdicts are never changed; the
database refuses it. Only what the reviewer saw may be forgotten, with the call's words.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
)

from callmon.store.tables.base import (
    Count,
    Key,
    Person,
    Word,
    metadata_tables,
    of_analysis,
    of_recording,
)
from callmon.store.tables.calls import findings
from callmon.store.types import Json, Moment, Name, Packed, Rank, Words


def _subject() -> tuple[Column[str], Column[str]]:
    return Column("subject", Key, nullable=False), of_recording()


# The order of the review queue: the gravest first, of these the least sure.
Index(
    "ix_findings_queue",
    findings.c.current,
    findings.c.state,
    findings.c.severity.desc(),
    findings.c.confidence,
    findings.c.id,
)

draws = Table(
    "draws",
    metadata_tables,
    Column(
        "analysis_id",
        Key,
        ForeignKey("analyses.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    of_recording(),
    # Customer moments of the call that the machine did not flag, and its findings.
    Column("moments", Integer, nullable=False),
    Column("findings", Integer, nullable=False),
    # With which each of these moments became a control.
    Column("probability", Float, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_draws_at", "at"),
    Index("ix_draws_recording_id", "recording_id"),
)

controls = Table(
    "controls",
    metadata_tables,
    Column("id", Key, primary_key=True),
    of_analysis(),
    of_recording(),
    Column("turn", Integer, nullable=False),
    Column("start", Float),
    Column("end", Float),
    Column("probability", Float, nullable=False),
    # Made up, so that controls stand in the queue among findings.
    Column("severity", Rank, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("state", Word, nullable=False),
    Index("ix_controls_queue", "state", "severity", "confidence", "id"),
    Index("ix_controls_analysis_id", "analysis_id"),
    Index("ix_controls_recording_id", "recording_id"),
)

verdicts = Table(
    "verdicts",
    metadata_tables,
    Column("id", Count, primary_key=True),
    *_subject(),
    of_analysis(),
    Column("reviewer", Person, nullable=False),
    Column("at", Moment, nullable=False),
    Column("verdict", Word, nullable=False),
    # The machine's kind and the reviewer's; `none` where nothing is to be raised. The
    # reviewer's is null for one who is unsure.
    Column("machine", Word, nullable=False),
    Column("label", Word),
    Column("outcome", Word),
    Column("rung", Word),
    Column("note", Words),
    Column("seconds", Float),
    Column("blind", Boolean, nullable=False),
    Column("round_id", Integer, ForeignKey("rounds.id", ondelete="CASCADE")),
    # Ids of the rules that the finding rested on.
    Column("rules", Json, nullable=False),
    # What the reviewer saw, as JSON; null once it was forgotten.
    Column("snapshot", Packed),
    Index("ix_verdicts_subject", "subject", "id"),
    Index("ix_verdicts_reviewer", "reviewer", "subject"),
    Index("ix_verdicts_recording_id", "recording_id"),
    Index("ix_verdicts_analysis_id", "analysis_id"),
    Index("ix_verdicts_round_id", "round_id"),
)

assignments = Table(
    "assignments",
    metadata_tables,
    Column("id", Count, primary_key=True),
    *_subject(),
    # Null where the subject was given back to everybody.
    Column("assignee", Person),
    Column("by", Person, nullable=False),
    Column("at", Moment, nullable=False),
    # False once another one has taken its place.
    Column("current", Boolean, nullable=False),
    # Why it ended by itself; null for what somebody did.
    Column("reason", Word),
    Index("ix_assignments_subject", "subject", "current"),
    Index("ix_assignments_assignee", "assignee", "current"),
    Index("ix_assignments_recording_id", "recording_id"),
)

coaching = Table(
    "coaching",
    metadata_tables,
    Column("id", Count, primary_key=True),
    *_subject(),
    Column("author", Person, nullable=False),
    # `coach` or `agent`: who answers whom.
    Column("side", Word, nullable=False),
    # Whose call it was then, and with whom it is shared by this.
    Column("agent", Name),
    Column("at", Moment, nullable=False),
    Column("text", Words, nullable=False),
    Index("ix_coaching_agent", "agent", "recording_id"),
    Index("ix_coaching_subject", "subject", "id"),
    Index("ix_coaching_recording_id", "recording_id"),
)

disputes = Table(
    "disputes",
    metadata_tables,
    Column("id", Count, primary_key=True),
    *_subject(),
    Column("by", Person, nullable=False),
    # Whose call it was then.
    Column("agent", Name),
    Column("at", Moment, nullable=False),
    Column("reason", Words, nullable=False),
    Column("machine", Word, nullable=False),
    # A kind, or `none`.
    Column("proposed", Word, nullable=False),
    Column("deadline", Moment, nullable=False),
    Column("rules", Json, nullable=False),
    # Null until it is resolved.
    Column("resolved_at", Moment),
    Column("resolved_by", Person),
    Column("label", Word),
    Column("note", Words),
    Index("ix_disputes_subject", "subject", "id"),
    Index("ix_disputes_open", "resolved_at", "deadline"),
    Index("ix_disputes_recording_id", "recording_id"),
)

found_again = Table(
    "found_again",
    metadata_tables,
    # A finding that another analysis of the call has too.
    Column("subject", Key, primary_key=True),
    # The same for all that are the same: the id of the first of them.
    Column("moment", Key, nullable=False),
    of_analysis(),
    Index("ix_found_again_moment", "moment"),
    Index("ix_found_again_analysis_id", "analysis_id"),
)

moments = Table(
    "moments",
    metadata_tables,
    Column("id", Count, primary_key=True),
    of_recording(),
    of_analysis(),
    Column("reviewer", Person, nullable=False),
    Column("at", Moment, nullable=False),
    Column("start", Float),
    Column("end", Float),
    Column("turn", Integer, nullable=False),
    Column("kind", Word, nullable=False),
    Column("rung", Word),
    Column("note", Words),
    Index("ix_moments_recording_id", "recording_id", "id"),
    Index("ix_moments_analysis_id", "analysis_id"),
)

rounds = Table(
    "rounds",
    metadata_tables,
    Column("id", Integer, primary_key=True),
    Column("name", Words, nullable=False),
    Column("by", Person, nullable=False),
    Column("at", Moment, nullable=False),
    Column("deadline", Moment),
    Column("closed_at", Moment),
)

round_subjects = Table(
    "round_subjects",
    metadata_tables,
    Column(
        "round_id", Integer, ForeignKey("rounds.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("place", Integer, primary_key=True, autoincrement=False),
    *_subject(),
    Index("ix_round_subjects_subject", "subject"),
    Index("ix_round_subjects_recording_id", "recording_id"),
)

round_reviewers = Table(
    "round_reviewers",
    metadata_tables,
    Column(
        "round_id", Integer, ForeignKey("rounds.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("reviewer", Person, primary_key=True),
    Index("ix_round_reviewers_reviewer", "reviewer"),
)
