"""What reports count, marks on promises, webhooks, retention and legal holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WORDS = sa.Text()
WORD = sa.String(length=40)
ID = sa.String(length=32)
KEY = sa.String(length=200)
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
COUNT = sa.Integer().with_variant(sa.BigInteger(), "postgresql")

FIXED = "id, recording_id, run, at, callmon, rubric, models, score, unscorable"
"""Columns of an analysis that nothing may change; of the document only the words may go."""

WORDS_GONE = (
    "EXISTS (SELECT 1 FROM removals WHERE recording_id = NEW.recording_id"
    " AND kind = 'transcript')"
)


COUNTED = (
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
)
PROMISED = ("current", "held_at", "agent", "team", "queue", "open")
TABLES = (
    "holds",
    "removals",
    "retention",
    "deliveries",
    "webhooks",
    "promise_marks",
    "moment_figures",
    "call_figures",
)


def upgrade() -> None:
    op.create_table(
        "call_figures",
        sa.Column("recording_id", ID, nullable=False),
        sa.Column("analysis_id", KEY, nullable=False),
        sa.Column("rubric", WORDS, nullable=False),
        sa.Column("agent", WORDS, nullable=True),
        sa.Column("team", WORDS, nullable=True),
        sa.Column("queue", WORDS, nullable=True),
        sa.Column("held_at", MOMENT, nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("customer", WORDS, nullable=True),
        sa.Column("commendations", sa.Integer(), nullable=False),
        sa.Column("resolved", sa.Boolean(), nullable=False),
        sa.Column("language", WORD, nullable=True),
        sa.Column("channels", WORD, nullable=True),
        sa.Column("confidence_band", WORD, nullable=True),
        sa.Column("pitch_band", WORD, nullable=True),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_call_figures_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recording_id", name="pk_call_figures"),
    )
    op.create_index(
        "ix_call_figures_customer", "call_figures", ["customer", "held_at", "recording_id"]
    )
    op.create_index(
        "ix_call_figures_held_at",
        "call_figures",
        ["held_at", "agent", "team", "queue", "commendations"],
    )
    op.create_index("ix_call_figures_team", "call_figures", ["team", "held_at"])
    op.create_table(
        "moment_figures",
        sa.Column("recording_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rubric", WORDS, nullable=False),
        sa.Column("agent", WORDS, nullable=True),
        sa.Column("team", WORDS, nullable=True),
        sa.Column("queue", WORDS, nullable=True),
        sa.Column("held_at", MOMENT, nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("outcome", WORD, nullable=False),
        sa.Column("stratum", WORD, nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("delay", sa.Float(), nullable=True),
        sa.Column("settling", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_moment_figures_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recording_id", "number", name="pk_moment_figures"),
    )
    op.create_index("ix_moment_figures_held_at", "moment_figures", list(COUNTED))
    op.create_index("ix_moment_figures_queue", "moment_figures", ["queue", "held_at"])
    op.create_index("ix_moment_figures_team", "moment_figures", ["team", "held_at"])
    op.create_table(
        "promise_marks",
        sa.Column("promise", KEY, nullable=False),
        sa.Column("recording_id", ID, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("shown_by", ID, nullable=True),
        sa.Column("by", WORD, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["promise"],
            ["commitments.id"],
            name="fk_promise_marks_promise_commitments",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_promise_marks_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("promise", name="pk_promise_marks"),
    )
    op.create_index("ix_promise_marks_recording_id", "promise_marks", ["recording_id"])
    op.create_table(
        "webhooks",
        sa.Column("id", ID, nullable=False),
        sa.Column("url", WORDS, nullable=False),
        sa.Column("events", JSON, nullable=False),
        sa.Column("secret", WORDS, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", WORD, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("rests_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", COUNT, nullable=False),
        sa.Column("webhook_id", ID, nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("event", WORD, nullable=False),
        sa.Column("recording_id", ID, nullable=True),
        sa.Column("data", JSON, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("taken_until", MOMENT, nullable=True),
        sa.Column("tried_at", MOMENT, nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", WORDS, nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["webhooks.id"],
            name="fk_deliveries_webhook_id_webhooks",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_made_at", "deliveries", ["made_at"])
    op.create_index("ix_deliveries_state", "deliveries", ["state", "next_at"])
    op.create_index("ix_deliveries_webhook_id", "deliveries", ["webhook_id", "id"])
    op.create_table(
        "retention",
        sa.Column("kind", WORD, nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("by", WORD, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("kind", name="pk_retention"),
    )
    op.create_table(
        "removals",
        sa.Column("recording_id", ID, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_removals_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recording_id", "kind", name="pk_removals"),
    )
    op.create_table(
        "holds",
        sa.Column("recording_id", ID, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("by", WORD, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_holds_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recording_id", name="pk_holds"),
    )
    op.create_index("ix_commitments_held_at", "commitments", list(PROMISED))
    op.create_index("ix_commitments_due_on", "commitments", ["current", "due_on", "id"])
    op.create_index(
        "ix_commitments_team", "commitments", ["team", "current", "due_on", "id"]
    )
    op.drop_index("ix_findings_held_at", "findings")
    op.create_index(
        "ix_findings_held_at",
        "findings",
        ["current", "held_at", "id", "kind", "state", "week"],
    )
    _guard()


def downgrade() -> None:
    op.drop_index("ix_findings_held_at", "findings")
    op.create_index("ix_findings_held_at", "findings", ["current", "held_at", "id"])
    op.drop_index("ix_commitments_team", "commitments")
    op.drop_index("ix_commitments_due_on", "commitments")
    op.drop_index("ix_commitments_held_at", "commitments")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER analyses_no_new_document ON analyses")
        op.execute("DROP FUNCTION analyses_keep_their_document()")
        op.execute("DROP TRIGGER analyses_no_update ON analyses")
        op.execute(
            f"CREATE TRIGGER analyses_no_update BEFORE UPDATE OF {FIXED}, document ON"
            " analyses FOR EACH STATEMENT EXECUTE FUNCTION analyses_are_immutable()"
        )
    else:
        op.execute("DROP TRIGGER analyses_no_new_document")
        op.execute("DROP TRIGGER analyses_no_update")
        op.execute(
            f"CREATE TRIGGER analyses_no_update BEFORE UPDATE OF {FIXED}, document ON"
            " analyses BEGIN SELECT RAISE(ABORT, 'analyses are immutable'); END"
        )
    for table in TABLES:
        op.drop_table(table)


def _guard() -> None:
    """A document is replaced where its recording's words were taken out, else never."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER analyses_no_update ON analyses")
        op.execute(
            f"CREATE TRIGGER analyses_no_update BEFORE UPDATE OF {FIXED} ON analyses"
            " FOR EACH STATEMENT EXECUTE FUNCTION analyses_are_immutable()"
        )
        op.execute(
            "CREATE FUNCTION analyses_keep_their_document() RETURNS trigger"
            f" LANGUAGE plpgsql AS $$ BEGIN IF NOT {WORDS_GONE} THEN"
            " RAISE EXCEPTION 'analyses are immutable'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            "CREATE TRIGGER analyses_no_new_document BEFORE UPDATE OF document ON analyses"
            " FOR EACH ROW EXECUTE FUNCTION analyses_keep_their_document()"
        )
        return
    op.execute("DROP TRIGGER analyses_no_update")
    op.execute(
        f"CREATE TRIGGER analyses_no_update BEFORE UPDATE OF {FIXED} ON analyses"
        " BEGIN SELECT RAISE(ABORT, 'analyses are immutable'); END"
    )
    op.execute(
        "CREATE TRIGGER analyses_no_new_document BEFORE UPDATE OF document ON analyses"
        f" WHEN NOT {WORDS_GONE}"
        " BEGIN SELECT RAISE(ABORT, 'analyses are immutable'); END"
    )
