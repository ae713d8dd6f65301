"""Keys, users, sessions, kept answers; who uploaded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORDS = sa.Text()
WORD = sa.String(length=40)
ID = sa.String(length=32)
HASH = sa.String(length=200)
SHA256 = sa.String(length=64)
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "keys",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.Column("teams", JSON),
        sa.Column("agent", WORDS),
        sa.Column("hash", HASH, nullable=False),
        sa.Column("previous_hash", HASH),
        sa.Column("previous_until", MOMENT),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", WORD, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.Column("used_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
    )
    op.create_table(
        "users",
        sa.Column("id", ID, nullable=False),
        sa.Column("login", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.Column("teams", JSON),
        sa.Column("agent", WORDS),
        sa.Column("hash", HASH),
        sa.Column("issuer", WORDS),
        sa.Column("subject", WORDS),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", WORD, nullable=False),
        sa.Column("disabled_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("login", name="uq_users_login"),
        sa.UniqueConstraint("issuer", "subject", name="uq_users_issuer"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", SHA256, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_sessions_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_until", "sessions", ["until"])
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "failures",
        sa.Column("subject", SHA256, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_failures"),
    )
    op.create_index("ix_failures_at", "failures", ["at"])
    op.create_table(
        "answers",
        sa.Column("principal", WORD, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", SHA256, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", JSON, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("recording_id", ID),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_answers_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("principal", "key", name="pk_answers"),
    )
    op.create_index("ix_answers_at", "answers", ["at"])
    op.create_index("ix_answers_recording_id", "answers", ["recording_id"])
    op.create_table(
        "uploads",
        sa.Column("principal", WORD, nullable=False),
        sa.Column("recording_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_uploads_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("principal", "recording_id", name="pk_uploads"),
    )
    op.create_index("ix_uploads_recording_id", "uploads", ["recording_id"])
    op.create_index("ix_audit_who", "audit", ["who", "id"])
