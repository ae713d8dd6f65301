"""What a round of the training reads, and how fast it learns."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from scripts.train_empathy.corpus import Line, Scene
from scripts.train_empathy.rounds import TIMES, UNLABELLED, a_round
from scripts.train_empathy.schedule import WARM, Length, share_of_rate


def scene(number: int, *, file: str = "goods.jsonl") -> Scene:
    return Scene(
        file=file,
        scenario=f"{file} {number}",
        trade="shop",
        who="caller",
        lines=(
            Line("agent", "Good morning, the shop.", ()),
            Line("customer", "I am so angry about this lamp.", ("explicit:anger:2",)),
        ),
    )


def test_every_labelled_sentence_is_read_and_some_of_the_others() -> None:
    scenes = [scene(number) for number in range(400)]
    read = list(a_round(scenes, random.Random(1)))
    labelled = sum(bool(example.labels) for example in read)
    assert labelled == 400
    assert (len(read) - labelled) / 400 == pytest.approx(UNLABELLED, abs=0.1)


def test_a_file_is_read_as_often_as_its_times_say() -> None:
    file = next(name for name, often in TIMES.items() if often == 1.5)
    scenes = [scene(number, file=file) for number in range(400)]
    read = Counter(
        example.scenario for example in a_round(scenes, random.Random(1)) if example.labels
    )
    assert set(read.values()) == {1, 2}
    assert sum(read.values()) / 400 == pytest.approx(1.5, abs=0.1)


def test_the_same_seed_reads_the_same() -> None:
    scenes = [scene(number) for number in range(20)]
    one, other = (list(a_round(scenes, random.Random("7 0"))) for _ in range(2))
    assert one == other
    assert one != list(a_round(scenes, random.Random("7 1")))


def test_the_rate_rises_then_falls_to_nearly_nothing() -> None:
    assert share_of_rate(0.0) == 0.0
    assert share_of_rate(WARM) == pytest.approx(1.0)
    assert share_of_rate(0.5) == pytest.approx(0.5 / (1 - WARM))
    assert 0 < share_of_rate(1.0) < 0.05


def test_the_length_is_in_minutes_or_in_steps() -> None:
    assert Length(minutes=10.0, steps=None).progress(steps=7, seconds=300.0) == 0.5
    assert Length(minutes=None, steps=100).progress(steps=25, seconds=9e9) == 0.25
