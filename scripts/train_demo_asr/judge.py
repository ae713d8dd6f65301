"""Spoken sentences to judge by: held-out ones of the generator and the hand-written ones
that training never sees.

Every sentence is spoken by one of the six persons of the sample calls, three in ten with
feeling, over the telephone.
"""

from __future__ import annotations

import argparse
import pickle
import random
from pathlib import Path

import numpy as np
import soxr

from train_demo_asr.synthesise import TEXTS, align, opus, pronunciations
from train_demo_asr.text_world import held_out_texts, make_texts, normalise, read_lines
from train_demo_asr.voice import (
    MANNERS,
    PERSONS,
    SAMPLE_RATE,
    TELEPHONE_RATE,
    Speech,
    room_noise,
    speak,
    telephone,
)

HELD_OUT = 120
LEAD = 0.4  # seconds of room before and after each sentence
STYLES = ["ordinary"] * 7 + ["upset", "very_upset", "pleased", "low"]


def on_the_line(speech: np.ndarray, *, draw: random.Random) -> np.ndarray:
    """Mono samples at 16 kHz with `LEAD` seconds of room noise before and after, over the
    telephone.
    """
    samples = np.pad(speech, round(LEAD * SAMPLE_RATE))
    random_noise = np.random.default_rng(draw.getrandbits(32))
    samples = samples + room_noise(
        len(samples), level_dbfs=draw.uniform(-68, -60), random=random_noise
    )
    return soxr.resample(opus(telephone(samples)), TELEPHONE_RATE, SAMPLE_RATE).astype(
        np.float32
    )


def word_times(
    text: str, speech: Speech, dictionary: dict[str, list[str]]
) -> list[tuple[float, float]] | None:
    """True start and end of every word in seconds of the judged recording; None where the
    alignment was poor.
    """
    words = [dictionary.get(word, ["ax"]) for word in normalise(text).split()]
    spans = align(words, [phone for phone, _, _ in speech.phones])
    if spans is None:
        return None
    return [(LEAD + speech.phones[a][1], LEAD + speech.phones[b - 1][2]) for a, b in spans]


def make_set(
    texts: list[str], *, seed: int, dictionary: dict[str, list[str]]
) -> list[dict]:
    """Each text spoken once; persons take turns."""
    draw = random.Random(seed)
    result = []
    for number, text in enumerate(texts):
        person, style = list(PERSONS)[number % len(PERSONS)], draw.choice(STYLES)
        speech = speak(text, person=PERSONS[person], manner=MANNERS[style])
        item = {
            "text": text,
            "person": person,
            "style": style,
            "samples": on_the_line(speech.samples, draw=draw),
        }
        result.append(item | {"words": word_times(text, speech, dictionary)})
    return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("work", type=Path, help="folder for held.pickle and hand.pickle")
    options = parser.parse_args()
    dictionary = pronunciations(options.work / "dictionary0.json")
    training = [text for seed in (1, 2) for text in make_texts(TEXTS, seed=seed)]
    held = held_out_texts(HELD_OUT, training=training, seed=77)
    for name, texts in (("held", held), ("hand", read_lines("judging.txt"))):
        (options.work / f"{name}.pickle").write_bytes(
            pickle.dumps(make_set(texts, seed=len(texts), dictionary=dictionary))
        )


if __name__ == "__main__":
    main()
