"""What is private is taken out of lists by the whole call, and names of files are gone."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WORDS = sa.Text()
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
LATER = "[is shown when it has been redacted]"
"""In place of words that were redacted by themselves; the documents have them."""
A_DAY = [[0, 86400]]
"""Longer than any call: where nobody knows any more what was said, all is silent."""
AT_ONCE = 10_000


def upgrade() -> None:
    op.create_table(
        "redactions",
        sa.Column("analysis_id", sa.String(length=200), nullable=False),
        sa.Column("redactor", sa.String(length=40), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("silent", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"],
            ["analyses.id"],
            name="fk_redactions_analysis_id_analyses",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("analysis_id", name="pk_redactions"),
    )
    analyses = _table("analyses", "id", "recording_id", "document")
    removals = _table("removals", "recording_id", "kind")
    redactions = _table("redactions", "analysis_id", "redactor", "document", "silent")
    gone = sa.select(removals.c.recording_id).where(removals.c.kind == "transcript")
    # These documents hold no words.
    op.execute(
        redactions.insert().from_select(
            list(redactions.c.keys()),
            sa.select(
                analyses.c.id,
                sa.literal("words deleted"),
                analyses.c.document,
                sa.literal(A_DAY, JSON),
            ).where(analyses.c.recording_id.in_(gone)),
        )
    )
    for name, words in (
        ("findings", {"summary": LATER, "cleared_by": LATER, "quote": None}),
        ("commitments", {"action": LATER, "quote": LATER, "deadline": None}),
        ("turns", {"text": LATER}),
    ):
        table = _table(name, "analysis_id", *words)
        kept = sa.select(redactions.c.analysis_id)
        op.execute(table.update().where(table.c.analysis_id.not_in(kept)).values(words))
    _forget_paths()


def downgrade() -> None:
    op.drop_table("sightings")
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
    op.drop_table("redactions")


def _forget_paths() -> None:
    op.rename_table("sightings", "sightings_before")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX pk_sightings RENAME TO pk_sightings_before")
    new = op.create_table(
        "sightings",
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("path", WORDS, nullable=True),
        sa.Column("error", WORDS, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("file_sha256", name="pk_sightings"),
    )
    bind = op.get_bind()
    names = ("path_sha256", "path", "size", "mtime_ns", "error", "at")
    # Without types, so that times go over as they are kept.
    after = _table("sightings", *(column.name for column in new.c))
    found = bind.execute(sa.select(_table("sightings_before", *names)))
    for rows in found.partitions(AT_ONCE):
        bind.execute(after.insert(), [_without_path(row) for row in rows])
    op.drop_table("sightings_before")


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns))


def _without_path(row: Any) -> dict[str, Any]:
    state = f"{row.path_sha256} {row.size} {row.mtime_ns}"
    return {
        "file_sha256": sha256(state.encode()).hexdigest(),
        "path": None if row.error is None else row.path,
        "error": row.error,
        "at": row.at,
    }
