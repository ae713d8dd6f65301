"""Measures tone on acted emotion: `python scripts/evaluate.py tone --data FOLDER`.

Nothing here trains or tunes; figures are for the limits as they stand in the code.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from callmon.call import Activity, Interval, Tone, Turn
from callmon.tone.tone import measure_tones

if TYPE_CHECKING:
    from numpy.typing import NDArray

RAISED_EMOTIONS = ("angry", "happy")
GAP = 0.5
"""Seconds between the sentences of a made-up call."""
LINE_GAIN = 12.0
"""Decibels; each made-up call is louder or softer by at most so much."""


@dataclass(frozen=True)
class Sentence:
    """An acted sentence with the emotion that it was acted in."""

    sound: NDArray[np.float32] = field(repr=False)
    """16 kHz, mono, in -1 to 1."""
    speaker: str
    emotion: str


@dataclass(frozen=True)
class Sound:
    """A call in memory: one channel at 16 kHz."""

    samples: NDArray[np.float32] = field(repr=False)
    sample_rate: int = 16000
    channels: int = 1

    @property
    def duration(self) -> float:
        return len(self.samples) / self.sample_rate

    def read(self, channel: int, start: float, end: float) -> NDArray[np.float32]:
        assert channel == 0
        first, last = round(start * self.sample_rate), round(end * self.sample_rate)
        return self.samples[first:last]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="folder with emotion/emodb.csv (file, speaker, emotion) and emotion/emodb/",
    )


def run(options: argparse.Namespace) -> None:
    """Raised (anger, happiness) against not raised (neutral, sadness).

    The sentences of each speaker are one made-up call, over a telephone line of random
    gain; the ordinary voice is taken from that mixture, as in a real call.
    """
    sentences = _acted_sentences(options.data / "emotion")
    print(f"{len(sentences)} sentences, telephone band, µ-law")
    for title, share, gain in (
        ("all sentences of a speaker, one gain per call", None, "call"),
        ("a third of each call raised, one gain per call", 1 / 3, "call"),
        ("all sentences, another gain for each sentence", None, "sentence"),
    ):
        print(f"\n{title}")
        _report_tones(_tones_of_calls(sentences, raised_share=share, gain_per=gain))


def _acted_sentences(folder: Path) -> list[Sentence]:
    import soundfile

    table = folder / "emodb.csv"
    if not table.is_file():
        sys.exit(f"{table} is not there. Give --data a folder that has emotion/emodb.csv.")
    sentences = []
    with table.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            sound, rate = soundfile.read(folder / "emodb" / row["file"], dtype="float32")
            if rate != 16000:
                sys.exit(f"{row['file']} has {rate} Hz. Only 16000 Hz can be used here.")
            sentences.append(Sentence(sound, row["speaker"], row["emotion"]))
    return sentences


def _tones_of_calls(
    sentences: Sequence[Sentence], *, raised_share: float | None, gain_per: str
) -> list[tuple[Sentence, Tone]]:
    """Makes one call of each speaker's sentences and measures the tones in it."""
    chance = random.Random(1)
    by_speaker: Mapping[str, list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        by_speaker[sentence.speaker].append(sentence)
    found: list[tuple[Sentence, Tone]] = []
    for spoken in by_speaker.values():
        chosen = _with_raised_share(spoken, raised_share, chance)
        chance.shuffle(chosen)
        line = chance.uniform(-LINE_GAIN, LINE_GAIN)
        sounds = []
        for sentence in chosen:
            if gain_per == "sentence":
                line = chance.uniform(-LINE_GAIN, LINE_GAIN)
            sounds.append(telephone(sentence.sound, gain_db=line))
        found += zip(chosen, _tones(sounds), strict=True)
    return found


def _with_raised_share(
    spoken: Sequence[Sentence], share: float | None, chance: random.Random
) -> list[Sentence]:
    raised = [s for s in spoken if s.emotion in RAISED_EMOTIONS]
    calm = [s for s in spoken if s.emotion not in RAISED_EMOTIONS]
    if share is not None:
        wanted = round(len(calm) * share / (1 - share))
        raised = chance.sample(raised, min(len(raised), wanted))
    return raised + calm


def telephone(sound: NDArray[np.float32], *, gain_db: float) -> NDArray[np.float32]:
    """The sound after a telephone line: 300 to 3400 Hz, gain, 8 kHz µ-law (G.711)."""
    from scipy import signal

    band = signal.butter(6, [300, 3400], btype="band", fs=8000, output="sos")
    line = signal.sosfilt(band, signal.resample_poly(sound, 1, 2)) * 10 ** (gain_db / 20)
    amount = np.log1p(255 * np.minimum(np.abs(line), 1)) / np.log(256)
    coded = np.sign(line) * (256 ** (np.round(amount * 127) / 127) - 1) / 255
    heard: NDArray[np.float32] = signal.resample_poly(coded, 2, 1).astype(np.float32)
    return heard


def _tones(sounds: Sequence[NDArray[np.float32]]) -> tuple[Tone, ...]:
    gap = np.zeros(int(GAP * 16000), dtype=np.float32)
    samples, times, at = [], [], 0
    for sound in sounds:
        samples += [sound, gap]
        times.append(Interval(start=at / 16000, end=(at + len(sound)) / 16000))
        at += len(sound) + len(gap)
    turns = [
        Turn(
            index=index,
            party="customer",
            party_confidence=1.0,
            start=time_.start,
            end=time_.end,
            text="",
            speaker="right",
        )
        for index, time_ in enumerate(times)
    ]
    activity = Activity(speaker="right", channel=0, intervals=tuple(times))
    return measure_tones(Sound(np.concatenate(samples)), turns, [activity])


def _report_tones(found: Sequence[tuple[Sentence, Tone]]) -> None:
    from sklearn.metrics import roc_auc_score

    scored = [(sentence, tone) for sentence, tone in found if tone.arousal is not None]
    truth = np.array([s.emotion in RAISED_EMOTIONS for s, _ in scored])
    arousal = np.array([tone.arousal for _, tone in scored])
    said = np.array([tone.label in ("raised", "strongly_raised") for _, tone in scored])
    print(f"  scorable         {len(scored)} of {len(found)}")
    print(f"  AUC of arousal   {roc_auc_score(truth, arousal):.3f}")
    print(f"  UAR of raised    {(said[truth].mean() + (~said)[~truth].mean()) / 2:.3f}")
    for emotion in sorted({s.emotion for s, _ in scored}):
        chosen = np.array([s.emotion == emotion for s, _ in scored])
        print(
            f"  {emotion:<9} n {chosen.sum():>3}  said raised {said[chosen].mean():>4.0%}"
            f"  median arousal {np.median(arousal[chosen]):+.2f}"
        )
    for name in scored[0][1].measures:
        distance = [tone.measures[name].distance for _, tone in scored]
        print(f"  AUC of {name:<11} {roc_auc_score(truth, distance):.3f}")
    print("  said raised, where raised and where not, by speaker:")
    for speaker in sorted({s.speaker for s, _ in scored}):
        own = np.array([s.speaker == speaker for s, _ in scored])
        hit, false = said[own & truth].mean(), said[own & ~truth].mean()
        print(f"    {speaker}  {hit:>4.0%}  {false:>4.0%}")
