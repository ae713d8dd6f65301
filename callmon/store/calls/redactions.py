"""Analyses as nearly everybody sees them: without what is private.

Such a document is kept beside each analysis, and the words in the rows of findings,
commitments and turns and in the index of words are taken from it. It can be made again
from the analysis, by better rules, until the words themselves are deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Table, bindparam, select, update

from callmon.call import Analysis, Interval, Redacted
from callmon.store.calls import search
from callmon.store.calls.recordings import locked
from callmon.store.database import put as put_row
from callmon.store.tables.calls import analyses, commitments, findings, redactions, turns

WORDS_DELETED: Final = "words deleted"
"""The redactor of what cannot be made again, and need not be."""
READ: Final = 8
"""Documents that are not read again. That of a two-hour call takes 0.14 s to read,
and a page asks for it in several parts. They are known by their content, so that what was
deleted or redacted anew is not found here."""
EVERYTHING: Final = (Interval(start=0.0, end=86_400.0),)
"""Seconds; no call is longer than a day."""


def put(connection: Connection, analysis_id: str, redacted: Redacted) -> None:
    """Keeps the document alone; the rows are another matter."""
    row = {
        "analysis_id": analysis_id,
        "redactor": redacted.redactor,
        "document": redacted.analysis.model_dump_json().encode(),
        "silent": [[each.start, each.end] for each in redacted.silent],
    }
    put_row(connection, redactions, row)


def replace(connection: Connection, analysis_id: str, redacted: Redacted) -> None:
    """Puts other rules' document in place of what was kept, and its words into the rows.

    Does nothing when the analysis or its words were deleted.
    """
    recording_id = connection.execute(
        select(analyses.c.recording_id).where(analyses.c.id == analysis_id)
    ).scalar()
    if recording_id is None:
        return
    # Whoever deletes words takes the same lock.
    recording = locked(connection, recording_id)
    if redactor_of(connection, analysis_id) == WORDS_DELETED:
        return
    put(connection, analysis_id, redacted)
    told = redacted.analysis
    _update(
        connection,
        findings,
        [
            {
                "row": f"{analysis_id}-{finding.id}",
                "summary": finding.summary,
                "cleared_by": finding.cleared_by,
                "quote": finding.evidence[0].quote if finding.evidence else None,
            }
            for finding in told.findings
        ],
    )
    _update(
        connection,
        commitments,
        [
            {
                "row": f"{analysis_id}-c{number}",
                "action": promise.action,
                "deadline": promise.deadline,
                "quote": promise.quote,
            }
            for number, promise in enumerate(told.commitments, 1)
        ],
    )
    spoken = [{"row": turn.index, "text": turn.text} for turn in told.turns]
    if spoken:
        this = update(turns).where(
            turns.c.analysis_id == analysis_id, turns.c.turn == bindparam("row")
        )
        connection.execute(this, spoken)
    if recording.analysis == analysis_id:
        words = words_of(told)
        search.index(connection, recording_id, analysis_id=analysis_id, words=words)


def forget_words(
    connection: Connection, recording_id: str, without_words: Callable[[Analysis], Analysis]
) -> None:
    """Takes the words out for good; what was silent stays so, as the sound may still be
    there. Where nothing was kept, all of it is."""
    query = (
        select(analyses.c.id, analyses.c.document, redactions.c.silent)
        .outerjoin(redactions, redactions.c.analysis_id == analyses.c.id)
        .where(analyses.c.recording_id == recording_id)
    )
    for row in connection.execute(query).all():
        told = without_words(Analysis.model_validate_json(row.document))
        silent = EVERYTHING if row.silent is None else _intervals(row.silent)
        gone = Redacted(redactor=WORDS_DELETED, analysis=told, silent=silent)
        put(connection, row.id, gone)


def of(connection: Connection, analysis_id: str) -> Redacted | None:
    """What is kept, by whatever rules; None where nothing is."""
    row = connection.execute(
        select(redactions).where(redactions.c.analysis_id == analysis_id)
    ).one_or_none()
    if row is None:
        return None
    return Redacted(
        redactor=row.redactor,
        analysis=_read(row.document),
        silent=_intervals(row.silent),
    )


@lru_cache(maxsize=READ)
def _read(document: bytes) -> Analysis:
    return Analysis.model_validate_json(document)


def redactor_of(connection: Connection, analysis_id: str) -> str | None:
    """By which rules it was made; None where nothing is kept."""
    query = select(redactions.c.redactor).where(redactions.c.analysis_id == analysis_id)
    return connection.execute(query).scalar()


def silent_of(connection: Connection, analysis_id: str) -> tuple[Interval, ...]:
    """When something private is said; nothing where nothing is kept."""
    query = select(redactions.c.silent).where(redactions.c.analysis_id == analysis_id)
    return _intervals(connection.execute(query).scalar() or ())


def stale(connection: Connection, *, redactor: str, limit: int) -> list[str]:
    """Analyses of which nothing by these rules is kept, the newest first."""
    query = (
        select(analyses.c.id)
        .outerjoin(redactions, redactions.c.analysis_id == analyses.c.id)
        .where(
            redactions.c.redactor.is_distinct_from(redactor),
            redactions.c.redactor.is_distinct_from(WORDS_DELETED),
        )
        .order_by(analyses.c.at.desc())
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def words_of(told: Analysis) -> str:
    """What was said, to be searched."""
    return "\n".join(turn.text for turn in told.turns)


def _update(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(update(table).where(table.c.id == bindparam("row")), rows)


def _intervals(pairs: Sequence[Sequence[float]]) -> tuple[Interval, ...]:
    return tuple(Interval(start=start, end=end) for start, end in pairs)
