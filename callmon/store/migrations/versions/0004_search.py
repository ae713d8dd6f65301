"""What is said in calls, to be searched; calls by score and label; sources."""

from __future__ import annotations

import sqlite3

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WORDS = sa.Text()
ID = sa.String(length=32)
COUNT = sa.Integer().with_variant(sa.BigInteger(), "postgresql")

# FTS5 with the text in `spoken`, and the triggers that its documentation gives for that.
SQLITE = (
    """CREATE VIRTUAL TABLE spoken_words USING fts5(
        text, content='spoken', content_rowid='number',
        tokenize='unicode61 remove_diacritics 2'
    )""",
    """CREATE TRIGGER spoken_insert AFTER INSERT ON spoken BEGIN
        INSERT INTO spoken_words (rowid, text) VALUES (new.number, new.text);
    END""",
    """CREATE TRIGGER spoken_delete AFTER DELETE ON spoken BEGIN
        INSERT INTO spoken_words (spoken_words, rowid, text)
        VALUES ('delete', old.number, old.text);
    END""",
    """CREATE TRIGGER spoken_update AFTER UPDATE ON spoken BEGIN
        INSERT INTO spoken_words (spoken_words, rowid, text)
        VALUES ('delete', old.number, old.text);
        INSERT INTO spoken_words (rowid, text) VALUES (new.number, new.text);
    END""",
)
# From 3.42 on SQLite takes the words of what is deleted out at once; before, they stay in
# older parts of the index until those are merged.
SECURE_DELETE = (3, 42)


def upgrade() -> None:
    op.create_table(
        "spoken",
        sa.Column("number", COUNT, nullable=False),
        sa.Column("recording_id", ID, nullable=False),
        sa.Column("analysis_id", sa.String(length=200), nullable=False),
        sa.Column("text", WORDS, nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name="fk_spoken_recording_id_recordings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("number", name="pk_spoken"),
        sa.UniqueConstraint("recording_id", name="uq_spoken_recording_id"),
    )
    op.create_table(
        "channel_maps",
        sa.Column("source", WORDS, nullable=False),
        sa.Column("agent_channel", sa.String(length=40), nullable=False),
        sa.Column("who", WORDS, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_channel_maps"),
    )
    counting = sa.text("superseded_at IS NULL")
    op.create_index(
        "ix_analyses_score",
        "analyses",
        ["score", "recording_id"],
        sqlite_where=counting,
        postgresql_where=counting,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE INDEX ix_spoken_words ON spoken"
            " USING gin (to_tsvector('simple'::regconfig, text))"
        )
        op.execute(
            "CREATE INDEX ix_recordings_metadata ON recordings"
            " USING gin (metadata jsonb_path_ops)"
        )
        return
    for statement in SQLITE:
        op.execute(statement)
    if sqlite3.sqlite_version_info >= SECURE_DELETE:
        op.execute(
            "INSERT INTO spoken_words (spoken_words, rank) VALUES ('secure-delete', 1)"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_recordings_metadata", "recordings")
    else:
        op.execute("DROP TABLE spoken_words")
    op.drop_index("ix_analyses_score", "analyses")
    op.drop_table("channel_maps")
    op.drop_table("spoken")
