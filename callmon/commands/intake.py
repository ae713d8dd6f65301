"""The settings made into what takes recordings in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from callmon.intake.accept import Intake
from callmon.intake.name_pattern import NamePattern, compile_pattern
from callmon.jobs.queue import Queue
from callmon.settings import Settings
from callmon.store.database import Database
from callmon.store.media import Media


@contextmanager
def opened(settings: Settings) -> Iterator[Intake]:
    """Database, media and queue, open while the block runs."""
    with (
        Database.open(settings.database_url) as database,
        Queue.open(settings.queue_url) as queue,
    ):
        yield Intake(
            database=database,
            media=Media.open(settings.media_url),
            queue=queue,
            max_bytes=settings.max_upload_bytes,
            min_free_bytes=settings.min_free_bytes,
        )


def pattern_of(settings: Settings) -> NamePattern | None:
    """What the names of recordings tell: of their source, else of all."""
    text = settings.of_source.name_pattern or settings.name_pattern
    return None if text is None else compile_pattern(text)
