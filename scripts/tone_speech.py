"""Acted emotional speech, sent through telephone lines, for measuring tone.

A corpus is a table (CSV with the columns `file`, `speaker`, `emotion`, and where known
`sex` and `syllables`) and its sound files, next to the table in a folder of its name:
`emodb.csv` and `emodb/`.
"""

from __future__ import annotations

import csv
import random
import re
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

RATE = 16000
"""Hertz, of every sound here."""
RAISED = ("angry", "happy")
NOT_RAISED = ("neutral", "sad")
LINE_GAIN = 12.0
"""Decibels; a line is louder or softer by at most so much."""
HISS = 25.0
"""Decibels of the voice over the noise of a noisy line."""
SEXES: Mapping[str, str] = dict.fromkeys(("03", "10", "11", "12", "15"), "male") | (
    dict.fromkeys(("08", "09", "13", "14", "16"), "female")
)
"""Of the speakers of the Berlin database (Burkhardt et al. 2005), whose table has none."""
TEXTS: Mapping[str, str] = {
    "a01": "Der Lappen liegt auf dem Eisschrank.",
    "a02": "Das will sie am Mittwoch abgeben.",
    "a04": "Heute abend könnte ich es ihm sagen.",
    "a05": "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.",
    "a07": "In sieben Stunden wird es soweit sein.",
    "b01": "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
    "b02": "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter.",
    "b03": "An den Wochenenden bin ich jetzt immer nach Hause gefahren"
    " und habe Agnes besucht.",
    "b09": "Ich will das eben wegbringen und dann mit Karl was trinken gehen.",
    "b10": "Die wird auf dem Platz sein, wo wir sie immer hinlegen.",
}
"""What is said in the Berlin database, by the code in its table's column `sentence`."""


@dataclass(frozen=True)
class Sentence:
    """An acted sentence with the emotion that it was acted in."""

    name: str
    sound: Samples = field(repr=False)
    """16 kHz, mono, in -1 to 1."""
    speaker: str
    sex: str
    """`male`, `female`, or `unknown`."""
    emotion: str
    syllables: int | None
    """As written; null where the words are not known."""

    @property
    def raised(self) -> bool:
        return self.emotion in RAISED


@dataclass(frozen=True)
class Sound:
    """A call in memory: one channel at 16 kHz."""

    samples: Samples = field(repr=False)
    sample_rate: int = RATE
    channels: int = 1

    @property
    def duration(self) -> float:
        return len(self.samples) / self.sample_rate

    def read(self, channel: int, start: float, end: float) -> Samples:
        assert channel == 0
        first, last = round(start * self.sample_rate), round(end * self.sample_rate)
        return self.samples[first:last]


def read_corpus(table: Path) -> list[Sentence]:
    """The sentences of the four emotions that the task needs; ends with a message."""
    import librosa
    import soundfile

    if not table.is_file():
        sys.exit(f"{table} is not there. Give --data a folder that has emotion/emodb.csv.")
    sentences = []
    with table.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            if row["emotion"] not in RAISED + NOT_RAISED:
                continue
            path = table.with_suffix("") / row["file"]
            sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
            text = TEXTS.get(row.get("sentence", ""), "")
            written = row.get("syllables") or (german_syllables(text) or None)
            sentences.append(
                Sentence(
                    name=row["file"],
                    sound=librosa.resample(sound[:, 0], orig_sr=rate, target_sr=RATE),
                    speaker=row["speaker"],
                    sex=row.get("sex") or SEXES.get(row["speaker"], "unknown"),
                    emotion=row["emotion"],
                    syllables=int(written) if written else None,
                )
            )
    if not sentences:
        sys.exit(f"{table} names no sentence of {', '.join(RAISED + NOT_RAISED)}.")
    return sentences


def by_speaker(sentences: Sequence[Sentence]) -> dict[str, list[Sentence]]:
    groups: dict[str, list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        groups[sentence.speaker].append(sentence)
    return dict(groups)


def telephone(
    sound: Samples, *, gain_db: float = 0.0, noise: np.random.Generator | None = None
) -> Samples:
    """The sound after a telephone line: 300 to 3400 Hz, gain, 8 kHz µ-law (G.711).

    `noise` adds white noise of the line, `HISS` decibels under the voice.
    """
    from scipy import signal

    passed = signal.butter(6, [300, 3400], btype="band", fs=8000, output="sos")
    line = signal.sosfilt(passed, signal.resample_poly(sound, 1, 2))
    if noise is not None:
        strength = np.sqrt(np.mean(line**2)) * 10 ** (-HISS / 20)
        line = line + strength * noise.standard_normal(len(line))
    line = line * 10 ** (gain_db / 20)
    amount = np.log1p(255 * np.minimum(np.abs(line), 1)) / np.log(256)
    coded = np.sign(line) * (256 ** (np.round(amount * 127) / 127) - 1) / 255
    heard: Samples = signal.resample_poly(coded, 2, 1).astype(np.float32)
    return heard


def gains(count: int, *, seed: int) -> list[float]:
    """A line's gain in decibels for each of so many sentences."""
    chance = random.Random(seed)
    return [chance.uniform(-LINE_GAIN, LINE_GAIN) for _ in range(count)]


def german_syllables(text: str) -> int:
    """Syllables of German words: each group of vowel letters is one (au, ei, eu, ie).

    That is how German divides words (Duden, rules 163 and 164), but for loan words and
    where two vowels meet in a compound, of which the sentences above have none.
    """
    return len(re.findall(r"[aeiouyäöü]+", text.lower().replace("qu", "q")))
