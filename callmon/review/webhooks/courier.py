"""Brings events to their targets: a thread of each `callmon serve`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from logging import ERROR, WARNING
from types import TracebackType
from typing import Final, Self

from sqlalchemy import Connection

from callmon.errors import CallmonError
from callmon.review.logs import event, where
from callmon.review.site import utc_now
from callmon.review.webhooks.sending import Sent, send
from callmon.store.database import Database
from callmon.store.webhooks import targets as webhooks
from callmon.store.webhooks.targets import Taken

LOOK_SECONDS: Final = 2.0
"""Between two looks for something to bring, while there is nothing."""
AT_ONCE: Final = 4
"""Targets that are waited for at the same time. As many are taken at a time: all of them
are over before they may be taken by somebody else."""
CLEAN: Final = timedelta(hours=1)

Send = Callable[[Taken, datetime], Sent]


class Courier:
    """Delivers from `with` on, until it ends."""

    def __init__(
        self,
        database: Database,
        *,
        private: bool,
        now: Callable[[], datetime] = utc_now,
        sending: Send | None = None,
    ) -> None:
        self._database = database
        self._now = now
        self._send = sending or (lambda taken, at: send(taken, private=private, at=at))
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        self._clean_at: datetime | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending.set()
        self._thread.join(timeout=20)

    def deliver(self) -> int:
        """Brings what is due now, some at a time; how many it tried."""
        now = self._now()
        with self._database.reading() as connection:
            if not webhooks.waits(connection, at=now):
                return 0
        with self._database.writing() as connection:
            taken = webhooks.take(connection, at=now, limit=AT_ONCE)
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            # One line of a target at a time, in the order in which things happened.
            list(pool.map(self._bring, by_target(taken)))
        return len(taken)

    def _bring(self, lines: list[Taken]) -> None:
        for place, taken in enumerate(lines):
            sent = self._send(taken, self._now())
            with self._database.writing() as connection:
                note(connection, taken, sent, at=self._now())
                if sent.error is not None or self._ending.is_set():
                    # The others would find the same silence, or take too long.
                    webhooks.give_back(connection, lines[place + 1 :])
                    return

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                self._clean()
                if self.deliver():
                    continue
            except CallmonError as error:
                event("webhooks wait", level=WARNING, error=str(error))
            except Exception as error:  # noqa: BLE001 the edge of the thread
                kind = type(error).__name__
                event("webhooks fail", level=ERROR, error=kind, where=where(error))
            self._ending.wait(LOOK_SECONDS)

    def _clean(self) -> None:
        now = self._now()
        if self._clean_at is not None and now < self._clean_at:
            return
        self._clean_at = now + CLEAN
        with self._database.writing() as connection:
            webhooks.forget_before(connection, now - timedelta(days=webhooks.KEPT_DAYS))


def by_target(taken: list[Taken]) -> list[list[Taken]]:
    lines: dict[str, list[Taken]] = {}
    for each in taken:
        lines.setdefault(each.webhook_id, []).append(each)
    return list(lines.values())


def note(connection: Connection, taken: Taken, sent: Sent, *, at: datetime) -> None:
    """Keeps how it went."""
    if sent.error is None and sent.status is not None:
        webhooks.arrived(connection, taken, status=sent.status, seconds=sent.seconds, at=at)
        return
    webhooks.failed(
        connection,
        taken,
        status=sent.status,
        error=sent.error or "There was no answer.",
        seconds=sent.seconds,
        at=at,
    )
