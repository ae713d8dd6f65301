"""Whether learned weights beat those by hand: `python scripts/train_tone.py --data FOLDER`.

A logistic regression without negative weights (a measure that rises never lowers arousal)
over the distances that the product measures, over all lines of `tone_lines` (µ-law, gain,
noise, lost packets, codecs), with the ordinary voice found in each speaker's mixed
sentences and known from the neutral ones. Judged on each speaker by weights of the others.
`--out` writes weights that add up to one, as `callmon.tone.arousal.WEIGHTS` has them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from tone_calls import Heard, over_lines
from tone_speech import Sentence, by_speaker, read_corpus

from callmon.tone.arousal import FARTHEST, WEIGHTS
from callmon.tone.baseline import distances, ordinary_voice
from callmon.tone.prosody import measure
from callmon.tone.tone import LEAST_SPEECH

PENALTY = 0.01
"""Of the squared weights: only keeps them finite where speakers are told apart wholly."""


@dataclass(frozen=True)
class Example:
    sentence: Sentence
    line: str
    baseline: str
    """`mixed` or `neutral`."""
    far: NDArray[np.float64]
    """Distances in the order of `WEIGHTS`, within `FARTHEST`."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, metavar="FILE")
    options = parser.parse_args()
    sentences = read_corpus(options.data / "emotion" / "emodb.csv")
    examples = list(_examples(list(over_lines(sentences))))
    by_hand = np.array(list(WEIGHTS.values()))
    learned = np.empty(len(examples))
    hand = np.array([one.far @ by_hand for one in examples]) - 1
    for speaker in by_speaker(sentences):
        weights, border = fit([e for e in examples if e.sentence.speaker != speaker])
        for index, one in enumerate(examples):
            if one.sentence.speaker == speaker:
                learned[index] = one.far @ weights - border
    print("UAR and AUC of raised, by weights      by hand        learned")
    for baseline in ("mixed", "neutral"):
        own = [one.baseline == baseline for one in examples]
        for group in dict.fromkeys(
            [one.line for one in examples] + [one.sentence.sex for one in examples]
        ):
            chosen = np.array(
                [
                    mine and group in (one.line, one.sentence.sex)
                    for one, mine in zip(examples, own, strict=True)
                ]
            )
            truth = [e.sentence.raised for e, c in zip(examples, chosen, strict=True) if c]
            cells = [
                f"{balanced_accuracy_score(truth, score[chosen] > 0):.3f}"
                f" {roc_auc_score(truth, score[chosen]):.3f}"
                for score in (hand, learned)
            ]
            print(f"  {baseline:<8} {group:<10} {len(truth):>5}   ", *cells)
    weights, border = fit(examples)
    found = dict(zip(WEIGHTS, weights.round(3).tolist(), strict=True))
    print(f"learned from all: {found}, raised over {border:.2f}")
    if options.out:
        document = {"weights": found, "raised": round(border, 3)}
        options.out.write_text(json.dumps(document), encoding="utf-8")


def fit(examples: list[Example]) -> tuple[NDArray[np.float64], float]:
    """Weights that add up to one, and the arousal over which a voice is raised."""
    far = np.array([one.far for one in examples])
    truth = np.array([one.sentence.raised for one in examples])
    side = np.where(truth, 1.0, -1.0)
    share = np.where(truth, 0.5 / truth.mean(), 0.5 / (1 - truth.mean()))

    def loss(parameters: NDArray[np.float64]) -> float:
        score = far @ parameters[1:] - parameters[0]
        penalty = PENALTY * float((parameters[1:] ** 2).sum())
        return float((share * np.logaddexp(0, -side * score)).mean()) + penalty

    limits = [(None, None)] + [(0.0, None)] * far.shape[1]
    found = minimize(loss, np.ones(far.shape[1] + 1), bounds=limits).x
    return found[1:] / found[1:].sum(), float(found[0] / found[1:].sum())


def _examples(heard: list[Heard]) -> Iterator[Example]:
    for spoken in by_speaker([one.sentence for one in heard]).values():
        names = {one.name for one in spoken}
        for line in heard[0].lines:
            own = [
                (one.sentence, one.lines[line])
                for one in heard
                if one.sentence.name in names
            ]
            first = [measure(stretch).pitch for _, stretch in own]
            usual = float(np.nanmedian(first))
            measured = [(s, measure(f, usual_pitch=usual)) for s, f in own]
            measured = [
                (s, prosody)
                for s, prosody in measured
                if prosody.seconds >= LEAST_SPEECH and not np.isnan(prosody.pitch)
            ]
            for baseline in ("mixed", "neutral"):
                calm = [
                    p for s, p in measured if baseline == "mixed" or s.emotion == "neutral"
                ]
                ordinary = ordinary_voice(calm)
                for sentence, prosody in measured:
                    apart = distances(prosody, ordinary)
                    far = np.clip([apart[name] for name in WEIGHTS], -FARTHEST, FARTHEST)
                    yield Example(sentence, line, baseline, far)


if __name__ == "__main__":
    main()
