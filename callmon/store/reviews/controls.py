"""Blind controls: random customer moments that the machine did not flag.

Reviewers judge them among the findings. What they find in them tells how much the machine
misses: each moment was drawn with a probability that is known and kept, so that what was
drawn can stand for all there was (Horvitz and Thompson, "A generalization of sampling
without replacement from a finite universe", 1952). The draw depends on nothing but the
recording: drawing again, on another machine, draws the same.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, func, insert, select

from callmon.call import Analysis, Turn
from callmon.store.calls import analyses as analyses_store
from callmon.store.database import insert_once
from callmon.store.reviews.carrying import carry_controls_over
from callmon.store.reviews.subjects import blind_id
from callmon.store.tables.calls import analyses
from callmon.store.tables.reviews import controls, draws
from callmon.store.types import SEVERITIES

NEWEST: Final = 1000
"""Calls whose findings and moments say how many controls make the wanted share."""

PRIOR_FINDINGS, PRIOR_MOMENTS = 1, 10
"""Assumed before the first call: a finding for ten moments that were not flagged. They
also keep the probability over 0 while no call had a finding."""

ANSWERS: Final = 2
"""Agent turns that are shown after the moment: the response window of the coding scheme."""


def unflagged(analysis: Analysis) -> tuple[Turn, ...]:
    """The customer's turns, backchannels apart, that no finding rests on or is about."""
    if analysis.unscorable is not None:
        return ()
    flagged = {finding.turn for finding in analysis.findings}
    flagged |= {e.turn for finding in analysis.findings for e in finding.evidence}
    about = {finding.opportunity for finding in analysis.findings}
    flagged |= {turn for o in analysis.opportunities if o.id in about for turn in o.turns}
    return tuple(
        turn
        for turn in analysis.turns
        if turn.party == "customer"
        and not turn.backchannel
        and turn.text.strip()
        and turn.index not in flagged
    )


def draw(
    connection: Connection,
    analysis_id: str,
    analysis: Analysis,
    *,
    share: float,
    at: datetime,
) -> int:
    """Draws the controls of an analysis so that they become `share` of the queue.

    How many it drew; 0 when they were drawn before. Every moment has the same probability,
    also in a call without a finding: the one that brought controls to the share in the
    newest calls before it.
    """
    moments = unflagged(analysis)
    probability = _probability(connection, share) if share > 0 else 0.0
    first = insert_once(
        connection,
        draws,
        {
            "analysis_id": analysis_id,
            "recording_id": analysis.recording.id,
            "moments": len(moments),
            "findings": len(analysis.findings),
            "probability": probability,
            "at": at,
        },
    )
    if not first:
        return 0
    of_call = analysis.recording.sha256
    drawn = [turn for turn in moments if _chance(of_call, turn, "draw") < probability]
    rows = [
        {
            "id": blind_id(analysis_id, number),
            "analysis_id": analysis_id,
            "recording_id": analysis.recording.id,
            "turn": turn.index,
            "start": turn.start,
            "end": _end(analysis, turn),
            "probability": probability,
            "severity": SEVERITIES[int(_chance(of_call, turn, "severity") * 3)],
            "confidence": _chance(of_call, turn, "confidence"),
            "state": "open",
        }
        for number, turn in enumerate(drawn, len(analysis.findings) + 1)
    ]
    if rows:
        connection.execute(insert(controls), rows)
    carry_controls_over(connection, analysis.recording.id, analysis_id, at=at)
    return len(rows)


def catch_up(
    connection: Connection, *, share: float, at: datetime, limit: int = 100
) -> int:
    """Draws for analyses that count and were never drawn from; for how many it did."""
    undrawn = (
        select(analyses.c.id)
        .outerjoin(draws, draws.c.analysis_id == analyses.c.id)
        .where(analyses.c.superseded_at.is_(None), draws.c.analysis_id.is_(None))
        .order_by(analyses.c.id)
        .limit(limit)
    )
    waiting = connection.execute(undrawn).scalars().all()
    for analysis_id in waiting:
        analysis = analyses_store.load(connection, analysis_id)
        draw(connection, analysis_id, analysis, share=share, at=at)
    return len(waiting)


def _probability(connection: Connection, share: float) -> float:
    newest = (
        select(draws.c.moments, draws.c.findings)
        .order_by(draws.c.at.desc())
        .limit(NEWEST)
        .subquery()
    )
    sums = select(
        func.coalesce(func.sum(newest.c.moments), 0),
        func.coalesce(func.sum(newest.c.findings), 0),
    )
    moments, found = connection.execute(sums).one()
    wanted = share / (1 - share) * (found + PRIOR_FINDINGS)
    return float(min(1.0, wanted / (moments + PRIOR_MOMENTS)))


def _chance(of_call: str, turn: Turn, purpose: str) -> float:
    """A number in [0, 1) that looks random and is the same every time."""
    seed = f"callmon control {purpose} {of_call} {turn.index}".encode()
    return int.from_bytes(sha256(seed).digest()[:6]) / 2**48


def _end(analysis: Analysis, moment: Turn) -> float | None:
    """Where the answer ends: what a reviewer has to hear."""
    after = [turn for turn in analysis.turns if turn.index > moment.index]
    answers = [turn for turn in after if turn.party == "agent" and not turn.backchannel]
    last = (answers[:ANSWERS] or [moment])[-1]
    return last.end
