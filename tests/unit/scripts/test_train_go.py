"""The training itself, with an encoder of a few numbers."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn

from scripts.train_empathy import train as go
from scripts.train_empathy.batches import Batches, predict
from scripts.train_empathy.corpus import Line, Scene
from scripts.train_empathy.examples import examples
from scripts.train_empathy.network import COLUMNS, Network, column
from scripts.train_empathy.schedule import Length

TOKENIZER = Path(__file__).parents[3] / "models" / "empathy" / "tokenizer.json"
WIDTH = 32


class Encoder(nn.Module):
    """Word vectors and one layer."""

    def __init__(self) -> None:
        super().__init__()
        self.config = SimpleNamespace(hidden_size=WIDTH)
        self.embeddings = nn.Embedding(30522, WIDTH)
        self.layer = nn.Linear(WIDTH, WIDTH)

    def forward(
        self, *, input_ids: Tensor, token_type_ids: Tensor, attention_mask: Tensor
    ) -> SimpleNamespace:
        return SimpleNamespace(last_hidden_state=self.layer(self.embeddings(input_ids)))


def network() -> Network:
    torch.manual_seed(1)
    made = Network(Encoder())
    go.freeze(made)
    return made


def scenes(count: int = 40) -> list[Scene]:
    return [
        Scene(
            file="goods.jsonl",
            scenario=f"lamp {number}",
            trade="shop",
            who="caller",
            lines=(
                Line("customer", f"I am furious, number {number}.", ("explicit:anger:3",)),
                Line("agent", "I am so sorry.", ("apology",)),
                Line("agent", f"The lamp costs {number} pounds.", ()),
            ),
        )
        for number in range(count)
    ]


@pytest.fixture(scope="module")
def batches() -> Batches:
    return Batches(TOKENIZER)


def train(made: Network, batches: Batches, out: Path, *, steps: int, **rest: Path) -> None:
    length = Length(minutes=None, steps=steps)
    go.train(made, scenes(), batches, length=length, seed=7, out=out, **rest)


def test_word_vectors_stay_and_the_rest_learns(batches: Batches, tmp_path: Path) -> None:
    made, fresh = network(), network()
    train(made, batches, tmp_path, steps=6)
    state, before = made.state_dict(), fresh.state_dict()
    changed = {name for name in state if not torch.equal(state[name], before[name])}
    assert "encoder.embeddings.weight" not in changed
    assert {"encoder.layer.weight", "heads.weight"} <= changed


def test_it_learns_which_sentence_carries_what(
    batches: Batches, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(go, "RATE", 5e-3)
    monkeypatch.setattr(go, "HEADS_TIMES", 4.0)
    made = network()
    train(made, batches, tmp_path, steps=120)
    made.eval()
    sorry, lamp = list(examples(scenes(1)[0]))[-2:]
    shares = predict(made, [sorry, lamp], batches)[:, column("agent.apology")].sigmoid()
    assert shares[0] > 0.7 > 0.3 > shares[1]


def test_a_go_that_was_stopped_goes_on_from_its_checkpoint(
    batches: Batches,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(go, "SAVED_EVERY", 4)
    train(network(), batches, tmp_path, steps=5)
    made = network()
    train(made, batches, tmp_path, steps=9, resume=tmp_path / "checkpoint.pt")
    assert "9 steps" in capsys.readouterr().out
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert state["step"] == 8


def test_predictions_come_in_the_order_of_the_examples(batches: Batches) -> None:
    made = network().eval()
    found = [example for scene in scenes(9) for example in examples(scene)]
    together = predict(made, found, batches)
    assert together.shape == (len(found), len(COLUMNS))
    for place in (0, 7, len(found) - 1):
        alone = predict(made, [found[place]], batches)
        assert torch.allclose(together[place], alone[0], atol=1e-5)
