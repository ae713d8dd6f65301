"""Makes mono calls of which it is known who speaks when, to choose and judge limits on.

From acted sentences (the Berlin database of emotional speech): turns of one to three
sentences, pauses and overlaps between them, backchannels inside them, another handset and
level for each voice, noise, telephone band, µ-law. And from calls with two channels: their
sum. The truth is the voice activity of each voice before the mixing.

The five speakers of `development` are other people than the five of `held`.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from evaluate_tone import Sound, telephone

from callmon.audio.activity import SHORTEST_SILENCE, find_activity
from callmon.audio.decode import decode
from callmon.call import Interval
from callmon.intervals import union
from callmon.samples import samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Sentences = dict[str, dict[str, list[NDArray[np.float32]]]]

Half = Literal["development", "held"]

RATE = 16_000
FRAME = 160
"""Samples."""
SPEAKERS: dict[Half, tuple[str, ...]] = {
    "development": ("03", "08", "09", "10", "11"),
    "held": ("12", "13", "14", "15", "16"),
}
WOMEN = {"08", "09", "13", "14", "16"}
ORDINARY = "neutral", "sad"
"""Emotions of a voice without moods; neutral alone would be too few sentences."""

GAP = 0.25, 0.45
"""Mean and deviation in seconds of the time from one turn to the next; below zero they
overlap. About what is measured in telephone talk (Ten Bosch, Oostdijk and Boves 2005)."""
LONGEST_OVERLAP = -0.8
LONGEST_GAP = 2.0
BACKCHANNELS = 0.25
"""Share of turns into which the other voice says a short word."""
BACKCHANNEL = 0.3, 0.7
"""Seconds."""
VOICE_GAIN = 6.0
"""Decibels; each voice is louder or softer by at most so much."""
NOISE = 20.0, 35.0
"""Decibels of the speech over the noise."""


@dataclass(frozen=True)
class Mix:
    """A mono call and its truth."""

    name: str
    kind: str
    """What is told apart: `f+m`, `f+f`, `m`, `f+m+m moods`, `real`, ..."""
    sound: Sound = field(repr=False)
    truth: tuple[tuple[Interval, ...], ...] = field(repr=False)
    """When each voice speaks."""


def acted_mixes(folder: Path, half: Half) -> list[Mix]:
    """One, two and three voices; each cast once in ordinary voice and once in moods."""
    sentences = _sentences(folder)
    speakers = SPEAKERS[half]
    casts = [
        *combinations(speakers, 1),
        *combinations(speakers, 2),
        *list(combinations(speakers, 3))[::2],
    ]
    return [
        _acted(cast, sentences, moods=moods) for cast in casts for moods in (False, True)
    ]


def sample_mixes(half: Half) -> list[Mix]:
    """The bundled calls, every other one in each half."""
    chosen = samples()[0 if half == "development" else 1 :: 2]
    stereo = [s for s in chosen if s.dialogue["channels"] == 2]
    mixes = [mixed(sample.recording, kind="samples") for sample in stereo]
    for sample in chosen:
        if sample not in stereo:
            parties: dict[str, list[Interval]] = {"agent": [], "customer": []}
            for turn in sample.transcript():
                assert turn.start is not None
                assert turn.end is not None
                parties[turn.speaker].append(Interval(start=turn.start, end=turn.end))
            with decode(sample.recording) as audio:
                sound = Sound(audio.read(0, 0.0, audio.duration))
            truth = tuple(map(tuple, parties.values()))
            mixes.append(Mix(sample.name, "samples", sound, truth))
    return mixes


def mixed(path: Path, *, kind: str) -> Mix:
    """The sum of a call's two channels."""
    with decode(path) as audio:
        truth = tuple(activity.intervals for activity in find_activity(audio))
        both = audio.read(0, 0.0, audio.duration) + audio.read(1, 0.0, audio.duration)
    return Mix(path.name, kind, Sound(both / 2), truth)


