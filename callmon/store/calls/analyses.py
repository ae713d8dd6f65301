"""Analyses: what a run found, kept for good.

An analysis is never changed. The analysis of a later run supersedes it: its rows stay, so
that a review still shows what the reviewer saw, but lists and counts leave it out. The
document is the whole truth; the rows beside it are what one asks for with SQL, and hold
nothing that is private.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from callmon.call import Analysis, Commitment, Finding, Redacted, Versions
from callmon.errors import NotFound
from callmon.store.calls import redactions, search
from callmon.store.calls.recordings import locked, monday
from callmon.store.keeping import removals
from callmon.store.reports import call_figures, promises
from callmon.store.reviews import carrying
from callmon.store.tables.calls import (
    analyses,
    commitments,
    findings,
    opportunities,
    recordings,
    responses,
    turns,
)
from callmon.store.webhooks import events


def save(
    connection: Connection,
    recording_id: str,
    run: int,
    analysis: Analysis,
    *,
    redacted: Redacted,
    at: datetime,
) -> str:
    """Keeps the analysis of a run; its id. The same run twice is once: the first stays.

    `redacted` is the same without what is private: what lists, exports and searches show.
    The analysis of the highest run is the one that counts, in whatever order they come.
    Raises NotFound when the recording was deleted.
    """
    locked(connection, recording_id)
    analysis_id = _id(recording_id, run)
    others = connection.execute(
        select(analyses.c.id, analyses.c.run).where(analyses.c.recording_id == recording_id)
    ).all()
    if analysis_id in {other.id for other in others}:
        return analysis_id
    later = max((other.run for other in others if other.run > run), default=None)
    connection.execute(
        insert(analyses).values(
            id=analysis_id,
            recording_id=recording_id,
            run=run,
            at=at,
            callmon=analysis.versions.callmon,
            rubric=analysis.versions.rubric,
            models=dict(analysis.versions.models),
            score=analysis.score.value,
            unscorable=analysis.unscorable,
            document=analysis.model_dump_json().encode(),
            superseded_at=None if later is None else at,
            superseded_by=None if later is None else _id(recording_id, later),
        )
    )
    redactions.put(connection, analysis_id, redacted)
    _insert_rows(
        connection, recording_id, analysis_id, redacted.analysis, current=later is None
    )
    if later is None:
        _supersede_others(connection, recording_id, analysis_id, at=at)
        call_figures.keep(connection, recording_id, analysis_id, analysis)
        promises.carry_over(connection, recording_id, analysis_id)
        carrying.carry_over(connection, recording_id, analysis_id, at=at)
        removals.undo(connection, recording_id)
        search.index(
            connection,
            recording_id,
            analysis_id=analysis_id,
            words=redactions.words_of(redacted.analysis),
        )
        events.analysed(connection, recording_id, analysis_id, analysis, at=at)
        connection.execute(
            update(recordings)
            .where(recordings.c.id == recording_id)
            .values(
                analysis=analysis_id,
                duration=analysis.recording.duration,
                channels=analysis.recording.channels,
            )
        )
    return analysis_id


def load(connection: Connection, analysis_id: str) -> Analysis:
    """With all that is private. Raises NotFound."""
    document = connection.execute(
        select(analyses.c.document).where(analyses.c.id == analysis_id)
    ).scalar_one_or_none()
    if document is None:
        raise NotFound(f"There is no analysis {analysis_id!r}.")
    return Analysis.model_validate_json(document)


def current(connection: Connection, recording_id: str) -> Analysis | None:
    """The analysis that counts, with all that is private; None before the first one."""
    document = connection.execute(
        select(analyses.c.document)
        .join(recordings, recordings.c.analysis == analyses.c.id)
        .where(recordings.c.id == recording_id)
    ).scalar_one_or_none()
    return None if document is None else Analysis.model_validate_json(document)


def newest_versions(connection: Connection) -> Versions | None:
    """By what the newest analysis was made; None before the first one."""
    query = select(analyses.c.callmon, analyses.c.rubric, analyses.c.models)
    row = connection.execute(query.order_by(analyses.c.at.desc()).limit(1)).one_or_none()
    return None if row is None else Versions(**row._mapping)


def _id(recording_id: str, run: int) -> str:
    return f"{recording_id}-{run}"


def _supersede_others(
    connection: Connection, recording_id: str, analysis_id: str, *, at: datetime
) -> None:
    connection.execute(
        update(analyses)
        .where(
            analyses.c.recording_id == recording_id,
            analyses.c.id != analysis_id,
            analyses.c.superseded_at.is_(None),
        )
        .values(superseded_at=at, superseded_by=analysis_id)
    )
    for table in (findings, commitments):
        connection.execute(
            update(table)
            .where(table.c.recording_id == recording_id, table.c.analysis_id != analysis_id)
            .values(current=False)
        )


def _insert_rows(
    connection: Connection,
    recording_id: str,
    analysis_id: str,
    analysis: Analysis,
    *,
    current: bool,
) -> None:
    call = connection.execute(
        select(
            recordings.c.agent, recordings.c.team, recordings.c.queue, recordings.c.held_at
        ).where(recordings.c.id == recording_id)
    ).one()
    shared = {
        "analysis_id": analysis_id,
        "recording_id": recording_id,
        "current": current,
        **call._mapping,
    }
    _insert(
        connection,
        turns,
        [
            {
                "analysis_id": analysis_id,
                "turn": turn.index,
                "party": turn.party,
                "start": turn.start,
                "end": turn.end,
                "text": turn.text,
            }
            for turn in analysis.turns
        ],
    )
    _insert(connection, opportunities, _of_opportunities(analysis_id, analysis))
    _insert(
        connection,
        responses,
        [
            {
                "analysis_id": analysis_id,
                "number": number,
                "opportunity": response.opportunity,
                "turn": response.turn,
                "recovery": response.recovery,
                "behaviours": [found.behaviour for found in response.behaviours],
            }
            for number, response in enumerate(analysis.responses)
        ],
    )
    _insert(
        connection,
        findings,
        [
            {
                **shared,
                "week": monday(call.held_at),
                **_of_finding(analysis_id, finding),
                **moment,
            }
            for finding, moment in zip(
                analysis.findings, _moments_of(analysis), strict=True
            )
        ],
    )
    _insert(
        connection,
        commitments,
        [
            {**shared, "id": f"{analysis_id}-c{number}", **_of_commitment(commitment)}
            for number, commitment in enumerate(analysis.commitments, 1)
        ],
    )


def _of_opportunities(analysis_id: str, analysis: Analysis) -> list[dict[str, Any]]:
    outcomes = {outcome.opportunity: outcome for outcome in analysis.outcomes}
    rows = []
    for found in analysis.opportunities:
        outcome = outcomes.get(found.id)
        rows.append(
            {
                "analysis_id": analysis_id,
                "opportunity": found.id,
                "cue": found.cue,
                "emotion": found.emotion,
                "valence": found.valence,
                "strength": found.strength,
                "confidence": found.confidence,
                "start": found.start,
                "end": found.end,
                "outcome": None if outcome is None else outcome.outcome,
                "rung": None if outcome is None else outcome.rung,
                "delay": None if outcome is None else outcome.delay,
                "recovered": outcome is not None and outcome.recovered,
            }
        )
    return rows


def _of_finding(analysis_id: str, finding: Finding) -> dict[str, Any]:
    return {
        "id": f"{analysis_id}-{finding.id}",
        "finding": finding.id,
        "kind": finding.kind,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "opportunity": finding.opportunity,
        "turn": finding.turn,
        "start": finding.start,
        "end": finding.end,
        "summary": finding.summary,
        "cleared_by": finding.cleared_by,
        "quote": finding.evidence[0].quote if finding.evidence else None,
        "state": "open",
    }


def _moments_of(analysis: Analysis) -> list[dict[str, Any]]:
    """How the moment of each finding was met; of the findings of one kind at one moment
    the first has it, so that sums count it once."""
    outcomes = {outcome.opportunity: outcome for outcome in analysis.outcomes}
    counted: set[tuple[str | None, str]] = set()
    rows = []
    for finding in analysis.findings:
        outcome = outcomes.get(finding.opportunity or "")
        if (finding.opportunity, finding.kind) in counted:
            outcome = None
        counted.add((finding.opportunity, finding.kind))
        delay = None if outcome is None else outcome.delay
        rows.append(
            {
                "outcome": None if outcome is None else outcome.outcome,
                "delay": None if delay is None else round(delay, 1),
                "settling": None if outcome is None else outcome.settling,
            }
        )
    return rows


def _of_commitment(commitment: Commitment) -> dict[str, Any]:
    return {
        "turn": commitment.turn,
        "action": commitment.action,
        "deadline": commitment.deadline,
        "due": commitment.due,
        "due_on": promises.day_of(commitment.due),
        "level": commitment.level,
        "who": commitment.who,
        "open": commitment.open,
        "quote": commitment.quote,
        "start": commitment.start,
        "end": commitment.end,
    }


def _insert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)
