"""Training windows from the shards: splicing, room noise, level and disturbances.

A window is one or more utterances with room noise between, as the clips of a call are.
"""

from __future__ import annotations

import pickle
import random
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soxr
from tokenizers import Tokenizer

from train_demo_asr.features import FLOOR, log_mel, scale
from train_demo_asr.synthesise import opus
from train_demo_asr.text_world import normalise, reserved_sentences
from train_demo_asr.voice import SAMPLE_RATE, TELEPHONE_RATE, room_noise, telephone

IGNORE = -100
MAX_FRAMES = 3000


@dataclass(frozen=True)
class Heard:
    """One utterance ready for use; `words` hold their punctuation, `times` are start and
    end frames.
    """

    words: list[str]
    times: list[tuple[float, float]]
    spectrum: np.ndarray
    phones: np.ndarray
    base: str
    exact: bool  # whether `times` come from the alignment: it may be cut between words


@dataclass(frozen=True)
class Window:
    """One training example before batching."""

    spectrum: np.ndarray  # scaled, (frames, 80)
    phones: np.ndarray  # (frames,), IGNORE where unknown
    tokens: list[int]
    centres: list[float]  # frame of every token's middle


@dataclass
class WindowMaker:
    """Draws windows from the shards of a folder; `reload` takes in new shards."""

    tokenizer: Tokenizer
    folder: Path
    seed: int = 0
    heard: list[Heard] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)
        self.random = np.random.default_rng(self.seed)
        self.reserved = reserved_sentences()
        self._pieces: dict[str, list[tuple[int, float]]] = {}
        self._shards: set[Path] = set()
        self._order: list[int] = []
        self._cuttable: dict[str, list[int]] = {"rms": [], "slt": []}
        self._noises = [self._noise_clip() for _ in range(40)]
        self.reload()

    def reload(self) -> int:
        """Read shards that were not there before; returns how many utterances there are
        now.
        """
        for path in sorted(set(self.folder.glob("shard-*.pickle")) - self._shards):
            self._shards.add(path)
            for item in pickle.loads(path.read_bytes()):  # noqa: S301
                self._add(item)
        return len(self.heard)

    def _add(self, item: dict) -> None:
        words = re.findall(r"[A-Za-z']+[.,?!]*", item["text"])
        exact = item["words"] is not None
        if exact:
            times = [(float(a), float(b)) for a, b in item["words"]]
        else:
            borders = np.cumsum([0.0] + [len(word) + 0.5 for word in words])
            borders = borders / borders[-1] * (len(item["spectrum"]) - 6) + 3
            times = list(zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True))
        if exact and len(words) > 2:
            self._cuttable[item["base"]].append(len(self.heard))
        self.heard.append(
            Heard(words, times, item["spectrum"], item["phones"], item["base"], exact)
        )

    def _noise_clip(self) -> np.ndarray:
        noise = room_noise(
            14 * SAMPLE_RATE, level_dbfs=self.draw.uniform(-70, -52), random=self.random
        )
        narrow = telephone(noise)
        if self.draw.random() < 0.7:
            narrow = opus(narrow)
        return log_mel(soxr.resample(narrow, TELEPHONE_RATE, SAMPLE_RATE))

    def pieces(self, word: str) -> list[tuple[int, float]]:
        """Token ids of a word, each with its middle as a share of the word's time."""
        if word not in self._pieces:
            ids = self.tokenizer.encode(" " + word).ids
            names = [self.tokenizer.id_to_token(number) for number in ids]
            total = sum(len(name) for name in names if name not in ".,?!") or 1
            position, result = 0, []
            for number, name in zip(ids, names, strict=True):
                if name in ".,?!":
                    result.append((number, 1.0))
                else:
                    result.append((number, (position + len(name) / 2) / total))
                    position += len(name)
            self._pieces[word] = result
        return self._pieces[word]

    def utterance(self, *, splice: float) -> Heard:
        """The next utterance, each once before any comes again; with chance `splice` its
        end is another one's.
        """
        if not self._order:
            self._order = list(range(len(self.heard)))
            self.draw.shuffle(self._order)
        heard = self.heard[self._order.pop()]
        if self.draw.random() < splice and heard.exact and len(heard.words) > 2:
            for _ in range(self.draw.choice([1, 1, 2, 3])):
                heard = self._splice(
                    heard, self.heard[self.draw.choice(self._cuttable[heard.base])]
                )
        return heard

    def _splice(self, left: Heard, right: Heard) -> Heard:
        """The beginning of `left` and the end of `right`, cut between words: unlikely words
        in a row must be heard.
        """
        i = self.draw.randint(max(1, len(left.words) // 3), len(left.words) - 1)
        j = self.draw.randint(1, max(1, len(right.words) // 2))
        words = left.words[:i] + right.words[j:]
        if (
            len(words) > 22
            or left.words[i - 1][-1] in ".?!"
            or normalise(" ".join(words)) in self.reserved
        ):
            return left
        cut = int((left.times[i - 1][1] + left.times[i][0]) / 2)
        start = int((right.times[j - 1][1] + right.times[j][0]) / 2)
        times = left.times[:i] + [
            (a - start + cut, b - start + cut) for a, b in right.times[j:]
        ]
        level = np.float16(_level(left.spectrum) - _level(right.spectrum))
        spectrum = np.concatenate([left.spectrum[:cut], right.spectrum[start:] + level])
        phones = np.concatenate([left.phones[:cut], right.phones[start:]])
        return Heard(words, times, spectrum, phones, left.base, True)

    def window(
        self,
        *,
        frames: int,
        utterances: int,
        splice: float = 0.5,
        gap: tuple[float, float] = (8, 45),
    ) -> Window:
        """Up to `utterances` utterances in at most `frames` frames, `gap` frames of room
        noise between them.
        """
        draw = self.draw
        parts: list[tuple[int, Heard]] = []
        clock = draw.randint(6, 34)  # the pad that voice activity leaves
        while len(parts) < utterances:
            heard = self.utterance(splice=splice)
            if parts and clock + len(heard.spectrum) + 6 > frames:
                break
            parts.append((clock, heard))
            clock += len(heard.spectrum) + int(draw.uniform(*gap))
        last = parts[-1][0] + len(parts[-1][1].spectrum)
        length = min(MAX_FRAMES, last + draw.randint(4, 34))
        noise = draw.choice(self._noises)
        first = draw.randint(0, 300)
        spectrum = np.take(noise, np.arange(first, first + length) % len(noise), axis=0)
        spectrum = (
            spectrum + self.random.standard_normal(spectrum.shape, dtype=np.float32) * 0.05
        )
        phones = np.zeros(length, np.int64)
        shift = draw.uniform(-0.9, 0.5)
        tokens: list[int] = []
        centres: list[float] = []
        if draw.random() < 0.06:  # a remnant of a word that was cut off before
            rest = (
                draw.choice(self.heard).spectrum[-draw.randint(6, 14) :].astype(np.float32)
            )
            spectrum[: len(rest)] = np.maximum(spectrum[: len(rest)], rest)
            phones[: len(rest)] = IGNORE
        for at, heard in parts:
            end = min(length, at + len(heard.spectrum))
            voiced = heard.spectrum[: end - at].astype(np.float32) + draw.uniform(
                -0.25, 0.25
            )
            spectrum[at:end] = np.maximum(spectrum[at:end], voiced)
            phones[at:end] = heard.phones[: end - at]
            for word, (a, b) in zip(heard.words, heard.times, strict=True):
                for number, share in self.pieces(word):
                    tokens.append(number)
                    centres.append(at + a + share * (b - a))
        return Window(
            self._disturb(np.maximum(spectrum + shift, FLOOR)), phones, tokens, centres
        )

    def silence(self) -> Window:
        """A window without speech."""
        length = self.draw.randint(50, 400)
        noise = self.draw.choice(self._noises)[:length] + self.draw.uniform(-0.5, 3)
        noise = noise + self.random.standard_normal(noise.shape, dtype=np.float32) * 0.1
        return Window(scale(np.maximum(noise, FLOOR)), np.zeros(length, np.int64), [], [])

    def _disturb(self, spectrum: np.ndarray) -> np.ndarray:
        """Other lines and microphones: a tilt, more noise, holes in time and in pitch; then
        Whisper's scaling.
        """
        draw, length = self.draw, len(spectrum)
        if draw.random() < 0.4:
            spectrum = spectrum + np.cumsum(self.random.normal(0, 0.025, 80))[None].astype(
                np.float32
            )
        if draw.random() < 0.25:
            level = np.percentile(spectrum[:, 20], 90) - draw.uniform(2.5, 4.5)
            noise = (
                level + self.random.standard_normal(spectrum.shape, dtype=np.float32) * 0.22
            )
            spectrum = np.log10(10.0**spectrum + 10.0**noise).astype(np.float32)
        scaled = scale(spectrum).astype(np.float32)
        if draw.random() < 0.15:
            first = draw.randint(0, 54)
            scaled[:, first : first + draw.randint(2, 7)] = scaled.mean()
        if draw.random() < 0.1:
            for _ in range(max(1, length // 300)):
                first = draw.randint(0, length - 1)
                scaled[first : first + draw.randint(3, 9)] = scaled.mean()
        return scaled


def _level(spectrum: np.ndarray) -> float:
    return float(np.percentile(spectrum[:, 5:50].max(axis=1), 90))
