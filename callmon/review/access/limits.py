"""How much one key, user or address may ask: token buckets, in this process's memory.

Several processes behind one proxy each count by themselves. What has to survive a restart,
the count of wrong passwords, is in the database (`access.lockout`).
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

ADDRESS_PER_MINUTE: Final = 120
"""Requests of one address that name no key or user; with one, those are counted."""
WRONG_PER_MINUTE: Final = 20
"""Wrong keys from one address; each costs a hash to refuse."""
SUBJECTS: Final = 20_000
"""Buckets that are remembered; the one unused for longest is full again by then."""


class Limits:
    """Buckets by subject. Each holds a minute's worth and fills up steadily."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, subject: str, *, per_minute: int, tokens: int = 1) -> float:
        """Takes tokens: 0.0, or the seconds until there are enough, and then takes none.

        With `tokens=0` it only looks whether there is one. `per_minute=0` is no limit.
        """
        if per_minute == 0:
            return 0.0
        now, rate = self._clock(), per_minute / 60
        with self._lock:
            left, at = self._buckets.pop(subject, (float(per_minute), now))
            left = min(float(per_minute), left + (now - at) * rate)
            wanted = max(1, tokens)
            wait = 0.0 if left >= wanted else (wanted - left) / rate
            if wait == 0.0:
                left -= tokens
            self._buckets[subject] = (left, now)
            if len(self._buckets) > SUBJECTS:
                self._buckets.popitem(last=False)
        return wait


class AtOnce:
    """How many of something each subject has under way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, int] = {}

    def enter(self, subject: str, *, most: int) -> bool:
        """Whether there was a place; `leave` gives it back."""
        with self._lock:
            taken = self._open.get(subject, 0)
            if taken >= most:
                return False
            self._open[subject] = taken + 1
        return True

    def leave(self, subject: str) -> None:
        with self._lock:
            self._open[subject] -= 1
            if not self._open[subject]:
                del self._open[subject]


class Noted:
    """When something was last written down, so that it is not for every request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: OrderedDict[str, datetime] = OrderedDict()

    def is_due(self, subject: str, now: datetime, *, every: timedelta) -> bool:
        """Whether it is time to write it down again; true to one of several at once."""
        with self._lock:
            last = self._last.get(subject)
            if last is not None and now - last < every:
                return False
            self._last[subject] = now
            if len(self._last) > SUBJECTS:
                self._last.popitem(last=False)
        return True


def network_of(address: str | None) -> str:
    """What counts as one address: of IPv6 the /64 that one household has."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
