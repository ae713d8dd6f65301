"""Whose: calls are shared with a person, uploads are seen by who sent them first, and
findings that an analysis finds again are known to be the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.String(length=200)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("assignments", sa.Column("reason", sa.String(length=40)))
    op.add_column("coaching", sa.Column("agent", sa.Text()))
    op.create_index("ix_coaching_agent", "coaching", ["agent", "recording_id"])
    op.add_column("disputes", sa.Column("agent", sa.Text()))
    op.create_table(
        "found_again",
        sa.Column("subject", KEY, nullable=False),
        sa.Column("moment", KEY, nullable=False),
        sa.Column("analysis_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"],
            ["analyses.id"],
            name="fk_found_again_analysis_id_analyses",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subject", name="pk_found_again"),
    )
    op.create_index("ix_found_again_moment", "found_again", ["moment"])
    op.create_index("ix_found_again_analysis_id", "found_again", ["analysis_id"])
    op.add_column(
        "uploads",
        sa.Column("own", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "uploads", sa.Column("told", JSON, nullable=False, server_default=sa.text("'{}'"))
    )
    _fill()


def downgrade() -> None:
    op.drop_column("uploads", "told")
    op.drop_column("uploads", "own")
    op.drop_table("found_again")
    op.drop_column("disputes", "agent")
    op.drop_index("ix_coaching_agent", "coaching")
    op.drop_column("coaching", "agent")
    op.drop_column("assignments", "reason")


def _fill() -> None:
    bind = op.get_bind()
    recordings = sa.table(
        "recordings",
        sa.column("id", sa.String),
        sa.column("agent", sa.Text),
        sa.column("received", MOMENT),
    )
    audit = sa.table(
        "audit",
        sa.column("id", sa.Integer),
        sa.column("at", MOMENT),
        sa.column("who", sa.Text),
        sa.column("action", sa.String),
        sa.column("recording_id", sa.String),
        sa.column("detail", JSON),
    )
    for name in ("coaching", "disputes"):
        table = sa.table(
            name,
            sa.column("id", sa.Integer),
            sa.column("recording_id", sa.String),
            sa.column("at", MOMENT),
            sa.column("agent", sa.Text),
        )
        _whose_then(bind, table, recordings, audit)
    uploads = sa.table(
        "uploads",
        sa.column("principal", sa.String),
        sa.column("recording_id", sa.String),
        sa.column("own", sa.Boolean),
    )
    # Who made a recording said so in the audit log when it came, not of one that was
    # deleted before.
    made = sa.exists().where(
        recordings.c.id == uploads.c.recording_id,
        audit.c.recording_id == uploads.c.recording_id,
        audit.c.who == uploads.c.principal,
        audit.c.action == "recording.uploaded",
        audit.c.at >= recordings.c.received,
        audit.c.detail["known"].as_boolean().is_(sa.false()),
    )
    bind.execute(sa.update(uploads).where(made).values(own=True))
    keys = sa.table(
        "keys",
        sa.column("id", sa.String),
        sa.column("expires_at", MOMENT),
        sa.column("revoked_at", MOMENT),
    )
    # The key of the settings that was only left out of them may come back; that which an
    # admin revoked may not.
    left_out = sa.select(audit.c.at).where(
        audit.c.who == "start", audit.c.action == "key.revoked"
    )
    bind.execute(
        sa.update(keys)
        .where(keys.c.id == "settings", keys.c.revoked_at.in_(left_out))
        .values(expires_at=keys.c.revoked_at, revoked_at=None)
    )


def _whose_then(bind: Any, table: Any, recordings: Any, audit: Any) -> None:
    """The agent of the recording when the row was written: what the first correction since
    then replaced, or the agent of now."""
    rows = bind.execute(
        sa.select(table.c.id, table.c.recording_id, table.c.at, recordings.c.agent).join(
            recordings, recordings.c.id == table.c.recording_id
        )
    ).all()
    for row in rows:
        changes = bind.execute(
            sa.select(audit.c.at, audit.c.detail)
            .where(
                audit.c.recording_id == row.recording_id,
                audit.c.action.in_(("metadata.edited", "metadata.merged")),
            )
            .order_by(audit.c.id)
        )
        replaced = [
            change.detail["agent"]["from"]
            for change in changes
            if "agent" in change.detail and _utc(change.at) > _utc(row.at)
        ]
        agent = replaced[0] if replaced else row.agent
        bind.execute(
            sa.update(table)
            .where(table.c.id == row.id)
            .values(agent=None if agent is None else agent[:200])
        )


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
