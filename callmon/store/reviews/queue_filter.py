"""Which subjects a page of the review queue is of."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, exists, false, or_, select, true

from callmon.call import FindingKind, Severity, Value
from callmon.store.calls.questions import FindingState
from callmon.store.calls.recording_list import scored, worded
from callmon.store.calls.search import Piece
from callmon.store.tables.calls import analyses, recordings
from callmon.store.tables.reviews import (
    assignments,
    disputes,
    found_again,
    round_reviewers,
    round_subjects,
    rounds,
    verdicts,
)

STATES: Final[tuple[FindingState, ...]] = ("open", "corrected", "agreed", "dismissed")
"""In the order of the queue."""

FEW: Final = 1000
"""Calls whose subjects are put in order one by one."""

Conditions = list[ColumnElement[bool]]


class Wanted(Value):
    """Which subjects; every field that is not null narrows the list down."""

    states: tuple[FindingState, ...] = STATES
    kinds: tuple[FindingKind, ...] | None = None
    severities: tuple[Severity, ...] | None = None
    recording_id: str | None = None
    agent: str | None = None
    team: str | None = None
    queue: str | None = None
    since: datetime | None = None
    """The call was held then or later."""
    until: datetime | None = None
    """The call was held before."""
    assignee: str | None = None
    disputed: bool | None = None
    said: tuple[Piece, ...] | None = None
    """In the call."""
    label: tuple[str, str | None] | None = None
    """The name of a label of the call, and its value where one is asked for."""
    least_score: float | None = None
    """Of the call."""
    most_score: float | None = None
    calls: tuple[str, ...] | None = None
    """The recordings that are left, where `among_calls` found few."""
    least_confidence: float | None = None
    most_confidence: float | None = None
    with_controls: bool = True
    reviewer: str | None = None
    """Who asks: what they are to judge in an open round is left out."""
    blind: bool = False
    """Whether the reviewer may not learn what others decided before deciding."""

    @property
    def by_label(self) -> bool:
        """Whether the answer tells something of the labels."""
        told = (self.kinds, self.severities, self.least_confidence, self.most_confidence)
        # Only what has a label can be disputed.
        return self.disputed is True or any(value is not None for value in told)

    @property
    def own_alone(self) -> bool:
        """Whether only what the reviewer has judged can be in the answer."""
        return self.blind and (self.by_label or "open" not in self.states)

    @property
    def few(self) -> bool:
        """Whether there are so few of them that one had better look for all."""
        told = (self.recording_id, self.assignee, self.calls)
        return (
            any(each is not None for each in told)
            or self.disputed is True
            or self.own_alone
        )

    @property
    def by_call(self) -> bool:
        """Whether something is asked of the call that its findings do not repeat."""
        told = (self.said, self.label)
        return self.by_score or any(each is not None for each in told)

    @property
    def by_score(self) -> bool:
        return self.least_score is not None or self.most_score is not None


def among_calls(connection: Connection, wanted: Wanted) -> Wanted:
    """With the calls that are left by what is asked of calls, where these are few: then
    one had better begin with them."""
    if not wanted.by_call:
        return wanted
    query = select(recordings.c.id).where(
        *worded(connection, said=wanted.said, label=wanted.label),
        *_told_of_call(wanted, recordings.c),
    )
    if wanted.by_score:
        query = query.join(analyses, analyses.c.recording_id == recordings.c.id)
        query = query.where(*scored(wanted.least_score, wanted.most_score))
    found = connection.execute(query.limit(FEW + 1)).scalars().all()
    if len(found) > FEW:
        return wanted
    return wanted.model_copy(update={"calls": tuple(found)})


def deciding(wanted: Wanted, c: Any) -> Conditions:
    """The filters that leave few; `c` is the table of the subjects."""
    found: Conditions = []
    if wanted.calls is not None:
        found.append(c.recording_id.in_(wanted.calls))
    if wanted.recording_id is not None:
        found.append(c.recording_id == wanted.recording_id)
    if wanted.assignee is not None:
        given = select(assignments.c.subject).where(
            assignments.c.current == true(), assignments.c.assignee == wanted.assignee
        )
        found.append(c.id.in_(given))
    if wanted.disputed is True:
        found.append(c.id.in_(_disputed()))
    if wanted.own_alone:
        found.append(c.id.in_(_judged(wanted)))
    return found


def narrowing(connection: Connection, wanted: Wanted, c: Any, call: Any) -> Conditions:
    """The other filters, but for states and severities; `call` has the agent."""
    found = _told_of_call(wanted, call)
    if wanted.by_call and wanted.calls is None:
        found += _of_call(connection, wanted, c)
    if wanted.kinds is not None:
        # Controls have no kind.
        found.append(c.kind.in_(wanted.kinds) if "kind" in c else false())
    if wanted.least_confidence is not None:
        found.append(c.confidence >= wanted.least_confidence)
    if wanted.most_confidence is not None:
        found.append(c.confidence <= wanted.most_confidence)
    if wanted.disputed is False:
        found.append(c.id.not_in(_disputed()))
    if wanted.reviewer is not None:
        found.append(or_(~_in_open_round(wanted, c), _given(wanted, c)))
    if wanted.blind:
        found.append(or_(c.state == "open", _given(wanted, c)))
    return found


def _told_of_call(wanted: Wanted, call: Any) -> Conditions:
    """By what findings repeat of the call."""
    found: Conditions = []
    for column, value in (
        (call.agent, wanted.agent),
        (call.team, wanted.team),
        (call.queue, wanted.queue),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.since is not None:
        found.append(call.held_at >= wanted.since)
    if wanted.until is not None:
        found.append(call.held_at < wanted.until)
    return found


def _of_call(connection: Connection, wanted: Wanted, c: Any) -> Conditions:
    """Looked up for one subject after the other."""
    found: Conditions = []
    words = worded(connection, said=wanted.said, label=wanted.label)
    if words:
        call = exists().where(recordings.c.id == c.recording_id, *words)
        found.append(call.correlate_except(recordings))
    if wanted.by_score:
        judged = scored(wanted.least_score, wanted.most_score)
        analysis = exists().where(analyses.c.recording_id == c.recording_id, *judged)
        found.append(analysis.correlate_except(analyses))
    return found


def _disputed() -> Select[Any]:
    return select(disputes.c.subject).where(disputes.c.resolved_at.is_(None))


def _judged(wanted: Wanted) -> Select[Any]:
    return select(verdicts.c.subject).where(verdicts.c.reviewer == wanted.reviewer)


def _given(wanted: Wanted, c: Any) -> ColumnElement[bool]:
    return exists().where(
        verdicts.c.subject == c.id, verdicts.c.reviewer == wanted.reviewer
    )


def _in_open_round(wanted: Wanted, c: Any) -> ColumnElement[bool]:
    """Here, or as the same finding of another analysis."""
    asked = (
        select(round_subjects.c.subject)
        .join(rounds, rounds.c.id == round_subjects.c.round_id)
        .join(round_reviewers, round_reviewers.c.round_id == rounds.c.id)
        .where(
            round_reviewers.c.reviewer == wanted.reviewer,
            rounds.c.closed_at.is_(None),
        )
    )
    moments = select(found_again.c.moment).where(found_again.c.subject.in_(asked))
    same = select(found_again.c.subject).where(found_again.c.moment.in_(moments))
    return or_(c.id.in_(asked), c.id.in_(same))
