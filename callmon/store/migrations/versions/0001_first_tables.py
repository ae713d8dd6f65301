"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# As they were at this revision, whatever `callmon.store.types` says later.
WORDS = sa.Text()
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
PACKED = sa.LargeBinary()
RANK = sa.SmallInteger()
COUNT = sa.Integer().with_variant(sa.BigInteger(), "postgresql")

FIXED = "id, recording_id, run, at, callmon, rubric, models, score, unscorable, document"
"""Columns of an analysis that nothing may change."""


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", COUNT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", WORDS, nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("recording_id", sa.String(length=32), nullable=True),
        sa.Column("detail", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_recording_id", "audit", ["recording_id", "id"])
    op.create_table(
        "recordings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media", sa.String(length=200), nullable=False),
        sa.Column("received", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=True),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("error", WORDS, nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("duration", sa.Float(), nullable=True),
        sa.Column("channels", sa.Integer(), nullable=True),
        sa.Column("metadata", JSON, nullable=False),
        sa.Column("warnings", JSON, nullable=False),
        sa.Column("source", WORDS, nullable=True),
        sa.Column("analysis", sa.String(length=200), nullable=True),
        sa.Column("queued_at", MOMENT, nullable=True),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("agent", WORDS, nullable=True),
        sa.Column("team", WORDS, nullable=True),
        sa.Column("queue", WORDS, nullable=True),
        sa.Column("held_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recordings"),
        sa.UniqueConstraint("sha256", name="uq_recordings_sha256"),
    )
    op.create_index("ix_recordings_agent", "recordings", ["agent", "held_at", "id"])
    op.create_index("ix_recordings_held_at", "recordings", ["held_at", "id"])
    op.create_index("ix_recordings_received", "recordings", ["received"])
    op.create_index("ix_recordings_state", "recordings", ["state", "held_at", "id"])
    op.create_index("ix_recordings_team", "recordings", ["team", "held_at", "id"])
    op.create_table(
        "rubrics",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("version", WORDS, nullable=False),
        sa.Column("document", PACKED, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_rubrics"),
    )
    op.create_table(
        "sightings",
        sa.Column("path_sha256", sa.String(length=64), nullable=False),
        sa.Column("path", WORDS, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("recording_id", sa.String(length=32), nullable=True),
        sa.Column("error", WORDS, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("path_sha256", name="pk_sightings"),
    )
    op.create_table(
        "switches",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_switches"),
    )
    op.create_table(
        "workers",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("host", WORDS, nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_workers"),
    )
    op.create_index("ix_workers_at", "workers", ["at"])
    op.create_table(
        "analyses",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("callmon", sa.String(length=40), nullable=False),
        sa.Column("rubric", WORDS, nullable=False),
        sa.Column("models", JSON, nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("unscorable", sa.String(length=40), nullable=True),
        sa.Column("document", PACKED, nullable=False),
        sa.Column("superseded_at", MOMENT, nullable=True),
        sa.Column("superseded_by", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_analyses_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_analyses"),
    )
    op.create_index(
        "uq_analyses_recording_id", "analyses", ["recording_id", "run"], unique=True
    )
    op.create_table(
        "runs",
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("rubric", sa.String(length=64), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("worker", WORDS, nullable=True),
        sa.Column("error", WORDS, nullable=True),
        sa.Column("stage", sa.String(length=40), nullable=True),
        sa.Column("stage_at", MOMENT, nullable=True),
        sa.Column("seconds", JSON, nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("begun_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_runs_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["rubric"], ["rubrics.sha256"], name="fk_runs_rubric_rubrics"
        ),
        sa.PrimaryKeyConstraint("recording_id", "run", name="pk_runs"),
    )
    op.create_index("ix_runs_state", "runs", ["state", "finished_at"])
    op.create_table(
        "steps",
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("document", PACKED, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_steps_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recording_id", "step", "fingerprint", name="pk_steps"),
    )
    op.create_table(
        "commitments",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("analysis_id", sa.String(length=200), nullable=False),
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("action", WORDS, nullable=False),
        sa.Column("deadline", WORDS, nullable=True),
        sa.Column("due", WORDS, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("who", sa.String(length=40), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("quote", WORDS, nullable=False),
        sa.Column("start", sa.Float(), nullable=True),
        sa.Column("end", sa.Float(), nullable=True),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("agent", WORDS, nullable=True),
        sa.Column("team", WORDS, nullable=True),
        sa.Column("queue", WORDS, nullable=True),
        sa.Column("held_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"],
            ["analyses.id"],
            name="fk_commitments_analysis_id_analyses",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_commitments_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_commitments"),
    )
    op.create_index(
        "ix_commitments_agent", "commitments", ["agent", "current", "open", "due_on", "id"]
    )
    op.create_index("ix_commitments_analysis_id", "commitments", ["analysis_id"])
    op.create_index(
        "ix_commitments_due", "commitments", ["current", "open", "due_on", "id"]
    )
    op.create_index("ix_commitments_recording_id", "commitments", ["recording_id"])
    op.create_table(
        "findings",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("analysis_id", sa.String(length=200), nullable=False),
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("finding", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("severity", RANK, nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("opportunity", sa.String(length=40), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("start", sa.Float(), nullable=True),
        sa.Column("end", sa.Float(), nullable=True),
        sa.Column("summary", WORDS, nullable=False),
        sa.Column("cleared_by", WORDS, nullable=False),
        sa.Column("quote", WORDS, nullable=True),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("agent", WORDS, nullable=True),
        sa.Column("team", WORDS, nullable=True),
        sa.Column("queue", WORDS, nullable=True),
        sa.Column("held_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"],
            ["analyses.id"],
            name="fk_findings_analysis_id_analyses",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_findings_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_findings"),
    )
    op.create_index("ix_findings_agent", "findings", ["agent", "current", "held_at", "id"])
    op.create_index("ix_findings_analysis_id", "findings", ["analysis_id"])
    op.create_index("ix_findings_held_at", "findings", ["current", "held_at", "id"])
    op.create_index("ix_findings_recording_id", "findings", ["recording_id"])
    op.create_index("ix_findings_team", "findings", ["team", "current", "held_at", "id"])
    for whose in ("team", "agent"):
        op.create_index(
            f"ix_findings_{whose}_queue",
            "findings",
            [whose, "current", "state", sa.text("severity DESC"), "confidence", "id"],
        )
    op.create_index(
        "ix_findings_team_week", "findings", ["team", "current", "week", "kind"]
    )
    op.create_index("ix_findings_week", "findings", ["current", "week", "kind"])
    op.create_table(
        "opportunities",
        sa.Column("analysis_id", sa.String(length=200), nullable=False),
        sa.Column("opportunity", sa.String(length=40), nullable=False),
        sa.Column("cue", sa.String(length=40), nullable=False),
        sa.Column("emotion", sa.String(length=40), nullable=False),
        sa.Column("valence", sa.String(length=40), nullable=False),
        sa.Column("strength", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("start", sa.Float(), nullable=True),
        sa.Column("end", sa.Float(), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("rung", sa.String(length=40), nullable=True),
        sa.Column("delay", sa.Float(), nullable=True),
        sa.Column("recovered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"],
            ["analyses.id"],
            name="fk_opportunities_analysis_id_analyses",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("analysis_id", "opportunity", name="pk_opportunities"),
    )
    op.create_table(
        "responses",
        sa.Column("analysis_id", sa.String(length=200), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opportunity", sa.String(length=40), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("recovery", sa.Boolean(), nullable=False),
        sa.Column("behaviours", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"],
            ["analyses.id"],
            name="fk_responses_analysis_id_analyses",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("analysis_id", "number", name="pk_responses"),
    )
    op.create_table(
        "turns",
        sa.Column("analysis_id", sa.String(length=200), nullable=False),
        sa.Column("turn", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("party", sa.String(length=40), nullable=False),
        sa.Column("start", sa.Float(), nullable=True),
        sa.Column("end", sa.Float(), nullable=True),
        sa.Column("text", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"],
            ["analyses.id"],
            name="fk_turns_analysis_id_analyses",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("analysis_id", "turn", name="pk_turns"),
    )
    # ### end Alembic commands ###
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def _guard_sqlite() -> None:
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{event.lower()} BEFORE {event} ON audit"
            " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        )
    # Replacing a row fires no trigger of DELETE.
    op.execute(
        "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit"
        " WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)"
        " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
    )
    op.execute(
        f"CREATE TRIGGER analyses_no_update BEFORE UPDATE OF {FIXED} ON analyses"
        " BEGIN SELECT RAISE(ABORT, 'analyses are immutable'); END"
    )


def _guard_postgresql() -> None:
    for name, words in (
        ("audit_is_append_only", "the audit log is append-only"),
        ("analyses_are_immutable", "analyses are immutable"),
    ):
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{words}'; END $$"
        )
    op.execute(
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
    )
    op.execute(
        f"CREATE TRIGGER analyses_no_update BEFORE UPDATE OF {FIXED} ON analyses"
        " FOR EACH STATEMENT EXECUTE FUNCTION analyses_are_immutable()"
    )
