"""What is said in calls, to be searched, and what is known of sources.

The indexes of words and of labels, which the two databases make differently, stand in the
migration alone.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table

from callmon.store.tables.base import Count, Id, Key, Word, metadata_tables
from callmon.store.tables.calls import analyses
from callmon.store.types import Moment, Words

spoken = Table(
    "spoken",
    metadata_tables,
    # SQLite's index of words, `spoken_words`, names rows by it.
    Column("number", Count, primary_key=True),
    Column(
        "recording_id",
        Id,
        ForeignKey("recordings.id", ondelete="CASCADE"),
        nullable=False,
        unique=True,
    ),
    # The analysis whose words they are.
    Column("analysis_id", Key, nullable=False),
    # Without what is private: who searches digit by digit finds no number.
    Column("text", Words, nullable=False),
)

channel_maps = Table(
    "channel_maps",
    metadata_tables,
    Column("source", Words, primary_key=True),
    Column("agent_channel", Word, nullable=False),
    Column("who", Words, nullable=False),
    Column("at", Moment, nullable=False),
)

# Calls by their score.
Index(
    "ix_analyses_score",
    analyses.c.score,
    analyses.c.recording_id,
    sqlite_where=analyses.c.superseded_at.is_(None),
    postgresql_where=analyses.c.superseded_at.is_(None),
)
