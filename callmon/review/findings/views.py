"""What a finding looks like to who reviews it; the same for controls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from callmon.call import (
    Analysis,
    Evidence,
    Opportunity,
    Outcome,
    Party,
    Severity,
    Turn,
    Value,
    Versions,
)
from callmon.review.access.roles import Asking
from callmon.review.findings.seeing import hidden
from callmon.review.recordings.redacting import redacted
from callmon.review.site import Site
from callmon.store.calls.questions import FindingState
from callmon.store.reviews import assignments, disputes
from callmon.store.reviews.disputes import Dispute
from callmon.store.reviews.subjects import Label, Subject

AROUND = 20.0
"""Seconds of the talk that are shown before and after a moment."""

TURNS_AROUND = 4
"""Turns that are shown before and after where there are no times."""


class Machine(Value):
    """What the machine says of a moment."""

    kind: Label
    """What it raises; `none` where it raised nothing: the moment was a control."""
    severity: Severity | None
    confidence: float | None
    """0 to 1."""
    summary: str | None
    """What happened, for people."""
    cleared_by: str | None
    """What would have met it."""
    quote: str | None
    """The first words that it rests on."""
    turn: int


class FindingView(Value):
    """A finding in the review queue."""

    id: str
    """Changes when the label is shown; both ids go on working for who has seen it."""
    recording_id: str
    analysis_id: str
    start: float | None
    """Seconds."""
    end: float | None
    agent: str | None
    team: str | None
    queue: str | None
    held_at: datetime
    """When the call was: its start where that is known, else when it was received."""
    state: FindingState | None
    """`open` until somebody has decided; null while what was decided is hidden."""
    current: bool
    """False when the call was analysed again since."""
    blind: bool
    """True while the machine's label is hidden: say what you see, it is shown then."""
    machine: Machine | None
    """Null while it is hidden."""
    assigned_to: str | None
    dispute: Dispute | None
    """The one that is open."""


class TurnView(Value):
    """What was said."""

    turn: int
    party: Party
    start: float | None
    end: float | None
    text: str


class FindingDetail(FindingView):
    """A finding with what is needed to judge it."""

    context: tuple[TurnView, ...]
    """The talk around the moment."""
    clip: str
    """Where the sound of it is."""
    evidence: tuple[Evidence, ...] | None
    """Null while the label is hidden, like what follows."""
    opportunity: Opportunity | None
    outcome: Outcome | None
    versions: Versions


def views(
    connection: Connection, site: Site, asking: Asking, shown: Sequence[Subject]
) -> list[FindingView]:
    """For those who ask, without what is hidden from them."""
    ids = [subject.id for subject in shown]
    secret = hidden(connection, site, asking, shown)
    # Agents learn what was found, not who looks at it.
    assigned = {} if asking.role == "agent" else assignments.assignees(connection, ids)
    disputed = disputes.open_ones(connection, ids, agent=asking.agent)
    return [
        _view(
            subject,
            blind=subject.id in secret,
            assigned_to=assigned.get(subject.id),
            dispute=disputed.get(subject.id),
        )
        for subject in shown
    ]


def detail(
    connection: Connection, site: Site, asking: Asking, subject: Subject
) -> FindingDetail:
    """One finding, for those who ask."""
    view = views(connection, site, asking, [subject])[0]
    analysis = redacted(connection, subject.analysis_id).analysis
    finding = next((f for f in analysis.findings if subject.id.endswith(f"-{f.id}")), None)
    if view.blind:
        finding = None
    about = None if finding is None else finding.opportunity
    opportunity = next((o for o in analysis.opportunities if o.id == about), None)
    return FindingDetail(
        **dict(view),
        context=_context(analysis, subject),
        clip=f"/v1/findings/{view.id}/clip",
        evidence=None if finding is None else finding.evidence,
        opportunity=opportunity,
        outcome=next((o for o in analysis.outcomes if o.opportunity == about), None),
        versions=analysis.versions,
    )


def rules_of(analysis: Analysis, subject: Subject) -> tuple[str, ...]:
    """What the finding rests on: ids of rules, `model`, `voice`; nothing for a control."""
    return tuple(
        sorted(
            {
                "model" if source.startswith("model ") else source
                for finding in analysis.findings
                if subject.kind is not None and subject.id.endswith(f"-{finding.id}")
                for evidence in finding.evidence
                for source in evidence.source.split(" + ")
            }
        )
    )


def _view(
    subject: Subject, *, blind: bool, assigned_to: str | None, dispute: Dispute | None
) -> FindingView:
    machine = Machine(
        kind=subject.label,
        severity=subject.severity if subject.kind else None,
        confidence=subject.confidence if subject.kind else None,
        summary=subject.summary,
        cleared_by=subject.cleared_by,
        quote=subject.quote,
        turn=subject.turn,
    )
    return FindingView(
        id=subject.blind_id if blind else subject.id,
        recording_id=subject.recording_id,
        analysis_id=subject.analysis_id,
        start=subject.start,
        end=subject.end,
        agent=subject.agent,
        team=subject.team,
        queue=subject.queue,
        held_at=subject.held_at,
        state=subject.state if not blind or subject.state == "open" else None,
        current=subject.current,
        blind=blind,
        machine=None if blind else machine,
        assigned_to=assigned_to,
        dispute=None if blind else dispute,
    )


def _context(analysis: Analysis, subject: Subject) -> tuple[TurnView, ...]:
    """The turns around the moment."""
    return tuple(
        TurnView(
            turn=turn.index,
            party=turn.party,
            start=turn.start,
            end=turn.end,
            text=turn.text,
        )
        for turn in analysis.turns
        if _is_near(turn, subject)
    )


def _is_near(turn: Turn, subject: Subject) -> bool:
    if None in (turn.start, turn.end, subject.start, subject.end):
        return abs(turn.index - subject.turn) <= TURNS_AROUND
    assert turn.start is not None
    assert turn.end is not None
    assert subject.start is not None
    assert subject.end is not None
    return turn.end > subject.start - AROUND and turn.start < subject.end + AROUND
