"""The text model: one small encoder, one set of heads for each party's sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

CUSTOMER = ("opportunity", "explicit", "negative")
EMOTIONS = (
    *("frustration", "anger", "disappointment", "anxiety", "sadness"),
    *("confusion", "distrust", "embarrassment", "relief", "joy"),
)
STRENGTHS = ("1", "2", "3")
AGENT = (
    *("acknowledgement", "acknowledgement:specific", "mirroring", "exploration"),
    *("commitment", "resolution_done", "ownership", "apology", "sympathy"),
    *("self_disclosure", "reassurance", "patience_thanks", "dismissal", "rapport"),
)
LEVELS = ("commitment:vague", "commitment:concrete", "commitment:timed")
HEADS = {
    "customer": CUSTOMER,
    "emotion": EMOTIONS,
    "strength": STRENGTHS,
    "agent": AGENT,
    "level": LEVELS,
}
"""Outputs in the order of the columns; emotion, strength and level are one of several."""

COLUMNS = tuple(f"{head}.{name}" for head, names in HEADS.items() for name in names)


def column(name: str) -> int:
    return COLUMNS.index(name)


class Network(nn.Module):
    """BERT encoder; the mean over the sentence, and over all, to linear heads."""

    def __init__(self, encoder: Any, *, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        width = encoder.config.hidden_size
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.Linear(2 * width, len(COLUMNS))

    def forward(self, ids: Tensor, segments: Tensor, mask: Tensor) -> Tensor:
        """Logits, shape (batch, len(COLUMNS)), from (batch, tokens) each."""
        hidden = self.encoder(
            input_ids=ids, token_type_ids=segments, attention_mask=mask
        ).last_hidden_state
        everything = mask.unsqueeze(-1).to(hidden.dtype)
        sentence = everything * (1 - segments).unsqueeze(-1).to(hidden.dtype)
        pooled = [
            (hidden * weight).sum(1) / weight.sum(1).clamp(min=1)
            for weight in (sentence, everything)
        ]
        return self.heads(self.dropout(torch.cat(pooled, dim=-1)))


def load_network(start: Path) -> Network:
    """From the sentence encoder that training starts from."""
    from transformers import BertModel

    return Network(
        BertModel.from_pretrained(
            str(start), add_pooling_layer=False, attn_implementation="eager"
        )
    )


def targets(party: str, labels: frozenset[str]) -> tuple[list[float], list[float]]:
    """What the network should say, and where that counts, for each column."""
    wanted, counts = [0.0] * len(COLUMNS), [0.0] * len(COLUMNS)
    if party == "customer":
        moments = [label.split(":") for label in labels]
        counts[column("customer.opportunity")] = 1.0
        if moments:
            _, emotion, strength = max(moments, key=lambda m: (m[2], m[0]))
            wanted[column("customer.opportunity")] = 1.0
            wanted[column("customer.explicit")] = float(
                any(cue == "explicit" for cue, _, _ in moments)
            )
            wanted[column("customer.negative")] = float(emotion not in ("relief", "joy"))
            wanted[column(f"emotion.{emotion}")] = 1.0
            wanted[column(f"strength.{strength}")] = 1.0
            for name in COLUMNS:
                if name.split(".")[0] in ("customer", "emotion", "strength"):
                    counts[column(name)] = 1.0
        return wanted, counts
    for name in AGENT:
        counts[column(f"agent.{name}")] = 1.0
    names = {label.split(":")[0] for label in labels}
    for name in AGENT:
        wanted[column(f"agent.{name}")] = float(name in labels or name in names)
    if "acknowledgement" not in names:
        counts[column("agent.acknowledgement:specific")] = 0.0
    if "commitment" in names:
        for name in LEVELS:
            counts[column(f"level.{name}")] = 1.0
        held = next(name for name in (LEVELS[2], LEVELS[1], LEVELS[0]) if name in labels)
        wanted[column(f"level.{held}")] = 1.0
    return wanted, counts


def loss_of(logits: Tensor, wanted: Tensor, counts: Tensor, *, smoothing: float) -> Tensor:
    """Binary cross-entropy of the free columns and cross-entropy of the choices."""
    total = logits.new_zeros(())
    for head, names in HEADS.items():
        first = column(f"{head}.{names[0]}")
        part = slice(first, first + len(names))
        said, want, count = logits[:, part], wanted[:, part], counts[:, part]
        if head in ("customer", "agent"):
            soft = want * (1 - 2 * smoothing) + smoothing
            each = nn.functional.binary_cross_entropy_with_logits(
                said, soft, reduction="none"
            )
            total = total + (each * count).sum() / len(logits)
        elif (rows := count[:, 0] > 0).any():
            each = nn.functional.cross_entropy(
                said[rows], want[rows], label_smoothing=0.1, reduction="sum"
            )
            total = total + 0.5 * each / len(logits)
    return total
