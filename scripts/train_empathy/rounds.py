"""What one round of the training reads: which scenes how often, and how they are heard."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from scripts.train_empathy.corpus import Scene
from scripts.train_empathy.examples import Example, examples

TIMES = {
    "agents-2.jsonl": 1.5,
    "answers.jsonl": 2.0,
    "banter.jsonl": 1.5,
    "contrasts.jsonl": 2.0,
    "deeds.jsonl": 1.5,
    "dialects.jsonl": 1.5,
    "hard-answers.jsonl": 1.5,
    "hints.jsonl": 2.0,
    "jokers.jsonl": 1.5,
    "lively.jsonl": 1.5,
    "plain.jsonl": 2.0,
    "planned.jsonl": 1.5,
    "quiet-calls.jsonl": 1.5,
    "radio-plays.jsonl": 1.5,
    "rare.jsonl": 1.5,
    "refusals.jsonl": 1.5,
    "spoken.jsonl": 1.5,
    "tellings.jsonl": 2.0,
    "undertones.jsonl": 1.5,
    "whole-calls.jsonl": 1.5,
}
"""How often a round reads the scenes of a file, on average; others once. More for whole
calls, which are what the product meets, for labels that are rare elsewhere, and for what
was written against mistakes."""

UNLABELLED = 0.6
"""Of the sentences without a label, how many a round reads. They are seven in ten, and
most are soon learnt; the time goes to the labelled ones."""

HEARD = 0.5
"""Of the scenes, how many a round reads as raw speech recognition."""


def a_round(learning: Sequence[Scene], rng: random.Random) -> Iterator[Example]:
    """The examples of one round through the scenes, by `TIMES`, `UNLABELLED`, `HEARD`."""
    for scene in learning:
        often = TIMES.get(scene.file, 1.0)
        for _ in range(int(often) + (rng.random() < often % 1)):
            noise = rng if rng.random() < HEARD else None
            for example in examples(scene, rng=noise):
                if example.labels or rng.random() < UNLABELLED:
                    yield example
