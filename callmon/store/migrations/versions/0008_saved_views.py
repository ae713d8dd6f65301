"""Filters that people keep under a name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WORDS = sa.Text()
WORD = sa.String(length=40)
ID = sa.String(length=32)


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", ID, nullable=False),
        sa.Column("owner", WORD, nullable=False),
        sa.Column("page", WORD, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("query", WORDS, nullable=False),
        sa.Column("team", WORDS),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_views"),
    )
    op.create_index(
        "uq_saved_views_owner", "saved_views", ["owner", "page", "name"], unique=True
    )
    op.create_index("ix_saved_views_team", "saved_views", ["page", "team"])


def downgrade() -> None:
    op.drop_table("saved_views")
