"""Analyses as they are shown: without what is private."""

from __future__ import annotations

from sqlalchemy import Connection

from callmon.call import Interval, Redacted
from callmon.redaction.call import redact_call, redactor
from callmon.store.calls import analyses, redactions


def redacted(connection: Connection, analysis_id: str) -> Redacted:
    """As it was kept, if the rules are still the same; else made anew. Raises NotFound."""
    if _is_kept(connection, analysis_id):
        kept = redactions.of(connection, analysis_id)
        if kept is not None:
            return kept
    return redact_call(analyses.load(connection, analysis_id))


def silent(connection: Connection, analysis_id: str) -> tuple[Interval, ...]:
    """When something private is said. Raises NotFound."""
    if _is_kept(connection, analysis_id):
        return redactions.silent_of(connection, analysis_id)
    return redact_call(analyses.load(connection, analysis_id)).silent


def _is_kept(connection: Connection, analysis_id: str) -> bool:
    by = redactions.redactor_of(connection, analysis_id)
    return by in (redactor(), redactions.WORDS_DELETED)
