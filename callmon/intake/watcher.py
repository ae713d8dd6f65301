"""The folder watcher: takes in what appears in folders, each file once and none too early.

What the system tells of changes only wakes it; what is there is always read from the
folders themselves. So no lost or doubled message of the system loses or doubles a file.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from callmon.errors import BadRecording, StoreUnavailable
from callmon.intake import filing
from callmon.intake.accept import Accepted, Intake, accept
from callmon.intake.describe import describe
from callmon.intake.folder import Changed, Seen, Steady
from callmon.intake.listening import listening
from callmon.intake.lookout import UNREADABLE, Lookout
from callmon.intake.name_pattern import NamePattern
from callmon.intake.settling import Settling
from callmon.intake.sniff import Incomplete
from callmon.jobs.queue import BATCH
from callmon.store.calls import recordings

REST: Final = 4
"""A look through the folders is followed by a rest of so many times its length."""

SHORTEST_REST_SECONDS: Final = 0.1
LONGEST_TICK_SECONDS: Final = 1.0
"""Between two looks while files wait to be stable."""

LATE: Final = (
    "It came when its recording was in done/ already, so nothing of it is known. Put the"
    " recording back beside it, and it is merged."
)

PATIENCE_SECONDS: Final = 60.0
"""Longest pause before the database or the media store is tried again."""


@dataclass(frozen=True)
class Options:
    """How folders are watched; the settings of these names explain each."""

    after: Literal["keep", "move", "delete"]
    stable_seconds: float
    sidecar_seconds: float
    rescan_seconds: float
    poll: Literal["auto", "always", "never"]
    max_queued: int
    pattern: NamePattern | None = None
    source: str | None = None


class Watcher:
    """Watches folders. Two at work on the same one do no harm: contents are taken once."""

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        intake: Intake,
        options: Options,
        stop: threading.Event,
        tell: Callable[[str], None],
    ) -> None:
        """`folders` are absolute, and none is within another; `tell` takes a sentence for
        the operator."""
        self.taken = 0
        """Files taken in so far."""
        self.failed = 0
        """Files given up so far."""
        self._folders = folders
        self._intake = intake
        self._options = options
        self._stop = stop
        self._tell = tell
        self._settling = Settling(
            stable_seconds=options.stable_seconds, sidecar_seconds=options.sidecar_seconds
        )
        self._lookout = Lookout(folders, database=intake.database, after=options.after)
        self._trouble = ""
        # How many of the files that are still to be dealt with each sidecar tells of.
        self._needing: Counter[Path | None] = Counter()

    def watch(self) -> None:
        """Goes on until `stop` is set. When the store has troubles, the folders wait."""
        troubles = 0
        with listening(
            self._folders, poll=self._options.poll, stop=self._stop, tell=self._tell
        ) as wait:
            while not self._stop.is_set():
                try:
                    self.round()
                    troubles = 0
                except StoreUnavailable as error:
                    self._tell_trouble(f"{error} The folders wait until then.")
                    self._stop.wait(min(PATIENCE_SECONDS, 2.0**troubles))
                    troubles = min(troubles + 1, 10)
                    continue
                self._stop.wait(max(SHORTEST_REST_SECONDS, REST * self._lookout.seconds))
                if len(self._settling) or not self._lookout.complete:
                    self._stop.wait(self._tick)
                else:
                    wait(self._options.rescan_seconds)

    def once(self) -> None:
        """Takes in what is there and ends; a file that is being written is awaited.

        Raises StoreUnavailable when it cannot go on.
        """
        there: set[Path] = set()
        begun = False
        while not self._stop.is_set():
            found = self.round()
            if self._lookout.unreachable:
                raise StoreUnavailable(self._lookout.unreachable)
            # What appears after the first look through all is for the next time.
            there = there & found if begun else there | found
            begun = begun or self._lookout.complete
            if begun and not any(path in self._settling for path in there):
                return
            self._stop.wait(self._tick)

    def round(self) -> set[Path]:
        """Looks through the folders, takes in what can be; gives what was found.

        Raises StoreUnavailable.
        """
        found = self._lookout.look(waiting=self._settling)
        if self._lookout.unreachable:
            self._tell_trouble(self._lookout.unreachable)
        self._needing = Counter(seen.sidecar for seen in found)
        room = 0
        for seen in self._settling.look(found, now=time.monotonic()):
            if self._stop.is_set():
                break
            if seen.is_sidecar:
                self._look_at_sidecar(seen)
                continue
            room = room or self._room()
            room -= 1
            self._take(seen)
        return {seen.path for seen in found}

    @property
    def _tick(self) -> float:
        return min(LONGEST_TICK_SECONDS, max(0.02, self._options.stable_seconds / 5))

    def _room(self) -> int:
        """How many recordings may come in before the queue is looked at again."""
        with self._intake.database.reading() as connection:
            counts = recordings.counts(connection)
        waiting = counts["received"] + counts["queued"]
        if waiting < self._options.max_queued:
            return self._options.max_queued - waiting
        raise StoreUnavailable(
            f"{waiting} recordings wait to be analysed, and {self._options.max_queued} are"
            " the most (max_queued). `callmon work` makes the queue shorter."
        )

    def _take(self, seen: Seen) -> None:
        began = time.monotonic()
        try:
            accepted = self._accept(seen)
        except Changed:
            return  # the next look finds it as it is then, and waits anew
        except (OSError, Incomplete) as error:
            if self._settling.postpone(seen, now=time.monotonic()):
                return
            # Never moved: a recorder may have it open or locked, until the call ends.
            unreadable = isinstance(error, OSError)
            reason = f"{UNREADABLE}: {_why(error)}." if unreadable else str(error)
            self._report(seen, reason)
        except BadRecording as error:
            self._give_up(seen, str(error))
        else:
            self._trouble = ""
            self._put_away(seen)
            self.taken += 1
            self._tell(
                f"{accepted.recording.id}"
                f" {'known already' if accepted.known else 'taken in'},"
                f" {accepted.recording.size} bytes, {time.monotonic() - began:.2f} s"
            )

    def _look_at_sidecar(self, seen: Seen) -> None:
        """One that came too late would lie there for ever; for others a recording comes."""
        if filing.is_late(seen):
            self._report(seen, LATE)
        else:
            self._lookout.leave(seen)
            self._settling.forget(seen)

    def _accept(self, seen: Seen) -> Accepted:
        told = describe(seen.parts, sidecar=seen.sidecar, pattern=self._options.pattern)
        with Steady(seen) as stream:
            return accept(
                stream,
                self._intake,
                name=seen.path.name,
                metadata=told.metadata,
                warnings=told.warnings,
                source=self._options.source,
                priority=BATCH,
                at=datetime.now(UTC),
            )

    def _put_away(self, seen: Seen) -> None:
        """After the commit: the recording is safe whatever becomes of the file."""
        try:
            if self._options.after == "keep":
                self._lookout.note(seen)
            elif self._options.after == "move":
                filing.move_done(self._with_its_own(seen))
            else:
                filing.delete(self._with_its_own(seen))
        except Changed:
            return  # another one has come under its name
        except OSError as error:
            self._tell(f"{seen.path} was taken in, but cannot be put away: {_why(error)}.")
            self._lookout.leave(seen)
        self._settling.forget(seen)

    def _give_up(self, seen: Seen, reason: str) -> None:
        """Where files are not kept it goes to `failed/`; nobody else has a copy of it."""
        if self._options.after == "keep":
            self._report(seen, reason)
            return
        try:
            filing.move_failed(self._with_its_own(seen), reason)
        except Changed:
            return
        except OSError as error:
            self._report(seen, f"{reason} It cannot be put away: {_why(error)}.")
            return
        self.failed += 1
        self._tell(f"{seen.path} was not taken in: {reason}")
        self._settling.forget(seen)

    def _with_its_own(self, seen: Seen) -> Seen:
        """The file without a sidecar that tells of another one too, which still comes."""
        self._needing[seen.sidecar] -= 1
        return replace(seen, sidecar=None) if self._needing[seen.sidecar] > 0 else seen

    def _report(self, seen: Seen, reason: str) -> None:
        """It stays where it is, and is tried again when it changes."""
        self.failed += 1
        self._tell(f"{seen.path} was not taken in: {reason}")
        self._lookout.report(seen, reason)
        self._settling.forget(seen)

    def _tell_trouble(self, sentence: str) -> None:
        """Once for a trouble that lasts."""
        if sentence != self._trouble:
            self._trouble = sentence
            self._tell(sentence)


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
