"""Recordings and analyses made by hand."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from callmon.call import (
    Analysis,
    Behaviour,
    Commitment,
    Evidence,
    Finding,
    Opportunity,
    Outcome,
    Recording,
    Response,
    Score,
    Turn,
    Versions,
)
from callmon.metadata import Metadata
from callmon.store.calls import recordings
from callmon.store.calls.recordings import StoredRecording

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
"""A Wednesday."""


def later(**time: float) -> datetime:
    return NOON + timedelta(**time)


def sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def add(
    connection: Connection,
    content: str = "one",
    *,
    received: datetime = NOON,
    priority: int = 1,
    **metadata: Any,
) -> StoredRecording:
    """The row of a recording with this content."""
    digest = sha256(content)
    recording, _ = recordings.add(
        connection,
        sha256=digest,
        name=f"{content}.wav",
        size=100,
        media=f"{digest[:2]}/{digest}",
        metadata=Metadata(**metadata),
        received=received,
        priority=priority,
    )
    return recording


def finding(name: str = "f1", **changed: Any) -> Finding:
    values = {
        "id": name,
        "kind": "missed_empathy",
        "opportunity": "o1",
        "turn": 1,
        "start": 3.0,
        "end": 9.0,
        "severity": "medium",
        "confidence": 0.8,
        "summary": "The agent asked for the number.",
        "cleared_by": "Naming the wait.",
        "evidence": (
            Evidence(turn=0, start=3.0, end=4.0, quote="I waited", source="model"),
        ),
    }
    return Finding.model_validate({**values, **changed})


def promise(due: str | None = "2026-11-20", **changed: Any) -> Commitment:
    values = {
        "turn": 1,
        "action": "refund the charge",
        "deadline": "by Friday",
        "due": due,
        "level": "timed",
        "quote": "I'll refund it by Friday",
    }
    return Commitment.model_validate({**values, **changed})


def analysis(
    recording: StoredRecording,
    *,
    findings: tuple[Finding, ...] = (),
    commitments: tuple[Commitment, ...] = (),
    words: str = "I waited an hour.",
) -> Analysis:
    """A document of two turns, one opportunity and its answer."""
    apology = Behaviour(
        turn=1,
        behaviour="apology",
        level=None,
        confidence=0.9,
        quote="Sorry",
        start=5.0,
        end=5.5,
        source="model",
    )
    return Analysis(
        recording=Recording(
            id=recording.id,
            sha256=recording.sha256,
            name=recording.name,
            duration=60.0,
            channels=2,
        ),
        versions=Versions(callmon="0.1.0", rubric="en/1", models={"asr": "demo"}),
        turns=(
            turn(0, "customer", words, 3.0, 4.0),
            turn(1, "agent", "Sorry. The number?", 5.0, 6.0),
        ),
        dynamics=None,
        tones=(),
        opportunities=(
            Opportunity(
                id="o1",
                turns=(0,),
                start=3.0,
                end=4.0,
                cue="implicit",
                emotion="frustration",
                valence="negative",
                strength=2,
                confidence=0.8,
                evidence=(),
            ),
        ),
        responses=(Response(opportunity="o1", turn=1, behaviours=(apology,)),),
        agent_behaviours=(apology,),
        outcomes=(
            Outcome(
                opportunity="o1",
                outcome="missed",
                rung="sorry_only",
                delay=None,
                recovered=False,
                reason=None,
            ),
        ),
        commitments=commitments,
        findings=findings,
        commendations=(),
        score=Score(
            value=0.0, met=0, partial=0, missed=1, impeded=0, unscorable=0, interval=None
        ),
        warnings=(),
    )


def turn(index: int, party: str, text: str, start: float, end: float) -> Turn:
    return Turn.model_validate(
        {
            "index": index,
            "party": party,
            "party_confidence": 1.0,
            "start": start,
            "end": end,
            "text": text,
            "speaker": "left" if party == "agent" else "right",
        }
    )
