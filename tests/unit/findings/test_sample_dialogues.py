"""The line from words to findings, over the written dialogues of the sample calls."""

from __future__ import annotations

import json
import random
from itertools import pairwise

import pytest

from callmon.call import (
    Dynamics,
    Finding,
    Interruption,
    Interval,
    Opportunity,
    Outcome,
    Turn,
)
from callmon.empathy.rubric_file import load_rubric
from callmon.findings.rules import load_rules
from callmon.intervals import complement
from callmon.judgement import judge_words
from callmon.samples import Sample, samples
from callmon.speech.turns import is_backchannel_text

RUBRIC = load_rubric()
RULES = load_rules(RUBRIC.findings, common=RUBRIC.common)
SAMPLES = [pytest.param(sample, id=sample.name) for sample in samples()]
ERRORS = 0.08
"""Share of words that a recogniser of the sample calls is expected to get wrong."""


def dialogue(sample: Sample) -> list[Turn]:
    return [
        Turn(
            index=index,
            party=segment.party or "unknown",
            party_confidence=1.0,
            start=segment.start,
            end=segment.end,
            text=segment.text,
            speaker=segment.speaker,
            backchannel=is_backchannel_text(segment.text),
        )
        for index, segment in enumerate(sample.transcript())
    ]


def raw(turns: list[Turn], *, errors: float = 0.0, seed: int = 0) -> list[Turn]:
    """As a recogniser without punctuation writes it, with some words lost or misheard."""
    chance = random.Random(seed)

    def heard(text: str) -> str:
        words = "".join(c for c in text.lower() if c.isalnum() or c in " '").split()
        kept = [
            chance.choice(["", "the", "well", word[:-1]])
            if chance.random() < errors
            else word
            for word in words
        ]
        return " ".join(word for word in kept if word)

    return [turn.model_copy(update={"text": heard(turn.text)}) for turn in turns]


def dynamics(sample: Sample, turns: list[Turn]) -> Dynamics:
    times = [Interval(start=t.start or 0.0, end=t.end or 0.0) for t in turns]
    seconds = json.loads(sample.recording.with_suffix(".times.json").read_text())["seconds"]
    return Dynamics(
        talk={},
        silence=0.0,
        overlap=0.0,
        longest_silence=None,
        interruptions=tuple(
            Interruption(
                by=after.party,
                turn=after.index,
                interrupted=before.index,
                start=after.start or 0.0,
                end=before.end or 0.0,
            )
            for before, after in pairwise(turns)
            if (after.start or 0.0) < (before.end or 0.0) and not after.backchannel
        ),
        agent_words_per_minute=None,
        silences=tuple(
            s for s in complement(times, start=0.0, end=seconds) if s.duration >= 2
        ),
    )


def judged(
    sample: Sample, turns: list[Turn]
) -> tuple[tuple[Opportunity, ...], tuple[Outcome, ...], tuple[Finding, ...]]:
    found = judge_words(turns, RUBRIC, RULES, dynamics=dynamics(sample, turns))
    return found.opportunities, found.outcomes, found.findings


@pytest.mark.parametrize("written", [True, False], ids=["written", "raw"])
@pytest.mark.parametrize("sample", SAMPLES)
def test_the_planned_findings_are_found_and_no_others(
    sample: Sample, written: bool
) -> None:
    turns = dialogue(sample)
    _, _, findings = judged(sample, turns if written else raw(turns))
    planned = sample.dialogue["expected"]["findings"]
    assert {(f.kind, f.turn) for f in findings} == {(p["kind"], p["turn"]) for p in planned}


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_planned_opportunities_have_the_planned_outcomes(sample: Sample) -> None:
    opportunities, outcomes, _ = judged(sample, dialogue(sample))
    planned = sample.dialogue["expected"]["opportunities"]
    seen = [
        (o.emotion, o.cue, o.strength, outcome.outcome, outcome.rung)
        for o, outcome in zip(opportunities, outcomes, strict=True)
    ]
    assert seen == [
        (p["emotion"], p["cue"], p["strength"], p["outcome"], p["rung"]) for p in planned
    ]
    for opportunity, plan in zip(opportunities, planned, strict=True):
        assert set(opportunity.turns) & set(plan["turns"])


def test_recognition_errors_lose_few_findings_and_invent_few() -> None:
    planned = hit = invented = 0
    for sample in samples():
        wanted = {f["kind"] for f in sample.dialogue["expected"]["findings"]}
        for seed in range(5):
            turns = raw(dialogue(sample), errors=ERRORS, seed=seed)
            kinds = {f.kind for f in judged(sample, turns)[2]}
            planned += len(wanted)
            hit += len(wanted & kinds)
            invented += len(kinds - wanted)
    assert hit / planned >= 0.85
    assert invented / (5 * len(samples())) <= 0.5
