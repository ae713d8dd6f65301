"""What is chosen in a form of filters, as it comes in an address: blank means any."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Query
from pydantic import TypeAdapter, ValidationError

from callmon.report import wording
from callmon.review.pages import words
from callmon.review.problems import Problem
from callmon.review.times import Time

Text = Annotated[str, Query(max_length=200)]

WHICH: Final[Mapping[str, str]] = {"open": "Open", "decided": "Decided", "all": "All"}
YES: Final[Mapping[str, str]] = {"yes": "Disputed"}
PERSON: Final = re.compile(r"(?:(?:user|key):[!-~]{1,35})?")
ROUND: Final = re.compile(r"(?:[1-9][0-9]{0,8})?")
DECIDED: Final = ("corrected", "agreed", "dismissed")
SORTS: Final[Mapping[str, str]] = {
    "-held_at": "Newest call first",
    "held_at": "Oldest call first",
    "-received": "Last received first",
    "score": "Lowest score first",
    "-score": "Highest score first",
}
DAYS: Final[Mapping[str, str]] = {"30": "30 days", "90": "90 days", "365": "A year"}
TIME: Final[TypeAdapter[datetime]] = TypeAdapter(Time)
HAS: Final[Mapping[str, str]] = {"yes": "With findings", "no": "Without findings"}


@dataclass(frozen=True)
class Filters:
    """Base of both: every field is text, blank where nothing is chosen."""

    def __post_init__(self) -> None:
        # A form sends blanks, too: they mean what an address without the field does.
        for each in fields(self):
            if not getattr(self, each.name):
                object.__setattr__(self, each.name, each.default)

    @property
    def chosen(self) -> dict[str, str]:
        """What differs from the plain list."""
        return {
            each.name: value
            for each in fields(self)
            if (value := getattr(self, each.name)) != each.default
        }

    def query(self, **more: str) -> str:
        """As the query of an address."""
        return urlencode({**self.chosen, **more})


@dataclass(frozen=True)
class QueueFilters(Filters):
    """Of the review queue. A dependency: its fields are the parameters."""

    which: Text = "open"
    severity: Text = ""
    kind: Text = ""
    agent: Text = ""
    team: Text = ""
    since: Text = ""
    until: Text = ""
    assigned: Text = ""
    disputed: Text = ""
    round: Text = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        check("which", self.which, WHICH)
        check("severity", self.severity, wording.SEVERITIES)
        check("kind", self.kind, wording.FINDINGS)
        if self.assigned != "me" and not PERSON.fullmatch(self.assigned):
            raise _unknown("assigned", self.assigned, "me, or the id of a reviewer,")
        check("disputed", self.disputed, YES)
        if not ROUND.fullmatch(self.round):
            raise _unknown("round", self.round, "the number of a round")
        moment("since", self.since)
        moment("until", self.until)


@dataclass(frozen=True)
class CallFilters(Filters):
    """Of the list of calls. A dependency, too."""

    text: Text = ""
    agent: Text = ""
    team: Text = ""
    since: Text = ""
    until: Text = ""
    state: Text = ""
    findings: Text = ""
    sort: Text = "-held_at"

    def __post_init__(self) -> None:
        super().__post_init__()
        check("state", self.state, words.RECORDING_STATES)
        check("findings", self.findings, HAS)
        check("sort", self.sort, SORTS)
        moment("since", self.since)
        moment("until", self.until)


def check(name: str, value: str, known: Collection[str]) -> None:
    """Raises a Problem, 422, for what is no choice."""
    if value and value not in known:
        raise _unknown(name, value, ", ".join(known))


def moment(name: str, value: str) -> datetime | None:
    """None for a blank. Raises a Problem, 422, for what is no time with its zone."""
    if not value:
        return None
    try:
        return TIME.validate_python(value)
    except ValidationError:
        raise _unknown(name, value, "a time such as 2026-11-22T09:00:00Z") from None


def _unknown(name: str, value: str, known: str) -> Problem:
    return Problem(
        422,
        "invalid-request",
        f"There is no {name} {value[:50]!r}; {known} would work.",
        field=name,
    )
