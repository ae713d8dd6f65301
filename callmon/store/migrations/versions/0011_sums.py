"""How a finding's moment was met, beside it; indexes for reports and calibration; the key
of sealed cursors."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FINDINGS = ("current", "held_at", "id", "kind", "state", "week")
FIRST = (
    "opportunity IS NOT NULL AND NOT EXISTS (SELECT 1 FROM findings AS before"
    " WHERE before.analysis_id = findings.analysis_id AND before.kind = findings.kind"
    " AND before.opportunity = findings.opportunity AND before.id < findings.id)"
)
"""Of the findings of one kind at a moment, one alone has the moment's figures."""


def upgrade() -> None:
    seals = op.create_table(
        "seals",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_seals"),
    )
    op.bulk_insert(seals, [{"name": "cursors", "key": secrets.token_bytes(32)}])

    op.add_column("findings", sa.Column("outcome", sa.String(length=40)))
    op.add_column("findings", sa.Column("delay", sa.Float()))
    op.add_column("findings", sa.Column("settling", sa.Float()))
    of_moment = (
        "FROM opportunities WHERE opportunities.analysis_id = findings.analysis_id"
        " AND opportunities.opportunity = findings.opportunity"
    )
    # Moments are named in their order; `moment_figures` has the number alone.
    settling = (
        "SELECT moment_figures.settling FROM moment_figures"
        " WHERE moment_figures.recording_id = findings.recording_id"
        " AND 'o' || (moment_figures.number + 1) = findings.opportunity"
        " AND findings.current"
    )
    op.execute(
        f"UPDATE findings SET outcome = (SELECT outcome {of_moment}),"  # noqa: S608
        f" delay = (SELECT delay {of_moment}), settling = ({settling}) WHERE {FIRST}"
    )

    op.drop_index("ix_findings_held_at", "findings")
    op.create_index(
        "ix_findings_held_at",
        "findings",
        [
            *(*FINDINGS, "severity", "analysis_id"),
            *("outcome", "delay", "settling", "recording_id"),
        ],
    )
    op.drop_index("ix_commitments_agent", "commitments")
    op.create_index(
        "ix_commitments_agent", "commitments", ["agent", "current", "due_on", "id", "open"]
    )


def downgrade() -> None:
    op.drop_index("ix_commitments_agent", "commitments")
    op.create_index(
        "ix_commitments_agent", "commitments", ["agent", "current", "open", "due_on", "id"]
    )
    op.drop_index("ix_findings_held_at", "findings")
    op.create_index("ix_findings_held_at", "findings", list(FINDINGS))
    for column in ("settling", "delay", "outcome"):
        op.drop_column("findings", column)
    op.drop_table("seals")
