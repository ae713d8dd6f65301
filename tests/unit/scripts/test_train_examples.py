"""Scenes as calls: what the model reads of them, and what it should say."""

from __future__ import annotations

import random

from scripts.train_empathy.corpus import Line, Scene
from scripts.train_empathy.examples import examples, told

ANGRY = ("explicit:anger:2",)


def scene(*lines: tuple[str, str, tuple[str, ...]]) -> Scene:
    return Scene(
        file="goods.jsonl",
        scenario="a lamp",
        trade="shop",
        who="caller",
        lines=tuple(Line(*line) for line in lines),
    )


def test_sentences_of_one_party_are_one_turn_and_keep_their_labels() -> None:
    call = told(
        scene(
            ("customer", "The lamp is here.", ()),
            ("customer", "I am furious.", ANGRY),
            ("agent", "Oh dear.", ("sympathy",)),
        )
    )
    assert [(turn.party, turn.text) for turn in call.turns] == [
        ("customer", "The lamp is here. I am furious."),
        ("agent", "Oh dear."),
    ]
    assert call.labels(0) == {"explicit:anger:2"}
    assert call.labels(1) == {"sympathy"}


def test_each_sentence_is_read_with_its_own_labels() -> None:
    read = examples(
        scene(("customer", "The lamp is here.", ()), ("customer", "I am furious.", ANGRY))
    )
    assert [(e.reading.sentence.plain, set(e.labels)) for e in read] == [
        ("the lamp is here", set()),
        ("i am furious", set(ANGRY)),
    ]


def test_labels_of_a_line_with_two_sentences_go_to_the_longer() -> None:
    text = "No. I waited for this lamp the whole long day and it is green."
    read = list(examples(scene(("customer", text, ANGRY))))
    assert [(e.reading.sentence.plain, bool(e.labels)) for e in read][:2] == [
        ("no", False),
        ("i waited for this lamp the whole long day and it is green", True),
    ]


def test_a_part_with_less_than_half_of_a_labelled_line_is_left_out() -> None:
    # The label may belong to either sentence: only one that holds half of it counts.
    text = "The lamp came in two parts. I waited at home for it and nobody rang."
    read = list(examples(scene(("customer", text, ANGRY))))
    assert [(e.reading.sentence.plain, bool(e.labels)) for e in read] == [
        ("i waited at home for it and nobody rang", True)
    ]


def test_raw_text_is_the_same_for_the_same_seed_and_has_no_punctuation() -> None:
    long = scene(
        *(("customer", "Well, I'd waited, and their lamp's green.", ()) for _ in range(9))
    )
    one, other = (told(long, rng=random.Random(5)) for _ in range(2))
    assert one.turns == other.turns
    assert "," not in one.turns[0].text
    assert one.turns != told(long, rng=random.Random(6)).turns
