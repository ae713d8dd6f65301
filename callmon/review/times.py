"""Days and points in time as clients give them: in ISO 8601, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator


def _written_out(given: object) -> object:
    # pydantic takes numbers too: `since=2026` would be half an hour into 1970.
    number = isinstance(given, str) and "-" not in given[1:]
    if number or isinstance(given, (int, float)):
        raise ValueError("2026-11-22, with T09:00:00Z for a time of that day, would work")
    return given


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:  # the first or the last day of the calendar, elsewhere
        raise ValueError(
            "this time is beyond the calendar; 2026-11-22T09:00:00Z would work"
        ) from None


Day = Annotated[date, BeforeValidator(_written_out)]

Time = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]
"""With its offset from UTC, and told in UTC from here on."""
