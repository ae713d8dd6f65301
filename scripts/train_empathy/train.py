"""Trains the text model on the scenes, in one go.

python -m scripts.train_empathy.train --start MINILM --out FOLDER --minutes 60

The length is given in minutes or, to repeat a go, in steps. A go that was stopped goes on
from its `checkpoint.pt` with `--resume`.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from scripts.train_empathy.batches import Batches, predict
from scripts.train_empathy.corpus import Scene, read_corpus
from scripts.train_empathy.examples import examples
from scripts.train_empathy.measure import as_text, measure
from scripts.train_empathy.network import Network, load_network, loss_of
from scripts.train_empathy.rounds import a_round
from scripts.train_empathy.schedule import Length, share_of_rate

TRAINING = Path("models/empathy/training")

SIZE = 32
RATE, HEADS_TIMES = 6e-5, 25.0
"""Of the encoder; the heads begin at nothing and learn faster."""

SMOOTHING = 0.02
SAVED_EVERY = 250
"""Steps."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", type=Path, required=True, help="all-MiniLM-L6-v2")
    parser.add_argument("--data", type=Path, default=TRAINING)
    parser.add_argument("--out", type=Path, required=True)
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--minutes", type=float)
    length.add_argument("--steps", type=int)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--weights", type=Path, help="a model.pt to begin with")
    parser.add_argument("--resume", type=Path, help="a checkpoint.pt to go on from")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)

    scenes = read_corpus(options.data)
    learning = [scene for scene in scenes if scene.part == "train"]
    print(f"{len(learning)} of {len(scenes)} scenes to learn from", flush=True)
    batches = Batches(options.start / "tokenizer.json")
    network = load_network(options.start)
    if options.weights:
        network.load_state_dict(torch.load(options.weights, weights_only=True))
    freeze(network)
    train(
        network,
        learning,
        batches,
        length=Length(options.minutes, options.steps),
        seed=options.seed,
        out=options.out,
        resume=options.resume,
    )
    torch.save(network.state_dict(), options.out / "model.pt")
    figures = judge(network, [scene for scene in scenes if scene.part == "choose"], batches)
    (options.out / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(as_text(figures))


def freeze(network: Network) -> None:
    """Word vectors stay as they are: the corpus holds few of the words people use."""
    for parameter in network.encoder.embeddings.parameters():
        parameter.requires_grad = False


def train(
    network: Network,
    learning: Sequence[Scene],
    batches: Batches,
    *,
    length: Length,
    seed: int,
    out: Path,
    resume: Path | None = None,
) -> None:
    """Changes the network; writes `checkpoint.pt` from time to time."""
    own = [p for n, p in network.named_parameters() if p.requires_grad and "heads" not in n]
    optimizer = torch.optim.AdamW(
        [
            {"params": own, "highest": RATE},
            {"params": list(network.heads.parameters()), "highest": RATE * HEADS_TIMES},
        ],
        lr=RATE,
        weight_decay=0.01,
        fused=True,
    )
    step, before, number = 0, 0.0, 0
    if resume:
        state = torch.load(resume, weights_only=True)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        step, before, number = state["step"], state["seconds"], state["round"] + 1
    network.train()
    began = time.monotonic() - before
    while True:
        # A seed for each round, so that a resumed go draws what it would have drawn.
        rng = random.Random(f"{seed} {number}")
        found = list(a_round(learning, rng))
        print(f"round {number}: {len(found)} sentences", flush=True)
        total, counted = 0.0, 0
        for _, (ids, segments, mask, wanted, counts) in batches.of(
            found, size=SIZE, rng=rng
        ):
            seconds = time.monotonic() - began
            progress = length.progress(steps=step, seconds=seconds)
            if progress >= 1:
                print(f"{step} steps, {seconds / 60:.0f} minutes", flush=True)
                return
            for group in optimizer.param_groups:
                group["lr"] = group["highest"] * share_of_rate(progress)
            loss = loss_of(
                network(ids, segments, mask), wanted, counts, smoothing=SMOOTHING
            )
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            step, total, counted = step + 1, total + loss.item(), counted + 1
            if step % 50 == 0:
                print(
                    f"  step {step} loss {total / counted:.3f} {seconds:.0f} s"
                    f" {progress:.0%}",
                    flush=True,
                )
                total, counted = 0.0, 0
            if step % SAVED_EVERY == 0:
                save(out / "checkpoint.pt", network, optimizer, step, seconds, number)
        number += 1


def save(
    file: Path,
    network: Network,
    optimizer: torch.optim.Optimizer,
    step: int,
    seconds: float,
    number: int,
) -> None:
    state = {
        "network": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": step,
        "seconds": seconds,
        "round": number,
    }
    torch.save(state, file.with_suffix(".new"))
    file.with_suffix(".new").replace(file)


def judge(network: Network, scenes: Sequence[Scene], batches: Batches) -> dict[str, object]:
    """Figures on scenes as written and as raw recognition."""
    network.eval()
    figures: dict[str, object] = {}
    for name, noise in (("clean", None), ("raw", random.Random(1))):
        found = [e for scene in scenes for e in examples(scene, rng=noise)]
        logits = predict(network, found, batches)
        figures[name] = measure(found, logits.sigmoid().tolist())
    return figures


if __name__ == "__main__":
    main()
