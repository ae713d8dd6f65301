"""Measures against openSMILE's eGeMAPS, with one classifier and the same folds.

A logistic regression learns raised (anger, happiness) against not raised (neutral, sadness)
from all speakers but one and is judged on that one (leave one speaker out). All features
are differences from a baseline of the speaker: the median of the neutral sentences, or of
all of them, mixed as in a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tone_speech import Samples, Sentence

    Table = NDArray[np.float64]


@dataclass(frozen=True)
class Figures:
    uar: float
    """Unweighted average recall of raised and not raised."""
    auc: float
    anger_auc: float
    """Of anger against neutral."""


def egemaps(sounds: Sequence[Samples], *, rate: int) -> Table | None:
    """The 88 functionals of eGeMAPS v02 (Eyben et al. 2016); null without openSMILE."""
    try:
        import opensmile
    except ImportError:
        return None
    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02,
        feature_level=opensmile.FeatureLevel.Functionals,
        num_workers=1,
    )
    return np.concatenate(
        [smile.process_signal(sound, rate).to_numpy() for sound in sounds]
    )


def leave_one_speaker_out(
    learned: Table, judged: Table, sentences: Sequence[Sentence], *, neutral_baseline: bool
) -> NDArray[np.float64]:
    """Probability that each sentence is raised, (n,), by weights of the other speakers.

    `learned` and `judged` are features of the same sentences, (n, k), over the line that
    is learned from and the line that is judged on.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    truth = np.array([sentence.raised for sentence in sentences])
    speakers = np.array([sentence.speaker for sentence in sentences])
    neutral = np.array([sentence.emotion == "neutral" for sentence in sentences])
    usable = neutral if neutral_baseline else np.ones(len(sentences), dtype=bool)
    tables = [_differences(table, speakers, usable) for table in (learned, judged)]
    found = np.zeros(len(sentences))
    for speaker in np.unique(speakers):
        own = speakers == speaker
        model = make_pipeline(
            StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=1000)
        )
        model.fit(tables[0][~own], truth[~own])
        found[own] = model.predict_proba(tables[1][own])[:, 1]
    return found


def figures(probability: NDArray[np.float64], sentences: Sequence[Sentence]) -> Figures:
    from sklearn.metrics import balanced_accuracy_score, roc_auc_score

    truth = np.array([sentence.raised for sentence in sentences])
    angry = np.array([sentence.emotion == "angry" for sentence in sentences])
    chosen = angry | np.array([sentence.emotion == "neutral" for sentence in sentences])
    return Figures(
        uar=float(balanced_accuracy_score(truth, probability > 0.5)),
        auc=float(roc_auc_score(truth, probability)),
        anger_auc=float(roc_auc_score(angry[chosen], probability[chosen])),
    )


def _differences(
    table: Table, speakers: NDArray[np.str_], usable: NDArray[np.bool_]
) -> Table:
    """Each speaker's features less the median of the usable ones; 0 where not measured."""
    apart = np.array(table, dtype=float)
    for speaker in np.unique(speakers):
        own = speakers == speaker
        apart[own] -= np.nanmedian(table[own & usable], axis=0)
    return np.nan_to_num(apart)
