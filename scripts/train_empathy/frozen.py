"""The other design: the sentence encoder as it is, with a logistic head for each label.

    python -m scripts.train_empathy.frozen --start MINILM

Learns on the same scenes and prints the same figures as the training, on the scenes to
choose on and on those of the judging writer.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from scripts.train_empathy.batches import Batches
from scripts.train_empathy.corpus import JUDGING, Scene, read_corpus, read_file
from scripts.train_empathy.examples import Example, examples
from scripts.train_empathy.measure import as_text, measure
from scripts.train_empathy.network import AGENT, COLUMNS, column, load_network, targets
from scripts.train_empathy.train import TRAINING


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", type=Path, required=True, help="all-MiniLM-L6-v2")
    parser.add_argument("--data", type=Path, default=TRAINING)
    parser.add_argument("--every", type=int, default=1, help="learn from each n-th scene")
    options = parser.parse_args()
    encoder = load_network(options.start).encoder.eval()
    batches = Batches(options.start / "tokenizer.json")
    scenes = read_corpus(options.data)
    learning = [scene for scene in scenes if scene.part == "train"][:: options.every]
    found = [example for scene in learning for example in examples(scene)]
    print(f"{len(learning)} scenes, {len(found)} sentences", flush=True)
    heads = learn(found, embed(encoder, found, batches))
    judging = list(read_file(options.data / JUDGING[0]))
    choosing = [scene for scene in scenes if scene.part == "choose"]
    for name, held in (("to choose on", choosing), ("judging writer", judging)):
        print(f"{name}\n{as_text(judge(encoder, heads, held, batches))}", flush=True)


def embed(
    encoder: torch.nn.Module, found: Sequence[Example], batches: Batches
) -> np.ndarray:
    """Means over the sentence and over all, as the network pools them, (n, 768)."""
    rows: list[np.ndarray] = [np.empty(0)] * len(found)
    with torch.inference_mode():
        for places, (ids, segments, mask, _, _) in batches.of(found, size=64, rng=None):
            hidden = encoder(
                input_ids=ids, token_type_ids=segments, attention_mask=mask
            ).last_hidden_state
            everything = mask.unsqueeze(-1).float()
            sentence = everything * (1 - segments).unsqueeze(-1).float()
            pooled = torch.cat(
                [
                    (hidden * weight).sum(1) / weight.sum(1)
                    for weight in (sentence, everything)
                ],
                dim=-1,
            )
            for place, row in zip(places, pooled.numpy(), strict=True):
                rows[place] = row
    return np.stack(rows)


def learn(found: Sequence[Example], points: np.ndarray) -> dict[int, LogisticRegression]:
    heads: dict[int, LogisticRegression] = {}
    for name in ("customer.opportunity", *(f"agent.{label}" for label in AGENT)):
        at = column(name)
        said = [targets(example.reading.party, example.labels) for example in found]
        counts = np.array([count[at] > 0 for _, count in said])
        wanted = np.array([want[at] > 0.5 for want, _ in said])
        head = LogisticRegression(max_iter=2000, C=1.0)
        heads[at] = head.fit(points[counts], wanted[counts])
    return heads


def judge(
    encoder: torch.nn.Module,
    heads: dict[int, LogisticRegression],
    scenes: Sequence[Scene],
    batches: Batches,
) -> dict[str, object]:
    figures: dict[str, object] = {}
    for name, noise in (("clean", None), ("raw", random.Random(1))):
        found = [e for scene in scenes for e in examples(scene, rng=noise)]
        points = embed(encoder, found, batches)
        shares = np.zeros((len(found), len(COLUMNS)))
        for at, head in heads.items():
            shares[:, at] = head.predict_proba(points)[:, 1]
        figures[name] = measure(found, shares.tolist())
    return figures


if __name__ == "__main__":
    main()
