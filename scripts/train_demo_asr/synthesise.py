"""Speaks the text world in many voices and stores what training needs, in shards that can
be read while others grow.

A shard is a pickle of `Utterance` values. Two workers on two cores:

    python -m train_demo_asr.synthesise WORK --worker 0 --workers 2 --seconds 700
"""

from __future__ import annotations

import argparse
import io
import json
import pickle
import random
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import soxr

from train_demo_asr.features import FRAMES_PER_SECOND, log_mel
from train_demo_asr.text_world import hand_texts, make_texts, vocabulary
from train_demo_asr.voice import (
    SAMPLE_RATE,
    TELEPHONE_RATE,
    Manner,
    Person,
    room_noise,
    speak,
    telephone,
)

PHONES = [  # flite's, with the pause first
    *[
        "pau",
        "aa",
        "ae",
        "ah",
        "ao",
        "aw",
        "ax",
        "ay",
        "b",
        "ch",
        "d",
        "dh",
        "eh",
        "er",
        "ey",
    ],
    *[
        "f",
        "g",
        "hh",
        "ih",
        "iy",
        "jh",
        "k",
        "l",
        "m",
        "n",
        "ng",
        "ow",
        "oy",
        "p",
        "r",
        "s",
    ],
    *["sh", "t", "th", "uh", "uw", "v", "w", "y", "z", "zh"],
]
VOWELS = {
    "aa",
    "ae",
    "ah",
    "ao",
    "aw",
    "ax",
    "ay",
    "eh",
    "er",
    "ey",
    "ih",
    "iy",
    "ow",
    "oy",
    "uh",
    "uw",
}
MEDIAN_PITCH_HZ = {"rms": (82.0, 132.0), "slt": (140.0, 198.0)}
TEXTS = 24_000
SHARD = 250


@dataclass(frozen=True)
class Utterance:
    """One spoken training text, cut to the speech."""

    text: str
    base: str
    spectrum: np.ndarray  # log10 mel power, (frames, 80), float16
    phones: np.ndarray  # index into PHONES per frame, uint8
    words: (
        np.ndarray | None
    )  # start and end frame of every word, or None where the alignment was poor


def draw_person(base: str, draw: random.Random) -> Person:
    """A person anywhere in and a little around the range of the sample calls' persons."""
    return Person(
        base,
        draw.uniform(*MEDIAN_PITCH_HZ[base]),
        draw.uniform(0.93, 1.085),
        draw.uniform(0.93, 1.08),
    )


def draw_manner(draw: random.Random) -> Manner:
    """About four turns in ten are spoken with feeling, from low to very upset."""
    if draw.random() < 0.6:
        return Manner(
            draw.uniform(0.95, 1.05),
            draw.uniform(0.85, 1.15),
            draw.uniform(0.95, 1.05),
            draw.uniform(-3, 2),
        )
    if draw.random() < 0.12:
        return Manner(
            draw.uniform(0.9, 0.97),
            draw.uniform(0.6, 0.9),
            draw.uniform(0.86, 0.97),
            draw.uniform(-5, 0),
        )
    return Manner(
        draw.uniform(1.08, 1.38),
        draw.uniform(1.1, 1.5),
        draw.uniform(1.02, 1.22),
        draw.uniform(2, 10),
    )


def line_effect(samples: np.ndarray, draw: random.Random) -> np.ndarray:
    """Telephone band, companding and noise on most of it, the codec of the sample calls on
    a part of that.
    """
    noise = room_noise(
        len(samples),
        level_dbfs=draw.uniform(-72, -52),
        random=np.random.default_rng(draw.getrandbits(32)),
    )
    samples = samples + noise
    if draw.random() < 0.1:
        return samples.astype(np.float32)
    narrow = telephone(samples)
    if draw.random() < 0.6:
        narrow = opus(narrow)
    return soxr.resample(narrow, TELEPHONE_RATE, SAMPLE_RATE)


def opus(samples: np.ndarray) -> np.ndarray:
    """Through Ogg Opus at 16 kbit/s and back, the same length."""
    store = io.BytesIO()
    with av.open(store, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=TELEPHONE_RATE, layout="mono")
        stream.bit_rate = 16_000
        frame = av.AudioFrame.from_ndarray(
            samples[None].astype(np.float32), format="flt", layout="mono"
        )
        frame.sample_rate = TELEPHONE_RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    store.seek(0)
    with av.open(store) as container:
        rate_hz = container.streams.audio[0].codec_context.sample_rate
        decoded = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
    back = soxr.resample(decoded.astype(np.float32), rate_hz, TELEPHONE_RATE)
    return np.pad(back, (0, max(0, len(samples) - len(back))))[: len(samples)]


