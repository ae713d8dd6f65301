"""Learns how agents and customers speak: `python scripts/train_roles.py`.

Writes callmon/speech/roles/parlance.json from the calls written for training. A logistic
regression over sentences, without a constant term, so that a voice that says little is
nobody's by that alone. The discount on the sum over a call is fitted, and the table is
measured, on the calls of each writer by weights learned from the others.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from evaluate_roles import print_calibration, print_row
from role_calls import Call, Line, forms, misheard, read_training, words_of
from scipy.optimize import minimize_scalar
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from callmon.speech.roles.parlance import MOST_COUNTS, groups

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (ROOT / "models/empathy/training", ROOT / "models/roles/training")
CALLS_WITH = 8
"""Calls that must have a group of words, so that rare names stay out and the file small.
The loss on held-out writers is .148 with 4, .153 with 8, .162 with 12."""
REGULARISATION = 0.5
"""Inverse strength. The loss on held-out writers is flat from 0.25 to 1 (.153 to .156)."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=Path, nargs="+", default=FOLDERS, metavar="FOLDER")
    parser.add_argument(
        "--out",
        type=Path,
        default=ROOT / "callmon/speech/roles/parlance.json",
        metavar="FILE",
    )
    options = parser.parse_args()
    calls = read_training(options.calls)
    words = [word for call in calls for _, text in call.lines for word in words_of(text)]
    writers = Counter(call.writer for call in calls)
    print(f"{len(calls)} calls, by writer: {dict(writers)}")
    scores: dict[str, list[float]] = defaultdict(list)
    for writer in writers:
        weights = learn([call for call in calls if call.writer != writer], words)
        for call in calls:
            if call.writer == writer:
                for form, lines in forms(call, words).items():
                    scores[form].append(difference(weights, lines))
    pairs = np.concatenate([np.array(scores[form]) for form in scores])
    discount = minimize_scalar(
        lambda factor: np.logaddexp(0, -factor * pairs).mean(),
        bounds=(0.05, 1.0),
        method="bounded",
    ).x
    for form, found in scores.items():
        print_row(form, [discount * score for score in found])
    print_calibration(list(discount * pairs))
    weights = learn(calls, words)
    document = {
        "language": "en",
        "discount": round(float(discount), 3),
        "weights": {group: round(weights[group], 3) for group in sorted(weights)},
    }
    text = json.dumps(document, ensure_ascii=False, indent=0)
    options.out.write_text(text + "\n", encoding="utf-8")
    print(f"{len(weights)} groups of words, discount {discount:.3f}: {options.out}")


def learn(calls: Sequence[Call], words: Sequence[str]) -> dict[str, float]:
    """Weights by group of words, from each call as written and as misheard."""
    within: dict[str, set[str]] = defaultdict(set)
    for call in calls:
        for _, text in call.lines:
            for group in groups(text):
                within[group].add(call.name)
    kept = {group for group, names in within.items() if len(names) >= CALLS_WITH}
    lines: list[Line] = []
    for call in calls:
        lines += call.lines
        lines += misheard(call.lines, words, random.Random(call.name))
    vectorizer = DictVectorizer()
    features = vectorizer.fit_transform(
        [dict.fromkeys(kept.intersection(groups(text)), 1) for _, text in lines]
    )
    model = LogisticRegression(C=REGULARISATION, fit_intercept=False, max_iter=1000)
    model.fit(features, [party == "agent" for party, _ in lines])
    names = vectorizer.get_feature_names_out()
    return dict(zip(names, model.coef_[0].tolist(), strict=True))


def difference(weights: Mapping[str, float], lines: Sequence[Line]) -> float:
    """How much more the agent's words speak for the agent than the customer's do."""
    counts: dict[str, Counter[str]] = {"agent": Counter(), "customer": Counter()}
    for party, text in lines:
        counts[party].update(groups(text))
    score = {
        party: sum(
            weights[group] * min(count, MOST_COUNTS)
            for group, count in found.items()
            if group in weights
        )
        for party, found in counts.items()
    }
    return score["agent"] - score["customer"]


if __name__ == "__main__":
    main()
