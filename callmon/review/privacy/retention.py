"""`/privacy/retention`: after how many days what is deleted."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query
from pydantic import Field, model_validator

from callmon.call import Value
from callmon.review.access.roles import Asking, allow
from callmon.review.privacy.rules import Kept, kept
from callmon.review.site import SiteDep
from callmon.store.keeping import retention
from callmon.store.keeping.retention import KINDS, Kind
from callmon.store.keeping.upcoming import Upcoming, upcoming

router = APIRouter(tags=["privacy"])

Days = Annotated[int | None, Field(ge=1, le=36500)]
AskedDays = Annotated[
    int | None, Query(ge=1, le=36500, description="Days to be looked at.")
]


class RetentionView(Value):
    """How long each kind is kept after its recording was received."""

    audio: Kept
    """The sound. Kept longer than `analysis`, it is played to nobody until the call is
    analysed again: which of its words are private goes with the analysis."""
    transcript: Kept
    """The words, and whatever repeats them: quotes, summaries, what reviewers saw."""
    analysis: Kept
    """All that was found, with verdicts and coaching."""
    recording: Kept
    """Everything. What stays are lines of the audit log."""


class Retention(Value):
    """Days for each kind; null is no rule."""

    audio: Days = None
    """More than `analysis` keeps the sound for another analysis; until then nobody hears
    it, since which of its words are private is deleted with the analysis."""
    transcript: Days = None
    analysis: Days = None
    recording: Days = None
    """Without it the setting `retention_days` holds."""

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        within: tuple[tuple[Kind, Kind], ...] = (
            ("transcript", "analysis"),
            ("audio", "recording"),
            ("analysis", "recording"),
            ("transcript", "recording"),
        )
        for part, whole in within:
            first, last = getattr(self, part), getattr(self, whole)
            if first is not None and last is not None and first > last:
                raise ValueError(
                    f"{part} is to be kept {first} days and {whole}, of which it is a part,"
                    f" {last}; {last} days or fewer for {part} would work"
                )
        return self


class UpcomingView(Value):
    """What goes next, by the rules."""

    items: tuple[Upcoming, ...]
    """One for each kind that has a rule."""


@router.get("/privacy/retention", dependencies=[Depends(allow("supervisor", "admin"))])
def read_retention(site: SiteDep) -> RetentionView:
    """The rules that hold now."""
    with site.database.reading() as connection:
        return RetentionView(**kept(connection, site))


@router.get("/privacy/retention/upcoming", dependencies=[Depends(allow("admin"))])
def read_upcoming(
    site: SiteDep,
    audio: AskedDays = None,
    transcript: AskedDays = None,
    analysis: AskedDays = None,
    recording: AskedDays = None,
) -> UpcomingView:
    """What the rules take next; with days given, what those would take in their place.

    Give days before setting them: what a shorter rule takes is gone within an hour.
    """
    asked: dict[Kind, int | None] = {
        "audio": audio,
        "transcript": transcript,
        "analysis": analysis,
        "recording": recording,
    }
    days = {kind: number for kind, number in asked.items() if number is not None}
    with site.database.reading() as connection:
        if not days:
            rules = retention.rules(connection)
            days = {kind: rule.days for kind, rule in rules.items()}
        if site.options.retention_days is not None:
            days.setdefault("recording", site.options.retention_days)
        return UpcomingView(items=tuple(upcoming(connection, days, at=site.now())))


@router.put("/privacy/retention")
def set_retention(
    site: SiteDep,
    asking: Annotated[Asking, Depends(allow("admin"))],
    wanted: Retention,
) -> RetentionView:
    """Sets all rules. Workers delete by them within an hour; what is under legal hold
    stays."""
    with site.database.writing() as connection:
        days = {kind: getattr(wanted, kind) for kind in KINDS}
        retention.set_rules(connection, days, by=asking.id, at=site.now())
        return RetentionView(**kept(connection, site))
