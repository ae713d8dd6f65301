"""Moments to listen to: what was done well, and what can be coached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from callmon.call import Commendation, FindingKind
from callmon.report import wording
from callmon.review.access.roles import Asking, found
from callmon.review.findings.queue import list_findings
from callmon.review.findings.views import FindingView
from callmon.review.recordings.asked import analysis_of
from callmon.review.site import Site
from callmon.store.calls.questions import FindingState
from callmon.store.calls.recordings import StoredRecording
from callmon.store.reports.kinds import KindCount

SECONDS_AROUND: Final = 1.0
"""Of a clip, before and after the moment."""
LONGEST: Final = 30.0
"""Seconds of an example: somebody hears several."""
COUNTED: Final[tuple[FindingState, ...]] = ("open", "agreed", "corrected")
"""What was dismissed is nothing to coach."""


@dataclass(frozen=True)
class Example:
    """A moment with its sound."""

    title: str
    text: str
    advice: str | None
    """What would have met it."""
    clip: str | None
    """Where its sound is; None where no time is known."""
    seconds: float
    page: str
    at: float | None
    held_at: datetime
    agent: str | None
    state: FindingState | None


@dataclass(frozen=True)
class ToCoach:
    """A kind of finding with how often it was raised, and examples."""

    kind: FindingKind
    number: int
    examples: tuple[Example, ...]


def good(
    connection: Connection, site: Site, asking: Asking, ids: Iterable[str], *, most: int
) -> list[Example]:
    """Commendations of these calls, one after the other from each call."""
    of_calls = []
    for id_ in ids:
        recording = found(connection, asking, id_)
        told = analysis_of(connection, site, asking, recording, redacted=True)
        of_calls.append([_good(each, recording) for each in told.commendations])
    longest = max((len(each) for each in of_calls), default=0)
    turn_by_turn = [each[n] for n in range(longest) for each in of_calls if n < len(each)]
    return turn_by_turn[:most]


def to_coach(
    site: Site,
    asking: Asking,
    counted: Iterable[KindCount],
    *,
    since: datetime,
    agent: str | None,
    team: str | None,
    kinds: int,
    each: int,
) -> list[ToCoach]:
    """The kinds raised most, with examples: those first that a reviewer agreed with."""
    numbers: Counter[FindingKind] = Counter()
    for count in counted:
        if count.state in COUNTED:
            numbers[count.kind] += count.number
    shown = []
    for kind, number in numbers.most_common(kinds):
        examples: list[FindingView] = []
        for states in (["agreed", "corrected"], ["open"]):
            given: dict[str, Any] = {"state": states, "kind": [kind], "since": since}
            page = list_findings(site, asking, **given, agent=agent, team=team, limit=each)
            examples += [item for item in page.items if item.machine is not None]
        shown.append(ToCoach(kind, number, tuple(map(_weak, examples[:each]))))
    return shown


def _good(told: Commendation, of: StoredRecording) -> Example:
    clip, seconds = None, 0.0
    if told.start is not None and told.end is not None:
        start = max(0.0, told.start - SECONDS_AROUND)
        seconds = min(told.end + SECONDS_AROUND - start, LONGEST)
        end = start + seconds
        clip = f"/v1/recordings/{of.id}/clip?start={start:.1f}&end={end:.1f}"
    return Example(
        title="Met",
        text=told.summary,
        advice=None,
        clip=clip,
        seconds=seconds,
        page=f"/calls/{of.id}",
        at=told.start,
        held_at=of.metadata.started or of.received,
        agent=of.metadata.agent,
        state=None,
    )


def _weak(of: FindingView) -> Example:
    assert of.machine is not None
    clip, seconds = None, 0.0
    if of.start is not None and of.end is not None:
        around = SECONDS_AROUND
        seconds = of.end - of.start + around + min(around, of.start)
        clip = f"/v1/findings/{of.id}/clip?before={around}&after={around}"
    return Example(
        title=wording.FINDINGS[of.machine.kind] if of.machine.kind != "none" else "",
        text=of.machine.summary or "",
        advice=of.machine.cleared_by,
        clip=clip,
        seconds=seconds,
        page=f"/calls/{of.recording_id}#{of.id}",
        at=of.start,
        held_at=of.held_at,
        agent=of.agent,
        state=of.state,
    )
