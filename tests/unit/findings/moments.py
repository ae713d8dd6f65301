"""Builders of hand-made values with sensible rest."""

from __future__ import annotations

from typing import Any

from callmon.call import Behaviour, Evidence, Opportunity, Party, Turn


def turn(index: int, party: Party, text: str = "Something is said.", **rest: Any) -> Turn:
    """Four seconds of speech every five seconds."""
    values: dict[str, Any] = {
        "party_confidence": 1.0,
        "start": 5.0 * index,
        "end": 5.0 * index + 4.0,
        "speaker": party,
    }
    return Turn(index=index, party=party, text=text, **{**values, **rest})


def moment(*turns: int, quote: str = "I'm so fed up", **rest: Any) -> Opportunity:
    values: dict[str, Any] = {
        "id": "o1",
        "start": 5.0 * turns[0],
        "end": 5.0 * turns[-1] + 4.0,
        "cue": "explicit",
        "emotion": "frustration",
        "valence": "negative",
        "strength": 2,
        "confidence": 0.9,
        "evidence": (
            Evidence(
                turn=turns[-1],
                start=5.0 * turns[-1],
                end=5.0 * turns[-1] + 4.0,
                quote=quote,
                source="feels.fed_up",
            ),
        ),
    }
    return Opportunity(turns=turns, **{**values, **rest})


def did(index: int, name: str, level: str | None = None, quote: str = "words") -> Behaviour:
    return Behaviour(
        turn=index,
        behaviour=name,
        level=level,
        confidence=0.9,
        quote=quote,
        start=5.0 * index + 1,
        end=5.0 * index + 2,
        source="rule",
    )
