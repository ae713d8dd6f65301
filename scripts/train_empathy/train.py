"""Trains the text model on the scenes.

python -m scripts.train_empathy.train --start MINILM --out FOLDER
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from scripts.train_empathy.corpus import Scene, read_corpus
from scripts.train_empathy.examples import Example, examples
from scripts.train_empathy.measure import as_text, measure
from scripts.train_empathy.network import Network, load_network, loss_of, targets

TRAINING = Path("models/empathy/training")
LONGEST = 96
"""Tokens of sentence and context; nearly all are shorter."""


class Batches:
    """Examples as tensors, of like lengths together."""

    def __init__(self, tokenizer_file: Path) -> None:
        from tokenizers import Tokenizer

        self.tokenizer = Tokenizer.from_file(str(tokenizer_file))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(LONGEST, strategy="only_second")

    def of(
        self, found: Sequence[Example], *, size: int, rng: random.Random | None
    ) -> Iterator[tuple[list[int], list[Tensor]]]:
        """Places of the examples, and ids, segments, mask, wanted, counts."""
        codes = [
            self.tokenizer.encode(e.reading.text, e.reading.context)
            if e.reading.context
            else self.tokenizer.encode(e.reading.text)
            for e in found
        ]
        order = list(range(len(found)))
        if rng:
            rng.shuffle(order)
        order.sort(key=lambda place: len(codes[place].ids) // 8)
        batches = [order[at : at + size] for at in range(0, len(order), size)]
        if rng:
            rng.shuffle(batches)
        for batch in batches:
            longest = max(len(codes[place].ids) for place in batch)
            rows = [[], [], [], [], []]
            for place in batch:
                code, example = codes[place], found[place]
                gap = [0] * (longest - len(code.ids))
                wanted, counts = targets(example.reading.party, example.labels)
                for row, value in zip(
                    rows,
                    (
                        [*code.ids, *gap],
                        [*code.type_ids, *gap],
                        [*code.attention_mask, *gap],
                        wanted,
                        counts,
                    ),
                    strict=True,
                ):
                    row.append(value)
            yield batch, [torch.tensor(row) for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", type=Path, required=True, help="all-MiniLM-L6-v2")
    parser.add_argument("--data", type=Path, default=TRAINING)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rate", type=float, default=6e-5)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--resume", type=Path, help="go on from a model.pt")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)

    scenes = read_corpus(options.data)
    learning = [scene for scene in scenes if scene.part == "train"]
    choosing = [scene for scene in scenes if scene.part == "choose"]
    batches = Batches(options.start / "tokenizer.json")
    network = load_network(options.start)
    if options.resume:
        network.load_state_dict(torch.load(options.resume, weights_only=True))
    freeze(network)
    train(network, learning, choosing, batches, options)


def freeze(network: Network) -> None:
    """Word vectors stay as they are: the corpus holds few of the words people use."""
    for parameter in network.encoder.embeddings.parameters():
        parameter.requires_grad = False


def train(
    network: Network,
    learning: Sequence[Scene],
    choosing: Sequence[Scene],
    batches: Batches,
    options: argparse.Namespace,
) -> None:
    rng = random.Random(options.seed)
    own = [p for n, p in network.named_parameters() if p.requires_grad and "heads" not in n]
    groups = [
        {"params": own, "lr": options.rate},
        {"params": network.heads.parameters(), "lr": options.rate * 25},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    count = sum(len(list(examples(scene))) for scene in learning)
    steps = options.epochs * (count // 32 + 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(step / (0.06 * steps), max(0.02, 1 - step / steps))
    )
    print(f"{len(learning)} scenes, {count} sentences, about {steps} steps", flush=True)
    began = time.monotonic()
    for epoch in range(options.epochs):
        network.train()
        found = [
            example
            for scene in learning
            for example in examples(scene, rng=rng if rng.random() < 0.5 else None)
        ]
        total = 0.0
        for step, (_, tensors) in enumerate(batches.of(found, size=32, rng=rng)):
            ids, segments, mask, wanted, counts = tensors
            loss = loss_of(network(ids, segments, mask), wanted, counts, smoothing=0.02)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            total += loss.item()
            if step % 50 == 49:
                print(
                    f"  {epoch} {step} {total / (step + 1):.3f}"
                    f" {time.monotonic() - began:.0f} s",
                    flush=True,
                )
        torch.save(network.state_dict(), options.out / "model.pt")
        figures = judge(network, choosing, batches)
        (options.out / f"epoch{epoch}.json").write_text(json.dumps(figures, indent=1))
        print(
            f"epoch {epoch}: loss {total / (step + 1):.3f}\n{as_text(figures)}", flush=True
        )


def judge(network: Network, scenes: Sequence[Scene], batches: Batches) -> dict[str, object]:
    """Figures on scenes as written and as raw recognition."""
    network.eval()
    figures: dict[str, object] = {}
    for name, noise in (("clean", None), ("raw", random.Random(1))):
        found = [e for scene in scenes for e in examples(scene, rng=noise)]
        logits = predict(network, found, batches)
        figures[name] = measure(found, logits.sigmoid().tolist())
    return figures


def predict(network: Network, found: Sequence[Example], batches: Batches) -> Tensor:
    rows: list[Tensor] = [torch.empty(0)] * len(found)
    with torch.inference_mode():
        for places, (ids, segments, mask, _, _) in batches.of(found, size=64, rng=None):
            for place, row in zip(places, network(ids, segments, mask), strict=True):
                rows[place] = row
    return torch.stack(rows)


if __name__ == "__main__":
    main()
