"""Precision, recall and F1 of each label at 0.5, and the threshold where F1 is best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scripts.train_empathy.examples import Example
from scripts.train_empathy.network import AGENT, column, targets

THRESHOLDS = tuple(step / 20 for step in range(2, 19))

Pairs = Sequence[tuple[float, bool]]
"""The model's share and whether the label is there."""


def measure(
    found: Sequence[Example], shares: Sequence[Sequence[float]]
) -> dict[str, dict[str, float]]:
    figures = {}
    for name in ("customer.opportunity", *(f"agent.{label}" for label in AGENT)):
        at, party = column(name), name.split(".")[0]
        pairs = []
        for example, row in zip(found, shares, strict=True):
            wanted, counts = targets(example.reading.party, example.labels)
            if example.reading.party == party and counts[at]:
                pairs.append((row[at], wanted[at] > 0.5))
        if pairs:
            figures[name] = _figures(pairs)
    return figures


def _figures(pairs: Pairs) -> dict[str, float]:
    f1, precision, recall = _f1(pairs, 0.5)
    # Of equals the one nearest to a half.
    best = max(THRESHOLDS, key=lambda t: (_f1(pairs, t)[0], -abs(t - 0.5)))
    return {
        "cases": sum(wanted for _, wanted in pairs),
        "f1": round(f1, 3),
        "precision": round(precision, 3),
        "recall": round(recall, 3),
        "best_f1": round(_f1(pairs, best)[0], 3),
        "threshold": best,
    }


def _f1(pairs: Pairs, threshold: float) -> tuple[float, float, float]:
    hit = sum(wanted and share >= threshold for share, wanted in pairs)
    said = sum(share >= threshold for share, _ in pairs)
    real = sum(wanted for _, wanted in pairs)
    return 2 * hit / max(said + real, 1), hit / max(said, 1), hit / max(real, 1)


def as_text(figures: dict[str, Any]) -> str:
    lines = []
    for name in figures["clean"]:
        parts = [f"  {name:<32}"]
        for kind in ("clean", "raw"):
            if f := figures[kind].get(name):
                parts.append(
                    f"{kind} F1 {f['f1']:.2f} P {f['precision']:.2f} R {f['recall']:.2f}"
                    f" (best {f['best_f1']:.2f} at {f['threshold']:.2f};"
                    f" {f['cases']:.0f})"
                )
        lines.append("   ".join(parts))
    return "\n".join(lines)
