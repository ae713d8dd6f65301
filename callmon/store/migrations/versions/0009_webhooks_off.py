"""Targets of webhooks can be switched off."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("webhooks", sa.Column("off_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("webhooks", "off_at")
