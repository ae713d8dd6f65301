"""Analyses made by hand: a short call with one moment that was missed."""

from __future__ import annotations

from typing import Any

from callmon.call import (
    Analysis,
    Commitment,
    Dynamics,
    Evidence,
    Finding,
    FindingKind,
    Opportunity,
    Outcome,
    Recording,
    Response,
    Score,
    Severity,
    Turn,
    Versions,
    Word,
)

TURNS = (
    ("agent", "Thank you for calling, how can I help?"),
    ("customer", "This is the third time I am calling about my parcel."),
    ("agent", "What is your customer number?"),
    ("customer", "Four two seven. I am really fed up."),
    ("agent", "I will send it again by Friday."),
    ("customer", "Thank you."),
)
"""Who says what; each turn takes five seconds, the first begins at 1.0."""


def make_turn(index: int, party: str, text: str) -> Turn:
    """A turn of five seconds, its words spread evenly."""
    start = 1.0 + 6.0 * index
    pieces = text.split()
    each = 5.0 / max(1, len(pieces))
    words = tuple(
        Word(text=p, start=start + n * each, end=start + (n + 1) * each, confidence=0.9)
        for n, p in enumerate(pieces)
    )
    return Turn(
        index=index,
        party=party,  # type: ignore[arg-type]
        party_confidence=0.97,
        start=start,
        end=start + 5.0,
        text=text,
        words=words,
        speaker="left" if party == "agent" else "right",
        confidence=0.9,
    )


def make_finding(
    number: int = 1,
    *,
    kind: FindingKind = "missed_empathy",
    severity: Severity = "medium",
    confidence: float = 0.8,
    turn: int = 2,
) -> Finding:
    """A finding on the moment `o1`, at the answer in `turn`."""
    at = 1.0 + 6.0 * turn
    return Finding(
        id=f"f{number}",
        kind=kind,
        opportunity="o1",
        turn=turn,
        start=at - 6.0,
        end=at + 5.0,
        severity=severity,
        confidence=confidence,
        summary="After 'the third time' the agent asked for the customer number.",
        cleared_by="Naming the repeated calls, then the plan, would have met it.",
        evidence=(
            Evidence(turn=1, start=7.0, end=12.0, quote="the third time", source="model"),
        ),
    )


def make_analysis(
    *,
    turns: tuple[tuple[str, str], ...] = TURNS,
    findings: tuple[Finding, ...] | None = None,
    outcome: str = "missed",
    **changes: Any,
) -> Analysis:
    """The call of `TURNS`: one opportunity in turn 1, answered in turn 2, and a promise.

    `changes` are fields of `Analysis` in place of those made here.
    """
    said = tuple(make_turn(n, party, text) for n, (party, text) in enumerate(turns))
    fields: dict[str, Any] = {
        "recording": Recording(
            id="0" * 16, sha256="0" * 64, name="call.wav", duration=60.0, channels=2
        ),
        "versions": Versions(
            callmon="0.1.0",
            rubric="en/1",
            models={"asr": "demo", "diarizer": None, "empathy": "1", "tone": "1"},
        ),
        "turns": said,
        "dynamics": Dynamics(
            talk={"agent": 15.0, "customer": 15.0},
            silence=30.0,
            overlap=0.0,
            longest_silence=None,
            interruptions=(),
            agent_words_per_minute=120.0,
        ),
        "tones": (),
        "opportunities": (
            Opportunity(
                id="o1",
                turns=(1,),
                start=7.0,
                end=12.0,
                cue="implicit",
                emotion="frustration",
                valence="negative",
                strength=2,
                confidence=0.84,
                evidence=(
                    Evidence(
                        turn=1, start=7.0, end=12.0, quote="the third time", source="model"
                    ),
                ),
            ),
        ),
        "responses": (Response(opportunity="o1", turn=2, behaviours=()),),
        "agent_behaviours": (),
        "outcomes": (
            Outcome(
                opportunity="o1",
                outcome=outcome,  # type: ignore[arg-type]
                rung="ignored" if outcome == "missed" else "acknowledged",
                delay=None if outcome == "missed" else 1.5,
                recovered=False,
                reason=None,
            ),
        ),
        "commitments": (
            Commitment(
                turn=4,
                action="send it again",
                deadline="by Friday",
                due="2026-11-27",
                level="timed",
                quote="I will send it again by Friday.",
                start=25.0,
                end=30.0,
            ),
        ),
        "findings": findings if findings is not None else (make_finding(),),
        "commendations": (),
        "score": Score(
            value=1.0 if outcome == "met" else 0.5 if outcome == "partial" else 0.0,
            met=int(outcome == "met"),
            partial=int(outcome == "partial"),
            missed=int(outcome == "missed"),
            impeded=int(outcome == "impeded"),
            unscorable=int(outcome == "unscorable"),
            interval=(0.0, 0.8),
        ),
        "warnings": (),
    }
    return Analysis(**{**fields, **changes})
