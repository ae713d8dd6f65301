"""Where the steps of a run find what they need and keep what they find."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from callmon.errors import BadRecording, NotFound, StoreUnavailable
from callmon.jobs.journal import now
from callmon.jobs.steps import Cancelled
from callmon.store.database import Database
from callmon.store.media import Media
from callmon.store.work import runs, steps

ENDING: Final = re.compile(r"\.[A-Za-z0-9]{1,8}")


class ReadingShelf:
    """Gives what the database keeps of a recording, and keeps nothing itself."""

    def __init__(self, database: Database, recording_id: str) -> None:
        self._database = database
        self._recording_id = recording_id

    def kept(self, step: str, fingerprint: str) -> bytes | None:
        with self._database.reading() as connection:
            return steps.kept(connection, self._recording_id, step, fingerprint)

    def keep(self, step: str, fingerprint: str, document: bytes) -> None:
        """Nothing is written."""


class StoreShelf(ReadingShelf):
    """Keeps the results of steps in the database too, for the worker that has the run."""

    def __init__(
        self, database: Database, recording_id: str, *, run: int, worker: str
    ) -> None:
        super().__init__(database, recording_id)
        self._run = run
        self._worker = worker

    def keep(self, step: str, fingerprint: str, document: bytes) -> None:
        with self._database.writing() as connection:
            if not runs.is_live(
                connection, self._recording_id, self._run, worker=self._worker
            ):
                raise Cancelled
            steps.keep(
                connection, self._recording_id, step, fingerprint, document, at=now()
            )


@contextmanager
def sound(media: str, key: str, *, name: str) -> Iterator[Path]:
    """The recording as a file. Raises StoreUnavailable when the whole store is away.

    It is called `recording`, with the ending of its name: GSM has nothing else to be known
    by, and errors tell of the file by this name.
    """
    store = Media.open(media)
    ending = Path(name).suffix
    with ExitStack() as stack:
        try:
            path = stack.enter_context(store.local(key))
        except NotFound:
            if next(store.keys(), None) is None:
                # A folder that is not mounted looks like an empty one.
                raise StoreUnavailable("The media store is empty; is it mounted?") from None
            raise BadRecording(
                "The sound is not in the media store any more. Add the file again, then"
                " `callmon retry` it."
            ) from None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="callmon-")))
        link = folder / f"recording{ending if ENDING.fullmatch(ending) else ''}"
        link.symlink_to(path.absolute())
        yield link
