"""Chooses the thresholds of the rubric's `[model]` table.

    python -m scripts.train_empathy.thresholds [--model FOLDER]

On the part of the corpus to choose on, as clean text and as raw recognition together, with
patterns and model together. The rule: for opportunities F0.5, because a false flag costs a
reviewer more than a lost one; for behaviours F1. Of the thresholds within `NEAR` of the
best, the middle one, so that no single sentence decides. The veto goes first, at the
opportunity threshold where it does best; then the opportunity; then every behaviour.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from callmon.empathy.rubric import Rubric
from callmon.empathy.rubric_file import load_rubric
from callmon.empathy.text_model import TextModel
from scripts.train_empathy.judge import (
    MODEL,
    OPPORTUNITY,
    Call,
    Figures,
    figures,
    judge_behaviours,
    judge_moments,
    read_calls,
    scenes_of,
)

GRID = tuple(step / 20 for step in range(5, 19))
VETOES = (0.05, 0.1, 0.2, 0.3)
NEAR = 0.01
PRECISE = 0.5
"""The beta of opportunities."""


def middle(scores: Mapping[float, float]) -> float:
    """Of the thresholds whose score is within `NEAR` of the best, the middle one.

    Of two middles the lower.
    """
    best = max(scores.values())
    near = sorted(at for at, score in scores.items() if score >= best - NEAR)
    return near[(len(near) - 1) // 2]


def with_thresholds(
    rubric: Rubric,
    *,
    opportunity: float,
    veto: float,
    behaviour: float | None = None,
) -> Rubric:
    model = rubric.model
    behaviours = (
        model.behaviours
        if behaviour is None
        else dict.fromkeys(model.behaviours, behaviour)
    )
    changed = {"opportunity": opportunity, "veto": veto, "behaviours": behaviours}
    return rubric.model_copy(update={"model": model.model_copy(update=changed)})


def choose(calls: Sequence[Call], rubric: Rubric) -> tuple[str, dict[str, float]]:
    """A page of what was tried, and the thresholds: `opportunity`, `veto`, behaviours."""
    lines: list[str] = []

    def tried(label: str, at: str, figure: Figures, beta: float) -> float:
        score = figure.f(beta)
        lines.append(
            f"{label:<16} {at:<20} F{beta:g} {score:.3f}  precision {figure.precision:.2f}"
            f"  recall {figure.recall:.2f}  ({figure.cases})"
        )
        return score

    moments: dict[float, dict[float, float]] = {}
    for veto in VETOES:
        moments[veto] = {}
        for at in GRID:
            trial = with_thresholds(rubric, opportunity=at, veto=veto)
            figure = figures(calls, trial, judge_moments)[OPPORTUNITY]
            moments[veto][at] = tried(OPPORTUNITY, f"{at} veto {veto}", figure, PRECISE)
    veto = middle({veto: max(scores.values()) for veto, scores in moments.items()})
    chosen = {OPPORTUNITY: middle(moments[veto]), "veto": veto}
    found = {
        at: figures(
            calls,
            with_thresholds(
                rubric, opportunity=chosen[OPPORTUNITY], veto=veto, behaviour=at
            ),
            judge_behaviours,
        )
        for at in GRID
    }
    for name in rubric.model.behaviours:
        chosen[name] = middle(
            {at: tried(name, f"{at}", found[at].get(name, Figures()), 1.0) for at in GRID}
        )
    return "\n".join(lines), chosen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL)
    options = parser.parse_args()
    model, rubric = TextModel.load(options.model), load_rubric()
    scenes = scenes_of("choose", MODEL / "training")
    calls = [
        call
        for rng in (None, random.Random(5))
        for call in read_calls(scenes, model, rng=rng)
    ]
    page, chosen = choose(calls, rubric)
    print(f"choose: {len(scenes)} calls, clean and raw, {model.name}\n\n{page}\n")
    print("[model]")
    for name in (OPPORTUNITY, "veto"):
        print(f"{name} = {chosen.pop(name)}")
    print("\n[model.behaviours]")
    for name, at in chosen.items():
        print(f"{name} = {at}")


if __name__ == "__main__":
    main()
