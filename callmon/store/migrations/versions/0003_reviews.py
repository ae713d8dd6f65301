"""What people decide about findings, controls, and rounds of calibration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WORDS = sa.Text()
WORD = sa.String(length=40)
KEY = sa.String(length=200)
ID = sa.String(length=32)
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
PACKED = sa.LargeBinary()
RANK = sa.SmallInteger()
COUNT = sa.Integer().with_variant(sa.BigInteger(), "postgresql")

FIXED = (
    "id, subject, recording_id, analysis_id, reviewer, at, verdict, machine, label,"
    " outcome, rung, note, seconds, blind, round_id, rules"
)
"""Columns of a verdict that nothing may change; its snapshot holds words of the call, which
may have to be forgotten."""


def upgrade() -> None:
    op.create_table(
        "rounds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("by", WORD, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("deadline", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_rounds"),
    )
    op.create_table(
        "assignments",
        sa.Column("id", COUNT, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("recording_id", ID, nullable=False),
        sa.Column("assignee", WORD),
        sa.Column("by", WORD, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_assignments_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assignments"),
    )
    op.create_index("ix_assignments_assignee", "assignments", ["assignee", "current"])
    op.create_index("ix_assignments_recording_id", "assignments", ["recording_id"])
    op.create_index("ix_assignments_subject", "assignments", ["subject", "current"])
    op.create_table(
        "coaching",
        sa.Column("id", COUNT, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("recording_id", ID, nullable=False),
        sa.Column("author", WORD, nullable=False),
        sa.Column("side", WORD, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("text", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_coaching_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_coaching"),
    )
    op.create_index("ix_coaching_recording_id", "coaching", ["recording_id"])
    op.create_index("ix_coaching_subject", "coaching", ["subject", "id"])
    op.create_table(
        "disputes",
        sa.Column("id", COUNT, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("recording_id", ID, nullable=False),
        sa.Column("by", WORD, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("machine", WORD, nullable=False),
        sa.Column("proposed", WORD, nullable=False),
        sa.Column("deadline", MOMENT, nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("resolved_at", MOMENT),
        sa.Column("resolved_by", WORD),
        sa.Column("label", WORD),
        sa.Column("note", WORDS),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_disputes_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_disputes"),
    )
    op.create_index("ix_disputes_open", "disputes", ["resolved_at", "deadline"])
    op.create_index("ix_disputes_recording_id", "disputes", ["recording_id"])
    op.create_index("ix_disputes_subject", "disputes", ["subject", "id"])
    op.create_table(
        "round_reviewers",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("reviewer", WORD, nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["rounds.id"],
            name="fk_round_reviewers_round_id_rounds",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("round_id", "reviewer", name="pk_round_reviewers"),
    )
    op.create_index("ix_round_reviewers_reviewer", "round_reviewers", ["reviewer"])
    op.create_table(
        "round_subjects",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("recording_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_round_subjects_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["rounds.id"],
            name="fk_round_subjects_round_id_rounds",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("round_id", "place", name="pk_round_subjects"),
    )
    op.create_index("ix_round_subjects_recording_id", "round_subjects", ["recording_id"])
    op.create_index("ix_round_subjects_subject", "round_subjects", ["subject"])
    op.create_table(
        "controls",
        sa.Column("id", KEY, nullable=False),
        sa.Column("analysis_id", KEY, nullable=False),
        sa.Column("recording_id", ID, nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("start", sa.Float()),
        sa.Column("end", sa.Float()),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("severity", RANK, nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"],
            ["analyses.id"],
            name="fk_controls_analysis_id_analyses",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_controls_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_controls"),
    )
    op.create_index("ix_controls_analysis_id", "controls", ["analysis_id"])
    op.create_index(
        "ix_controls_queue", "controls", ["state", "severity", "confidence", "id"]
    )
    op.create_index("ix_controls_recording_id", "controls", ["recording_id"])
    op.create_table(
        "draws",
        sa.Column("analysis_id", KEY, nullable=False),
        sa.Column("recording_id", ID, nullable=False),
        sa.Column("moments", sa.Integer(), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"],
            ["analyses.id"],
            name="fk_draws_analysis_id_analyses",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_draws_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("analysis_id", name="pk_draws"),
    )
    op.create_index("ix_draws_at", "draws", ["at"])
    op.create_index("ix_draws_recording_id", "draws", ["recording_id"])
    op.create_table(
        "moments",
        sa.Column("id", COUNT, nullable=False),
        sa.Column("recording_id", ID, nullable=False),
        sa.Column("analysis_id", KEY, nullable=False),
        sa.Column("reviewer", WORD, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("start", sa.Float()),
        sa.Column("end", sa.Float()),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("rung", WORD),
        sa.Column("note", WORDS),
        sa.ForeignKeyConstraint(
            ["analysis_id"],
            ["analyses.id"],
            name="fk_moments_analysis_id_analyses",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_moments_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_moments"),
    )
    op.create_index("ix_moments_analysis_id", "moments", ["analysis_id"])
    op.create_index("ix_moments_recording_id", "moments", ["recording_id", "id"])
    op.create_table(
        "verdicts",
        sa.Column("id", COUNT, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("recording_id", ID, nullable=False),
        sa.Column("analysis_id", KEY, nullable=False),
        sa.Column("reviewer", WORD, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("verdict", WORD, nullable=False),
        sa.Column("machine", WORD, nullable=False),
        sa.Column("label", WORD),
        sa.Column("outcome", WORD),
        sa.Column("rung", WORD),
        sa.Column("note", WORDS),
        sa.Column("seconds", sa.Float()),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("round_id", sa.Integer()),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("snapshot", PACKED),
        sa.ForeignKeyConstraint(
            ["analysis_id"],
            ["analyses.id"],
            name="fk_verdicts_analysis_id_analyses",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_verdicts_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["rounds.id"],
            name="fk_verdicts_round_id_rounds",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_verdicts"),
    )
    op.create_index("ix_verdicts_analysis_id", "verdicts", ["analysis_id"])
    op.create_index("ix_verdicts_recording_id", "verdicts", ["recording_id"])
    op.create_index("ix_verdicts_reviewer", "verdicts", ["reviewer", "subject"])
    op.create_index("ix_verdicts_round_id", "verdicts", ["round_id"])
    op.create_index("ix_verdicts_subject", "verdicts", ["subject", "id"])
    op.create_index(
        "ix_findings_queue",
        "findings",
        ["current", "state", sa.text("severity DESC"), "confidence", "id"],
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION verdicts_are_append_only() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'verdicts are never changed'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER verdicts_no_update BEFORE UPDATE OF {FIXED} ON verdicts"
            " FOR EACH STATEMENT EXECUTE FUNCTION verdicts_are_append_only()"
        )
        return
    op.execute(
        f"CREATE TRIGGER verdicts_no_update BEFORE UPDATE OF {FIXED} ON verdicts"
        " BEGIN SELECT RAISE(ABORT, 'verdicts are never changed'); END"
    )
    op.execute(
        "CREATE TRIGGER verdicts_no_replace BEFORE INSERT ON verdicts"
        " WHEN EXISTS (SELECT 1 FROM verdicts WHERE id = NEW.id)"
        " BEGIN SELECT RAISE(ABORT, 'verdicts are never changed'); END"
    )
