"""Of which callmon runs and workers are; files that could not be taken in, by time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("version", sa.String(length=40)))
    op.add_column("workers", sa.Column("version", sa.String(length=40)))
    with_error = sa.text("error IS NOT NULL")
    op.create_index(
        "ix_sightings_error",
        "sightings",
        ["at"],
        postgresql_where=with_error,
        sqlite_where=with_error,
    )


def downgrade() -> None:
    op.drop_index("ix_sightings_error", "sightings")
    op.drop_column("workers", "version")
    op.drop_column("runs", "version")
