"""Points in time as clients give them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:  # the first or the last day of the calendar, elsewhere
        raise ValueError(
            "this time is beyond the calendar; 2026-11-22T09:00:00Z would work"
        ) from None


Time = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""With its offset from UTC, and told in UTC from here on."""
