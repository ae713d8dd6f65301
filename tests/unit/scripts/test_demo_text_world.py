"""The text world of the demo model keeps the sample calls' sentences out and their words
in.
"""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path
from types import ModuleType

import pytest

MODULE = (
    Path(__file__).resolve().parents[3] / "scripts" / "train_demo_asr" / "text_world.py"
)


@pytest.fixture(scope="module")
def world() -> ModuleType:
    spec = importlib.util.spec_from_file_location("text_world", MODULE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_normalise_keeps_words_only(world: ModuleType) -> None:
    assert world.normalise("No, that's ALL.  Thanks!") == "no that's all thanks"


def test_a_text_leaks_when_one_of_its_sentences_is_reserved(world: ModuleType) -> None:
    reserved = {"can i wait there"}
    assert world.leaked_sentences(
        ["Okay. Can I wait there?", "Can I wait at home?"], reserved
    ) == ["Okay. Can I wait there?"]


def test_whole_turns_and_their_sentences_are_reserved(
    world: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "call.toml").write_text('[[turns]]\ntext = "Hello there. How are you?"\n')
    assert {
        "hello there how are you",
        "hello there",
        "how are you",
    } <= world.reserved_sentences(tmp_path)


def test_no_sentence_of_the_sample_calls_or_the_judging_set_is_in_the_world(
    world: ModuleType,
) -> None:
    texts = world.make_texts(4000, seed=1)
    assert world.leaked_sentences(texts, world.reserved_sentences()) == []


def test_hand_written_training_sentences_are_not_reserved(world: ModuleType) -> None:
    lines = world.read_lines("sentences.txt")
    assert len(lines) > 300
    assert world.leaked_sentences(lines, world.reserved_sentences()) == []


def test_every_word_of_the_sample_calls_is_in_the_world(world: ModuleType) -> None:
    known = {word.lower() for word in world.vocabulary()}
    spoken = {
        word for turn in world.sample_turns() for word in world.normalise(turn).split()
    }
    assert spoken - known == set()


def test_held_out_texts_are_not_in_training(world: ModuleType) -> None:
    training = world.make_texts(500, seed=1)
    held = world.held_out_texts(40, training=training, seed=2)
    assert not {world.normalise(t) for t in held} & {world.normalise(t) for t in training}


def test_slots_are_filled(world: ModuleType) -> None:
    draw = random.Random(0)
    assert all("{" not in world.sentence(draw) for _ in range(300))


def test_the_same_seed_gives_the_same_texts(world: ModuleType) -> None:
    assert world.make_texts(450, seed=4) == world.make_texts(450, seed=4)
