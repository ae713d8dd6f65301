"""Rubrics that runs were asked to judge by, kept whole, by their hash."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import Connection, select

from callmon.errors import NotFound
from callmon.store.database import insert_once
from callmon.store.tables.calls import rubrics


def keep(connection: Connection, document: bytes, *, version: str, at: datetime) -> str:
    """Keeps the file of a rubric; its SHA-256, by which `load` finds it."""
    sha256 = hashlib.sha256(document).hexdigest()
    insert_once(
        connection,
        rubrics,
        {"sha256": sha256, "version": version, "document": document, "at": at},
    )
    return sha256


def load(connection: Connection, sha256: str) -> bytes:
    """Raises NotFound."""
    document = connection.execute(
        select(rubrics.c.document).where(rubrics.c.sha256 == sha256)
    ).scalar_one_or_none()
    if document is None:
        raise NotFound(f"There is no rubric with the hash {sha256!r}.")
    return bytes(document)
