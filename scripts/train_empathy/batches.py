"""Examples as tensors, of like lengths together."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from scripts.train_empathy.examples import Example
from scripts.train_empathy.network import Network, targets

LONGEST = 96
"""Tokens of sentence and context; nearly all are shorter."""

ALIKE = 3
"""Tokens by which sentences of one batch may differ; the shorter ones are filled up."""


class Batches:
    """Cuts examples into batches, with the tokenizer of the model to start from."""

    def __init__(self, tokenizer_file: Path) -> None:
        from tokenizers import Tokenizer

        self.tokenizer = Tokenizer.from_file(str(tokenizer_file))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(LONGEST, strategy="only_second")

    def of(
        self, found: Sequence[Example], *, size: int, rng: random.Random | None
    ) -> Iterator[tuple[list[int], list[Tensor]]]:
        """Places of the examples, and ids, segments, mask, wanted, counts.

        With `rng` in an order of chance, else from the shortest to the longest.
        """
        codes = [
            self.tokenizer.encode(e.reading.text, e.reading.context or None) for e in found
        ]
        order = list(range(len(found)))
        if rng:
            rng.shuffle(order)
        order.sort(key=lambda place: len(codes[place].ids) // ALIKE)
        batches = [order[at : at + size] for at in range(0, len(order), size)]
        if rng:
            rng.shuffle(batches)
        for batch in batches:
            longest = max(len(codes[place].ids) for place in batch)
            rows: list[list[list[float]]] = [[], [], [], [], []]
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


def predict(network: Network, found: Sequence[Example], batches: Batches) -> Tensor:
    """Logits, shape (len(found), columns), in the order of the examples."""
    rows: list[Tensor] = [torch.empty(0)] * len(found)
    with torch.inference_mode():
        for places, (ids, segments, mask, _, _) in batches.of(found, size=64, rng=None):
            for place, row in zip(places, network(ids, segments, mask), strict=True):
                rows[place] = row
    return torch.stack(rows)