def pronunciations(path: Path) -> dict[str, list[str]]:
    """The phones of every word of the world as flite says it alone; kept in `path`."""
    known = json.loads(path.read_text()) if path.exists() else {}
    for word in {w.lower() for w in vocabulary()} - set(known):
        said = subprocess.run(
            ["flite", "-voice", "rms", "-ps", "-t", word, "none"],
            capture_output=True,
            text=True,
        )
        known[word] = [phone for phone in said.stdout.split() if phone != "pau"]
    path.write_text(json.dumps(known))
    return known


def align(words: list[list[str]], said: list[str]) -> list[tuple[int, int]] | None:
    """First and last phone (exclusive) of every word, by edit distance; None where a word
    stays without a phone.
    """
    wanted = [(phone, number) for number, word in enumerate(words) for phone in word]
    rows, columns = len(wanted), len(said)
    cost = [[0.8 * column for column in range(columns + 1)]]
    for row in range(1, rows + 1):
        above, phone = cost[-1], wanted[row - 1][0]
        line = [0.8 * row]
        for column in range(columns):
            line.append(
                min(
                    above[column] + _differ(phone, said[column]),
                    above[column + 1] + 0.8,
                    line[column] + 0.8,
                )
            )
        cost.append(line)
    if cost[-1][-1] / max(rows, columns) > 0.3:
        return None
    owner = [0] * columns
    row, column = rows, columns
    while column:
        if (
            row
            and abs(
                cost[row][column]
                - cost[row - 1][column - 1]
                - _differ(wanted[row - 1][0], said[column - 1])
            )
            < 1e-9
        ):
            row, column = row - 1, column - 1
            owner[column] = wanted[row][1]
        elif row and abs(cost[row][column] - cost[row - 1][column] - 0.8) < 1e-9:
            row -= 1
        else:
            column -= 1
            owner[column] = wanted[max(row - 1, 0)][1]
    spans = [
        [i for i, own in enumerate(owner) if own == number] for number in range(len(words))
    ]
    return [(span[0], span[-1] + 1) for span in spans] if all(spans) else None


def _differ(wanted: str, said: str) -> float:
    if wanted == said:
        return 0.0
    return 0.4 if (wanted in VOWELS) == (said in VOWELS) else 1.2


def utter(text: str, *, draw: random.Random, dictionary: dict[str, list[str]]) -> Utterance:
    """Speak one text with a random person, manner and line."""
    base = draw.choice(["rms", "slt"])
    speech = speak(text, person=draw_person(base, draw), manner=draw_manner(draw))
    spectrum = log_mel(line_effect(speech.samples, draw))
    labels = np.zeros(len(spectrum), np.uint8)
    frames = [
        (round(a * FRAMES_PER_SECOND), round(b * FRAMES_PER_SECOND))
        for _, a, b in speech.phones
    ]
    for (phone, _, _), (first, last) in zip(speech.phones, frames, strict=True):
        labels[first:last] = PHONES.index(phone) if phone in PHONES else 0
    words = [
        dictionary.get(word.lower(), ["ax"]) for word in re.findall(r"[A-Za-z']+", text)
    ]
    spans = align(words, [phone for phone, _, _ in speech.phones])
    times = (
        None
        if spans is None
        else np.array([(frames[a][0], frames[b - 1][1]) for a, b in spans], np.float32)
    )
    return Utterance(text, base, spectrum.astype(np.float16), labels, times)


def write_shard(path: Path, utterances: list[Utterance]) -> None:
    """Whole or not at all, since training reads the folder while it grows."""
    part = path.with_suffix(".part")
    part.write_bytes(pickle.dumps([u.__dict__ for u in utterances], protocol=4))
    part.rename(path)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("work", type=Path, help="folder for shards")
    parser.add_argument("--worker", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument(
        "--seconds",
        type=float,
        default=700.0,
        help="stop after this time (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=1,
        help="another seed gives other texts and voices (default: %(default)s)",
    )
    parser.add_argument(
        "--hand",
        type=int,
        default=0,
        help="instead: so many texts of hand-written sentences",
    )
    options = parser.parse_args()
    dictionary = pronunciations(options.work / f"dictionary{options.worker}.json")
    make = hand_texts if options.hand else make_texts
    texts = make(options.hand or TEXTS, seed=options.seed)
    draw = random.Random(900 * options.seed + options.worker)
    start = time.monotonic()
    random.Random(5).shuffle(texts)
    shard: list[Utterance] = []
    written = poor = 0
    for text in texts[options.worker :: options.workers]:
        shard.append(utter(text, draw=draw, dictionary=dictionary))
        poor += shard[-1].words is None
        late = time.monotonic() - start > options.seconds
        if len(shard) == SHARD or late:
            write_shard(
                options.work
                / f"shard-{options.seed}-{options.worker}-{written:03d}.pickle",
                shard,
            )
            written, shard = written + 1, []
            print(
                f"{written * SHARD} spoken, {poor} poorly aligned, "
                f"{time.monotonic() - start:.0f} s",
                flush=True,
            )
        if late:
            break


if __name__ == "__main__":
    main()
