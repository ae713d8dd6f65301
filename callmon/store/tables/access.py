"""Tables of who may do what: keys, users, sessions, what they have done once, and the
filters that they keep.

No secret of anybody's is kept: of keys and passwords there is an Argon2 hash, of a session
the SHA-256 of its cookie.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from callmon.store.tables.base import Id, Key, Person, Word, metadata_tables
from callmon.store.tables.calls import audit
from callmon.store.types import Json, Moment, Name, Packed, Words

Hash = String(200)
"""An Argon2 hash in its own notation, with its parameters."""


def _standing() -> tuple[Column[str], ...]:
    return (
        Column("role", Word, nullable=False),
        # Null: all teams.
        Column("teams", Json),
        Column("agent", Name),
    )


keys = Table(
    "keys",
    metadata_tables,
    Column("id", Id, primary_key=True),
    Column("name", Words, nullable=False),
    *_standing(),
    Column("hash", Hash, nullable=False),
    # Of the secret before the last rotation, which holds until `previous_until`.
    Column("previous_hash", Hash),
    Column("previous_until", Moment),
    Column("made_at", Moment, nullable=False),
    Column("made_by", Person, nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
    # To within some minutes.
    Column("used_at", Moment),
)

users = Table(
    "users",
    metadata_tables,
    Column("id", Id, primary_key=True),
    # What the user signs in with, case-folded.
    Column("login", Name, nullable=False, unique=True),
    Column("name", Words, nullable=False),
    *_standing(),
    # Null for who only comes by single sign-on.
    Column("hash", Hash),
    # The user's identity at the provider of single sign-on.
    Column("issuer", Words),
    Column("subject", Words),
    Column("made_at", Moment, nullable=False),
    Column("made_by", Person, nullable=False),
    Column("disabled_at", Moment),
    UniqueConstraint("issuer", "subject"),
)

sessions = Table(
    "sessions",
    metadata_tables,
    # SHA-256 of the cookie's token.
    Column("id", String(64), primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("made_at", Moment, nullable=False),
    # To within some minutes.
    Column("seen_at", Moment, nullable=False),
    Column("until", Moment, nullable=False, index=True),
    Index("ix_sessions_user_id", "user_id"),
)

failures = Table(
    "failures",
    metadata_tables,
    # SHA-256 of what is counted: a login, an address, or both together.
    Column("subject", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)

answers = Table(
    "answers",
    metadata_tables,
    Column("principal", Person, primary_key=True),
    Column("key", Key, primary_key=True),
    # SHA-256 of the request.
    Column("fingerprint", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Json, nullable=False),
    Column("body", Packed, nullable=False),
    # What the answer tells of goes with the recording.
    Column("recording_id", Id, ForeignKey("recordings.id", ondelete="CASCADE")),
    Column("at", Moment, nullable=False, index=True),
    Index("ix_answers_recording_id", "recording_id"),
)

uploads = Table(
    "uploads",
    metadata_tables,
    Column("principal", Person, primary_key=True),
    Column(
        "recording_id",
        Id,
        ForeignKey("recordings.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("at", Moment, nullable=False),
    # Whether it made the recording, or added to what they could see; else somebody else's
    # was there before, and they see nothing but what they said themselves: this.
    Column("own", Boolean, nullable=False),
    Column("told", Json, nullable=False),
    Index("ix_uploads_recording_id", "recording_id"),
)

saved_views = Table(
    "saved_views",
    metadata_tables,
    Column("id", Id, primary_key=True),
    Column("owner", Person, nullable=False),
    # Of which page the filters are: `review` or `calls`.
    Column("page", Word, nullable=False),
    Column("name", Name, nullable=False),
    # The filters as they stand in an address.
    Column("query", Words, nullable=False),
    # Whose reviewers see it too; null is nobody but the owner.
    Column("team", Name),
    Column("at", Moment, nullable=False),
    Index("uq_saved_views_owner", "owner", "page", "name", unique=True),
    Index("ix_saved_views_team", "page", "team"),
)

seals = Table(
    "seals",
    metadata_tables,
    # What is sealed: `cursors`.
    Column("name", Word, primary_key=True),
    Column("key", LargeBinary, nullable=False),
)

Index("ix_audit_who", audit.c.who, audit.c.id)