def _sentences(folder: Path) -> Sentences:
    """The acted sentences by speaker and emotion."""
    import soundfile

    sentences: Sentences = {}
    with (folder / "emodb.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            sound, rate = soundfile.read(folder / "emodb" / row["file"], dtype="float32")
            assert rate == RATE, f"{row['file']} has {rate} Hz"
            of_speaker = sentences.setdefault(row["speaker"], {})
            of_speaker.setdefault(row["emotion"], []).append(_trimmed(sound))
    return sentences


def _acted(cast: Sequence[str], sentences: Sentences, *, moods: bool) -> Mix:
    kind = "+".join(sorted("f" if name in WOMEN else "m" for name in cast))
    kind = f"{len(cast)}: {kind}"
    name = f"{'+'.join(cast)}{' moods' if moods else ''}"
    chance = random.Random(name)
    tracks = [
        telephone(_handset(track, chance), gain_db=0.0)
        for track in _tracks(cast, sentences, chance, moods=moods)
    ]
    truth = tuple(map(_loud, tracks))
    mix = np.sum(tracks, axis=0)
    power = np.mean(mix**2) / 10 ** (chance.uniform(*NOISE) / 10)
    noise = np.random.default_rng(chance.getrandbits(32)).normal(0, power**0.5, len(mix))
    return Mix(
        name,
        f"{kind}, moods" if moods else kind,
        Sound((mix + noise).astype(np.float32)),
        truth,
    )


def _loud(track: NDArray[np.float32]) -> tuple[Interval, ...]:
    """When a track without noise is not silent; pauses in a sentence belong to it."""
    frames = track[: len(track) // FRAME * FRAME].reshape(-1, FRAME)
    level = frames.std(axis=1)
    edges = np.flatnonzero(np.diff(level > 0.03 * level.max(), prepend=0, append=0))
    return union(
        (
            Interval(start=first * FRAME / RATE, end=last * FRAME / RATE)
            for first, last in edges.reshape(-1, 2).tolist()
        ),
        gap=SHORTEST_SILENCE,
    )


def _tracks(
    cast: Sequence[str], sentences: Sentences, chance: random.Random, *, moods: bool
) -> list[NDArray[np.float32]]:
    """The sound of each voice alone, all of one length.

    A third voice takes the place of the first in the second half, as after a transfer. In
    a call with moods the last voice speaks all emotions; else only neutral and sad ones,
    of which there are enough for a call.
    """
    own = [
        [
            sound
            for emotion, sounds in sentences[name].items()
            if emotion in ORDINARY or (moods and name == cast[-1])
            for sound in sounds
        ]
        for name in cast
    ]
    if len(cast) == 1:
        order = [0] * 12
    elif len(cast) == 2:
        order = [0, 1] * 8
    else:
        order = [0, 1] * 6 + [2, 1] * 6
    placed: list[tuple[int, float, NDArray[np.float32]]] = []
    at = 0.5
    for turn, voice in enumerate(order):
        said = chance.sample(own[voice], chance.choice((1, 1, 2, 3)))
        begin = at
        for sound in said:
            placed.append((voice, at, sound))
            at += len(sound) / RATE + chance.uniform(0.0, 0.3)
        at -= 0.15
        other = order[turn - 1]
        if other != voice and chance.random() < BACKCHANNELS:
            sound = chance.choice(own[other])
            length = int(chance.uniform(*BACKCHANNEL) * RATE)
            when = chance.uniform(begin, at)
            placed.append((other, when, 0.7 * sound[:length] * np.hanning(length)))
        gap = chance.gauss(*GAP) if len(cast) > 1 else chance.uniform(0.3, 2.0)
        at += min(max(gap, LONGEST_OVERLAP), LONGEST_GAP)
    total = int((at + 1.0) * RATE)
    tracks = [np.zeros(total, np.float32) for _ in cast]
    for voice, when, sound in placed:
        first = int(when * RATE)
        tracks[voice][first : first + len(sound)] += sound
    levels = [0.1 * 10 ** (chance.uniform(-VOICE_GAIN, VOICE_GAIN) / 20) for _ in cast]
    return [
        level * track / track[track != 0].std()
        for level, track in zip(levels, tracks, strict=True)
    ]


def _trimmed(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without the silence around it."""
    loud = np.flatnonzero(np.abs(sound) > 0.02 * np.abs(sound).max())
    return sound[loud[0] : loud[-1] + 1]


def _handset(sound: NDArray[np.float32], chance: random.Random) -> NDArray[np.float32]:
    """Up to 6 dB more or less treble: no two telephones are alike."""
    from scipy import signal

    tilt = chance.uniform(-0.4, 0.4)
    heard: NDArray[np.float32] = signal.lfilter([1.0, tilt], [1.0], sound)
    return heard
