"""What reports add up: some numbers of each analysis that counts.

They are written with the analysis, in its transaction, and follow what is edited of the
recording.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log2
from statistics import median
from typing import Any, Literal

from sqlalchemy import Connection, delete, insert, select

from callmon.call import Analysis, Opportunity, Outcome, Tone, Turn
from callmon.store.calls.recordings import monday
from callmon.store.tables.calls import analyses, recordings
from callmon.store.tables.operations import call_figures, moment_figures

Band = Literal["low", "middle", "high"]

UNSURE, SURE = 0.6, 0.8
"""Mean confidence of a call's words that parts the bands. The recogniser's own numbers are
no probabilities of being right; clear telephone speech lies over 0.8, and what has to be
guessed from noise under 0.6."""

LOW_PITCH, HIGH_PITCH = 140.0, 180.0
"""Hertz. European men speak at 119 and women at 207 Hz on average, with standard deviations
of about 2.5 semitones (Traunmüller and Eriksson, "The frequency range of the voice
fundamental in the speech of male and female adults", 1995): most men are in the low band,
most women in the high one, and the middle one is of neither."""


def keep(
    connection: Connection, recording_id: str, analysis_id: str, told: Analysis
) -> None:
    """Puts the numbers of an analysis in place of those of the one that counted before."""
    forget(connection, recording_id)
    row = connection.execute(
        select(
            recordings.c.agent,
            recordings.c.team,
            recordings.c.queue,
            recordings.c.held_at,
            recordings.c.metadata,
        ).where(recordings.c.id == recording_id)
    ).one()
    shared = {
        "recording_id": recording_id,
        "rubric": told.versions.rubric,
        "agent": row.agent,
        "team": row.team,
        "queue": row.queue,
        "held_at": row.held_at,
        "week": monday(row.held_at),
    }
    connection.execute(
        insert(call_figures).values(
            **shared,
            analysis_id=analysis_id,
            customer=row.metadata.get("customer"),
            commendations=len(told.commendations),
            resolved=any(b.behaviour == "resolution_done" for b in told.agent_behaviours),
            language=told.recording.metadata.get("language"),
            channels={1: "mono", 2: "stereo"}.get(told.recording.channels or 0),
            confidence_band=confidence_band(told.turns),
            pitch_band=pitch_band(told.tones),
        )
    )
    rows = [{**shared, **of_moment} for of_moment in _moments(told)]
    if rows:
        connection.execute(insert(moment_figures), rows)


def forget(connection: Connection, recording_id: str) -> None:
    """Takes the numbers of a recording out; with the recording they go by themselves."""
    for table in (moment_figures, call_figures):
        connection.execute(delete(table).where(table.c.recording_id == recording_id))


def catch_up(connection: Connection, *, limit: int = 100) -> int:
    """Counts analyses of before there were these numbers; how many it did."""
    query = (
        select(analyses.c.id, analyses.c.recording_id, analyses.c.document)
        .join(recordings, recordings.c.analysis == analyses.c.id)
        .outerjoin(call_figures, call_figures.c.recording_id == recordings.c.id)
        .where(call_figures.c.recording_id.is_(None))
        .limit(limit)
    )
    waiting = connection.execute(query).all()
    for row in waiting:
        told = Analysis.model_validate_json(row.document)
        keep(connection, row.recording_id, row.id, told)
    return len(waiting)


def confidence_band(turns: Sequence[Turn]) -> Band | None:
    """How sure the recogniser is of the call's words; None where no sound was read."""
    said = [
        (word.confidence, len(word.text))
        for turn in turns
        for word in turn.words
        if word.text
    ]
    if not said:
        return None
    mean = sum(c * length for c, length in said) / sum(length for _, length in said)
    return "low" if mean < UNSURE else "high" if mean >= SURE else "middle"


def pitch_band(tones: Sequence[Tone]) -> Band | None:
    """Of the customer's ordinary voice; None where it was not measured."""
    ordinary = [
        measure.ordinary
        for tone in tones
        if (measure := tone.measures.get("pitch")) is not None
        and measure.ordinary is not None
    ]
    if not ordinary:
        return None
    semitones = median(ordinary)
    low, high = (12 * log2(hertz / 100.0) for hertz in (LOW_PITCH, HIGH_PITCH))
    return "low" if semitones < low else "high" if semitones >= high else "middle"


def _moments(told: Analysis) -> list[dict[str, Any]]:
    outcomes = {outcome.opportunity: outcome for outcome in told.outcomes}
    flagged = {finding.opportunity for finding in told.findings}
    return [
        _moment(number, moment, outcomes[moment.id], flagged=moment.id in flagged)
        for number, moment in enumerate(told.opportunities)
        if moment.id in outcomes
    ]


def _moment(
    number: int, moment: Opportunity, outcome: Outcome, *, flagged: bool
) -> dict[str, Any]:
    return {
        "number": number,
        "outcome": outcome.outcome,
        "stratum": f"{moment.valence} {moment.cue} {moment.strength}",
        "flagged": flagged,
        "delay": None if outcome.delay is None else round(outcome.delay, 1),
        "settling": outcome.settling,
    }
