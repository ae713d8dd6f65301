"""What all tables are made of: their metadata, widths, and the columns that tie a row to
its recording and repeat what reviewers filter by."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    String,
)

from callmon.store.types import Moment, Name

REVISION = "0011"
"""The migration that these tables are of."""

metadata_tables = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = String(32)
"""The first digits of a SHA-256."""
Key = String(200)
"""Ids made of others: `3f…e1-2-f7`."""
Word = String(40)
"""A word of ours: a state, a kind."""
Person = Word
"""Whoever acts: `key:` or `user:` and an id."""
Count = Integer().with_variant(BigInteger(), "postgresql")


def of_recording(*, primary_key: bool = False) -> Column[str]:
    return Column(
        "recording_id",
        Id,
        ForeignKey("recordings.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )


def of_analysis(*, primary_key: bool = False) -> Column[str]:
    return Column(
        "analysis_id",
        Key,
        ForeignKey("analyses.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )


def of_call() -> tuple[Column[Any], ...]:
    """Repeated from the recording, and kept equal by `recordings.add`."""
    return (
        Column("agent", Name),
        Column("team", Name),
        Column("queue", Name),
        # When the call was: its start where that is known, else when it was received.
        Column("held_at", Moment, nullable=False),
    )
