"""A call built by hand, and a model that answers what it is told to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callmon.call import (
    Analysis,
    Evidence,
    Finding,
    Opportunity,
    Party,
    Recording,
    Score,
    Turn,
    Versions,
)
from callmon.opinion.asker import NoAnswer

AGREES = '{"opinion": "agree", "reason": "The agent only asks for a number."}'

SAID: tuple[tuple[Party, str], ...] = (
    ("agent", "Good morning, this is Petra from Acme."),
    ("customer", "Hello, my name is Jane Doe."),
    ("agent", "How can I help?"),
    ("customer", "This is the third time I've called, I'm fed up."),
    ("agent", "Can I take your card number?"),
    ("customer", "4111 1111 1111 1111."),
    ("agent", "Thank you, Jane."),
    ("customer", "So what happens now?"),
    ("agent", "It will be looked at."),
    ("customer", "Something much later."),
    ("agent", "Goodbye."),
)


class Told:
    """An Asker with an answer for each question; None is a model that does not answer."""

    name = "told"

    def __init__(self, answers: Iterable[str | None]) -> None:
        self._answers = iter(answers)
        self.asked: list[str] = []

    def ask(self, system: str, user: str) -> str:
        self.asked.append(user)
        answer = next(self._answers)
        if answer is None:
            raise NoAnswer("The model was not there.")
        return answer


def finding(name: str = "f1", *, confidence: float = 0.5, **rest: Any) -> Finding:
    values: dict[str, Any] = {
        "kind": "missed_empathy",
        "opportunity": "o1",
        "turn": 4,
        "start": None,
        "end": None,
        "severity": "high",
        "summary": "Jane Doe was asked for 4111 1111 1111 1111.",
        "cleared_by": "A word.",
        "evidence": (
            Evidence(turn=3, start=None, end=None, quote="I'm fed up", source="model"),
        ),
    }
    return Finding(id=name, confidence=confidence, **{**values, **rest})


def call(*findings: Finding, said: Iterable[tuple[Party, str]] = SAID) -> Analysis:
    return Analysis(
        recording=Recording(
            id="secret-id",
            sha256="0" * 64,
            name="secret-name.wav",
            duration=None,
            channels=None,
            metadata={"agent": "Novak", "customer": "secret-customer"},
        ),
        versions=Versions(callmon="0", rubric="en/1", models={}),
        turns=tuple(
            Turn(
                index=index,
                party=party,
                party_confidence=1.0,
                start=None,
                end=None,
                text=text,
                speaker=f"secret-{party}",
            )
            for index, (party, text) in enumerate(said)
        ),
        dynamics=None,
        tones=(),
        opportunities=(
            Opportunity(
                id="o1",
                turns=(3,),
                start=None,
                end=None,
                cue="implicit",
                emotion="frustration",
                valence="negative",
                strength=2,
                confidence=0.9,
                evidence=(),
            ),
        ),
        responses=(),
        agent_behaviours=(),
        outcomes=(),
        commitments=(),
        findings=findings,
        commendations=(),
        score=Score(
            value=0.0,
            met=0,
            partial=0,
            missed=1,
            impeded=0,
            unscorable=0,
            interval=(0.0, 0.79),
        ),
        warnings=(),
    )
