"""The calls that the text model learns from: their form, and what must not be in them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from callmon.call import BehaviourName, Cue, Emotion
from callmon.samples import samples
from scripts.train_empathy.corpus import JUDGING, Scene, read_corpus, read_file

TRAINING = Path(__file__).parents[3] / "models" / "empathy" / "training"
LEVELS = {
    "acknowledgement": {"specific", "generic"},
    "commitment": {"timed", "concrete", "vague"},
}
TELLING = 7
"""Words from which the same sentence in two places is no coincidence ..."""
FORMULAS = frozenset(
    {
        "is there anything else i can do for you",
        "is there anything else i can help with",
        "is there anything else i can help you with",
        "is there anything else i can help you with today",
        "anything else i can do for you",
        "anything else i can do for you today",
        "let me see what i can do for you",
        "and the first line of the address",
    }
)
"""... but for what every agent says."""


def judging_scenes() -> list[Scene]:
    return [scene for name in JUDGING for scene in read_file(TRAINING / name)]


def every_scene() -> list[Scene]:
    return [*read_corpus(TRAINING), *judging_scenes()]


def plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9']+", text.lower()))


def test_every_label_is_one_of_the_scheme() -> None:
    for scene in every_scene():
        for line in scene.lines:
            for label in line.labels:
                name, _, rest = label.partition(":")
                if line.party == "customer":
                    emotion, _, strength = rest.partition(":")
                    assert name in get_args(Cue), label
                    assert emotion in get_args(Emotion), label
                    assert strength in ("1", "2", "3"), label
                else:
                    assert name in get_args(BehaviourName), label
                    assert not rest or rest in LEVELS.get(name, set()), label


def test_no_scenario_is_there_twice() -> None:
    names = [scene.scenario for scene in every_scene()]
    assert len(names) == len(set(names))


def test_training_never_reads_the_judging_writer() -> None:
    judging = {scene.scenario for scene in judging_scenes()}
    assert {scene.file for scene in judging_scenes()} == set(JUDGING)
    assert not judging & {scene.scenario for scene in read_corpus(TRAINING)}


def test_every_part_of_the_corpus_has_scenes() -> None:
    parts = [scene.part for scene in read_corpus(TRAINING)]
    assert {"train", "choose", "judge"} == set(parts)
    assert parts.count("train") > 0.8 * len(parts)


def said_in_training() -> set[str]:
    return {plain(line.text) for scene in every_scene() for line in scene.lines}


def telling(texts: list[str]) -> set[str]:
    sentences = {plain(part) for text in texts for part in re.split(r"[.!?]+", text)}
    long = {sentence for sentence in sentences if len(sentence.split()) >= TELLING}
    return long - FORMULAS


def test_no_sentence_of_the_sample_calls_is_in_it() -> None:
    turns = [t["text"] for sample in samples() for t in sample.dialogue["turns"]]
    assert not telling(turns) & said_in_training()


def test_no_sentence_of_the_labelled_dialogues_is_in_it(shared: Path) -> None:
    calls = sorted((shared / "dialogues" / "calls").glob("*.json"))
    if not calls:
        pytest.skip("the labelled dialogues are not there")
    turns = [t["text"] for call in calls for t in json.loads(call.read_text())["turns"]]
    assert not telling(turns) & said_in_training()
