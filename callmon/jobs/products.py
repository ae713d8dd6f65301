"""What is made of a recording beside its analysis: for the ear, the eye and the search."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

from callmon.audio.listening import write_copy
from callmon.audio.peaks import write_peaks
from callmon.call import Analysis, Audio
from callmon.errors import NotFound
from callmon.redaction.private import find_in_turns, put_out
from callmon.store.calls import analyses, recordings, search
from callmon.store.database import Database
from callmon.store.media import Media

Writer = Callable[[Audio, BinaryIO], None]

WRITERS: dict[str, Writer] = {".mp3": write_copy, ".peaks": write_peaks}
"""By the ending of the key that the product has."""


def make_products(
    database: Database, media: Media, key: str, audio: Callable[[], Audio]
) -> None:
    """Makes the copy for browsers and the outline, where they are not there yet.

    The sound is asked for only then. Raises StoreUnavailable, and what the codecs raise.
    """
    for ending, write in WRITERS.items():
        if media.has(key + ending):
            continue
        with media.making(key + ending) as target:
            write(audio(), target)
        with database.writing() as connection:
            # The recording may have been deleted meanwhile.
            if not recordings.media_is_known(connection, key):
                media.delete(key)


def words_of(analysis: Analysis) -> str:
    """What was said, without what is private."""
    private = find_in_turns(analysis.turns)
    return "\n".join(
        put_out(turn.text, spans)
        for turn, spans in zip(analysis.turns, private, strict=True)
    )


def index_missing(database: Database, *, limit: int = 20) -> int:
    """Makes the words of recordings findable that are not yet; of how many."""
    with database.reading() as connection:
        found = search.missing(connection, limit=limit)
    for recording_id, analysis_id in found:
        with database.reading() as connection:
            analysis = analyses.load(connection, analysis_id)
        words = words_of(analysis)
        with database.writing() as connection, suppress(NotFound):
            if recordings.locked(connection, recording_id).analysis == analysis_id:
                search.index(connection, recording_id, analysis_id=analysis_id, words=words)
    return len(found)
