"""What an agent sees before the list of their calls: what went well, what was written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Final, TypeVar

from callmon.review.access.roles import Asking, visible
from callmon.review.findings.seeing import seen
from callmon.review.findings.views import FindingView, views
from callmon.review.pages import examples
from callmon.review.pages.examples import Example
from callmon.review.site import Site
from callmon.store.reports import examples as stored
from callmon.store.reports.groups import Wanted
from callmon.store.reviews import coaching, disputes, shared, subjects
from callmon.store.reviews.carrying import kin
from callmon.store.reviews.coaching import Note
from callmon.store.reviews.disputes import Dispute
from callmon.store.tables.calls import recordings

About = TypeVar("About", Note, Dispute)

YEAR: Final = timedelta(days=365)
PRAISED: Final = 6
NOTED: Final = 10
"""Findings that were written about; the others are in their calls."""


@dataclass(frozen=True)
class Written:
    """A finding that a coach wrote about."""

    finding: FindingView
    last: Note | None
    decided: Dispute | None
    """The last dispute about it that has ended."""

    @property
    def waits(self) -> bool:
        """Whether the last word is the coach's."""
        return self.last is not None and self.last.side == "coach"


@dataclass(frozen=True)
class Own:
    """Of the calls that were shared with an agent."""

    good: list[Example]
    written: list[Written]


def of_agent(site: Site, asking: Asking) -> Own:
    now = site.now()
    wanted = Wanted(
        since=now - YEAR,
        until=now + timedelta(seconds=1),
        seen=lambda table: visible(asking, table),
    )
    with site.database.reading() as connection:
        ids = stored.praised(connection, wanted, limit=PRAISED)
        good = examples.good(connection, site, asking, ids, most=PRAISED)
        noted = shared.noted(
            connection,
            asking.agent or "",
            calls_seen=visible(asking, recordings),
            limit=NOTED,
        )
        known = seen(connection, asking, subjects.several(connection, noted))
        same = kin(connection, noted)
        notes = coaching.of_subjects(
            connection, {*noted, *chain(*same.values())}, agent=asking.agent
        )
        disputed = disputes.of_subjects(
            connection, {*noted, *chain(*same.values())}, agent=asking.agent
        )
        ended = [each for each in disputed if each.resolved_at is not None]
        written = [
            Written(
                finding=finding,
                last=_last(notes, (finding.id, *same.get(finding.id, ()))),
                decided=_last(ended, (finding.id, *same.get(finding.id, ()))),
            )
            for finding in views(connection, site, asking, known)
        ]
    return Own(good=good, written=written)


def _last(among: Sequence[About], subject_ids: Collection[str]) -> About | None:
    return next((each for each in reversed(among) if each.subject in subject_ids), None)
