"""Looks through the folders for files that are still to be dealt with."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final, Literal

from callmon.intake.folder import Seen, look
from callmon.store.database import Database
from callmon.store.work import sightings

UNREADABLE: Final = "This file cannot be read"
"""How the error begins of a file that may be read later although nothing in it changes."""

AT_ONCE: Final = 5000
"""Files that are kept in mind; a folder with more is worked through in parts."""

LATER_SECONDS: Final = 600.0
"""After which files that could not be read are tried again, as they are."""


class Lookout:
    """Knows which files need nothing; over restarts the store does, and is asked once."""

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        database: Database,
        after: Literal["keep", "move", "delete"],
    ) -> None:
        self.complete = False
        """Whether the last look went through everything."""
        self.unreachable: str | None = None
        """A folder that the last look could not read, as a sentence."""
        self.seconds = 0.0
        """How long the last look took."""
        self._folders = folders
        self._database = database
        self._after = after
        # By a hash of path and state, since a million files have to fit.
        self._dealt: set[int] = set()
        self._unreadable: set[int] = set()
        self._again = time.monotonic() + LATER_SECONDS

    def look(self, *, waiting: Collection[Path]) -> list[Seen]:
        """The files that are not dealt with, at most `AT_ONCE`.

        The store is not asked about those in `waiting`. Raises StoreUnavailable.
        """
        began = time.monotonic()
        if began >= self._again:
            self._dealt -= self._unreadable
            self._unreadable, self._again = set(), began + LATER_SECONDS
        here: set[int] = set()
        self.complete, self.unreachable = True, None
        found = list(islice(self._fresh(here), AT_ONCE))
        self.complete = self.complete and len(found) < AT_ONCE
        if self.complete:
            # What has gone from a folder need not be remembered. A folder that has gone may
            # be a share that comes back, so then nothing is forgotten.
            self._dealt = here
        self.seconds = time.monotonic() - began
        self._ask([seen for seen in found if seen.path not in waiting])
        return [seen for seen in found if _hash(seen) not in self._dealt]

    def leave(self, seen: Seen) -> None:
        """It needs nothing more, for as long as this program runs."""
        self._dealt.add(_hash(seen))

    def note(self, seen: Seen) -> None:
        """It was taken in and stays where it is. Raises StoreUnavailable."""
        self._note(seen)

    def report(self, seen: Seen, error: str) -> None:
        """It could not be taken in and stays where it is. Raises StoreUnavailable."""
        self._note(seen, error=error)
        if error.startswith(UNREADABLE):
            self._unreadable.add(_hash(seen))

    def _fresh(self, here: set[int]) -> Iterator[Seen]:
        for root in self._folders:
            try:
                for seen in look(root):
                    if _hash(seen) in self._dealt:
                        here.add(_hash(seen))
                    else:
                        yield seen
            except OSError as error:
                self.complete = False
                self.unreachable = f"{root} cannot be read: {error.strerror or error}."

    def _ask(self, new: Sequence[Seen]) -> None:
        """Asks the store about files that were not seen before."""
        if not new:
            return
        with self._database.reading() as connection:
            for seen in new:
                size, mtime_ns = seen.state
                sighting = sightings.seen(
                    connection, seen.path, size=size, mtime_ns=mtime_ns
                )
                if sighting is None:
                    continue
                if sighting.error is not None:
                    needs_nothing = not sighting.error.startswith(UNREADABLE)
                else:
                    # Where files are moved or deleted, one that was taken is still to be.
                    # It is read again: on its size and time alone nothing is deleted.
                    needs_nothing = self._after == "keep"
                if needs_nothing:
                    self.leave(seen)

    def _note(self, seen: Seen, *, error: str | None = None) -> None:
        size, mtime_ns = seen.state
        with self._database.writing() as connection:
            sightings.note(
                connection,
                seen.path,
                size=size,
                mtime_ns=mtime_ns,
                error=error,
                at=datetime.now(UTC),
            )
        self.leave(seen)


def _hash(seen: Seen) -> int:
    return hash((seen.path, seen.inode, *seen.state))
