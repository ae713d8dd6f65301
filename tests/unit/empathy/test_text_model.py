from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from callmon.empathy.text_model import Read, TextModel, by_turn
from callmon.errors import MissingModel

COLUMNS = (
    "customer.opportunity",
    "emotion.anger",
    "emotion.joy",
    "strength.1",
    "strength.2",
    "agent.apology",
    "level.commitment:vague",
    "level.commitment:timed",
)


class FakeTokenizer:
    """Gives each pair of texts one token, and keeps the pairs."""

    def __init__(self) -> None:
        self.pairs: list[tuple[str, str | None]] = []

    def encode(self, text: str, context: str | None) -> SimpleNamespace:
        self.pairs.append((text, context))
        return SimpleNamespace(ids=[7], type_ids=[0], attention_mask=[1])


class FakeSession:
    """Answers with these logits, whatever is asked."""

    def __init__(self, *logits: float) -> None:
        self.logits = np.array([logits], dtype=np.float32)
        self.fed: list[dict[str, np.ndarray]] = []

    def run(self, names: list[str], feed: dict[str, np.ndarray]) -> list[np.ndarray]:
        assert names == ["logits"]
        self.fed.append(feed)
        return [self.logits]


def model(*logits: float) -> tuple[TextModel, FakeSession, FakeTokenizer]:
    session, tokenizer = FakeSession(*logits), FakeTokenizer()
    return (
        TextModel(session, tokenizer, columns=COLUMNS, name="fake/1", language="en"),
        session,
        tokenizer,
    )


def test_a_yes_or_no_is_a_sigmoid_and_a_choice_adds_up_to_one(conversation) -> None:
    text_model, _, _ = model(0.0, 2.0, 0.0, 1.0, 1.0, 9.0, 9.0, 9.0)
    (read,) = text_model.read(conversation(("customer", "This is a joke.")))
    assert read.shares["customer.opportunity"] == pytest.approx(0.5)
    assert read.shares["emotion.anger"] == pytest.approx(0.8808, abs=1e-4)
    assert read.shares["emotion.anger"] + read.shares["emotion.joy"] == pytest.approx(1)
    assert read.shares["strength.1"] == pytest.approx(0.5)


def test_each_party_is_asked_only_what_is_about_it(conversation) -> None:
    text_model, _, _ = model(*[0.0] * 8)
    customer, agent = text_model.read(conversation(("customer", "Hi."), ("agent", "Hi.")))
    assert set(customer.shares) == set(COLUMNS[:5])
    assert set(agent.shares) == set(COLUMNS[5:])


def test_an_enormous_logit_is_a_share_still(conversation) -> None:
    text_model, _, _ = model(500.0, 3e38, -3e38, 0.0, 0.0, 0.0, 0.0, 0.0)
    (read,) = text_model.read(conversation(("customer", "Hi.")))
    assert read.shares["customer.opportunity"] == 1.0
    assert read.shares["emotion.anger"] == 1.0


def test_sentences_are_read_one_by_one_with_their_context(conversation) -> None:
    text_model, session, tokenizer = model(*[0.0] * 8)
    text_model.read(conversation(("customer", "It broke."), ("agent", "Oh no. Sorry.")))
    assert tokenizer.pairs == [
        ("customer it broke", None),
        ("agent oh no", "customer it broke"),
        ("agent sorry", "customer it broke agent oh no"),
    ]
    assert [feed["ids"].shape for feed in session.fed] == [(1, 1)] * 3
    assert {feed["mask"].dtype for feed in session.fed} == {np.dtype(np.int64)}


def test_the_likeliest_of_a_head_is_named_without_the_head(conversation) -> None:
    text_model, _, _ = model(0.0, 0.0, 3.0, 0.0, 1.0, 0.0, 0.0, 1.0)
    customer, agent = text_model.read(conversation(("customer", "Hi."), ("agent", "Hi.")))
    assert customer.likeliest("emotion") == "joy"
    assert customer.likeliest("strength") == "2"
    assert agent.likeliest("level") == "commitment:timed"


def test_the_source_tells_the_share_and_the_rules(conversation) -> None:
    text_model, _, _ = model(*[0.0] * 8)
    (read,) = text_model.read(conversation(("customer", "Hi.")))
    assert read.source(0.874, []) == "model 0.87"
    assert read.source(0.874, ["fed_up", "other"]) == "model 0.87 + fed_up + other"


def test_reads_are_gathered_by_turn_in_order(conversation) -> None:
    text_model, _, _ = model(*[0.0] * 8)
    reads = text_model.read(conversation(("customer", "One. Two."), ("agent", "Three.")))

    def plain(of: tuple[Read, ...]) -> list[str]:
        return [read.reading.sentence.plain for read in of]

    assert {turn: plain(of) for turn, of in by_turn(reads).items()} == {
        0: ["one", "two"],
        1: ["three"],
    }


def test_a_folder_without_the_model_is_told_with_the_way_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match="Install callmon again"):
        TextModel.load(tmp_path / "nothing")


def test_a_damaged_model_is_told_in_the_same_way(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text('{"longest": 96, "columns": []}')
    (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(MissingModel, match="cannot be loaded"):
        TextModel.load(tmp_path)
