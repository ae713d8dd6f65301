"""What is said in calls, to be found by its words: FTS5 on SQLite, tsvector on PostgreSQL.

Only the words of the analysis that counts are there, and nothing private: whoever may
search may not find a card number digit by digit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, column, delete, func, select, table, text

from callmon.store.tables.calls import recordings
from callmon.store.tables.search import spoken
from callmon.store.types import storable

MOST_BYTES: Final = 600_000
"""Of the words of a call; four hours of fast speech are 300 kB. PostgreSQL refuses a
document whose words and places take more than a megabyte."""
MOST_PIECES: Final = 20
"""Of one search."""

_PIECE: Final = re.compile(r'"([^"]*)"?|(\w+)(\*?)')
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True)
class Piece:
    """Words that stand one after the other; the last may be a beginning only."""

    words: tuple[str, ...]
    open: bool = False


def index(
    connection: Connection, recording_id: str, *, analysis_id: str, words: str
) -> None:
    """Puts the words of a recording in place of those that were there."""
    cut = storable(words).encode()[:MOST_BYTES].decode(errors="ignore")
    forget(connection, recording_id)
    connection.execute(
        spoken.insert().values(recording_id=recording_id, analysis_id=analysis_id, text=cut)
    )


def forget(connection: Connection, recording_id: str) -> None:
    """Takes the words of a recording out; with the recording they go by themselves."""
    connection.execute(delete(spoken).where(spoken.c.recording_id == recording_id))


def missing(connection: Connection, *, limit: int) -> list[tuple[str, str]]:
    """Recordings whose present analysis is not there: their ids, and the analyses'."""
    query = (
        select(recordings.c.id, recordings.c.analysis)
        .outerjoin(spoken, spoken.c.recording_id == recordings.c.id)
        .where(
            recordings.c.analysis.is_not(None),
            spoken.c.analysis_id.is_distinct_from(recordings.c.analysis),
        )
        .limit(limit)
    )
    return [(row.id, row.analysis) for row in connection.execute(query)]


def read(searched: str) -> tuple[Piece, ...]:
    """What is looked for: all of these.

    >>> read('"third time" refund*')
    (Piece(words=('third', 'time'), open=False), Piece(words=('refund',), open=True))
    """
    pieces = []
    for phrase, word, star in _PIECE.findall(storable(searched)):
        words = tuple(_WORD.findall(phrase)) if phrase else (word,) if word else ()
        if words:
            pieces.append(Piece(words, open=bool(star)))
    return tuple(pieces[:MOST_PIECES])


def holds(connection: Connection, pieces: tuple[Piece, ...]) -> ColumnElement[bool]:
    """A condition on recordings: all the pieces are said in them."""
    found = select(spoken.c.recording_id)
    if connection.dialect.name == "postgresql":
        vector = func.to_tsvector(text("'simple'::regconfig"), spoken.c.text)
        for piece in pieces:
            found = found.where(vector.op("@@")(_tsquery(piece)))
    else:
        words: Any = table("spoken_words", column("rowid"))
        matching = select(words.c.rowid).where(
            text("spoken_words MATCH :searched").bindparams(searched=_match(pieces))
        )
        found = found.where(spoken.c.number.in_(matching))
    return recordings.c.id.in_(found)


def _match(pieces: tuple[Piece, ...]) -> str:
    """FTS5's language; words in quotes mean nothing in it."""
    return " AND ".join(
        '"' + " ".join(piece.words) + '"' + (" *" if piece.open else "") for piece in pieces
    )


def _tsquery(piece: Piece) -> ColumnElement[Any]:
    if piece.open:
        # A quoted word means nothing in its language.
        return func.to_tsquery(text("'simple'::regconfig"), f"'{piece.words[0]}':*")
    return func.phraseto_tsquery(text("'simple'::regconfig"), " ".join(piece.words))
