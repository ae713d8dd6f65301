"""What is made of a recording beside its analysis: for the ear, the eye and the search."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

from callmon.audio.listening import write_copy
from callmon.audio.peaks import write_peaks
from callmon.call import Audio
from callmon.errors import NotFound
from callmon.redaction.call import redact_call, redactor
from callmon.store.calls import analyses, recordings, redactions, search
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


def redact_missing(database: Database, *, limit: int = 20) -> int:
    """Redacts analyses that were not yet, or by other rules than these; how many.

    So it is after an update of callmon. Until then, what was redacted by other rules is
    redacted anew whenever somebody reads it, and lists show it as it was.
    """
    with database.reading() as connection:
        found = redactions.stale(connection, redactor=redactor(), limit=limit)
    for analysis_id in found:
        with suppress(NotFound):
            with database.reading() as connection:
                analysis = analyses.load(connection, analysis_id)
            redacted = redact_call(analysis)
            with database.writing() as connection:
                redactions.replace(connection, analysis_id, redacted)
    return len(found)


def index_missing(database: Database, *, limit: int = 20) -> int:
    """Makes the words of recordings findable that are not yet; of how many."""
    with database.reading() as connection:
        found = search.missing(connection, limit=limit)
    for recording_id, analysis_id in found:
        with database.writing() as connection, suppress(NotFound):
            redacted = redactions.of(connection, analysis_id)
            if recordings.locked(connection, recording_id).analysis == analysis_id:
                # Of what is not redacted yet nothing can be found.
                words = "" if redacted is None else redactions.words_of(redacted.analysis)
                search.index(connection, recording_id, analysis_id=analysis_id, words=words)
    return len(found)
