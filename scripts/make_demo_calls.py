"""Make the audio of the sample calls from their dialogues.

Reads callmon/samples/NAME.toml and writes NAME.ogg (Ogg Opus, 8 kHz, one or two channels)
and NAME.times.json (the true start and end of every turn in seconds). The same dialogues
give the same calls every time. Needs the program `flite` (with the voices rms and slt) and
the packages praat-parselmouth, soundfile, soxr and av.
"""

from __future__ import annotations

import argparse
import json
import re
import tomllib
import zlib
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import soxr
from train_demo_asr.voice import (
    MANNERS,
    PERSONS,
    SAMPLE_RATE,
    TELEPHONE_RATE,
    Manner,
    Person,
    room_noise,
    speak,
    telephone,
)

SAMPLES = Path(__file__).resolve().parent.parent / "callmon" / "samples"
LEAD_SECONDS = 0.8  # room noise before the first word
TAIL_SECONDS = 1.2
GAP_SECONDS = (0.45, 0.95)  # between turns, where a dialogue does not say
PAUSE_SECONDS = (0.6, 0.85)  # between the sentences of a turn
NOISE_DBFS = {"agent": -66.0, "customer": -62.0}


@dataclass(frozen=True)
class Turn:
    """One turn on the time line: the speech of one party and when it starts."""

    party: str
    start: float
    end: float
    samples: np.ndarray


def place_turns(dialogue: dict, *, random: np.random.Generator) -> list[Turn]:
    """Speak every turn and put it on the time line; a negative gap starts before the turn
    before it ends.
    """
    turns: list[Turn] = []
    clock = LEAD_SECONDS
    for number, line in enumerate(dialogue["turns"]):
        person = PERSONS[dialogue["voices"][line["party"]]]
        manner = vary(MANNERS[line.get("style", "ordinary")], random=random)
        samples = speak_turn(line["text"], person=person, manner=manner, random=random)
        gap = line.get("gap", random.uniform(*GAP_SECONDS))
        start = clock + gap if number else clock
        seconds = len(samples) / SAMPLE_RATE
        turns.append(Turn(line["party"], start, start + seconds, samples))
        clock = start + seconds if gap >= 0 else max(clock, start + seconds)
    return turns


def speak_turn(
    text: str, *, person: Person, manner: Manner, random: np.random.Generator
) -> np.ndarray:
    """The sentences of a turn with pauses between, as people take breath."""
    parts: list[np.ndarray] = []
    for sentence in re.split(r"(?<=[.?!])\s+", text):
        pause = random.uniform(*PAUSE_SECONDS) / manner.rate if parts else 0.0
        parts.append(np.zeros(round(pause * SAMPLE_RATE), np.float32))
        parts.append(speak(sentence, person=person, manner=manner).samples)
    return np.concatenate(parts)


def vary(manner: Manner, *, random: np.random.Generator) -> Manner:
    """A few percent from turn to turn, as people do; the style stays what it is."""
    return Manner(
        manner.pitch_ratio * random.uniform(0.97, 1.03),
        manner.pitch_range,
        manner.rate * random.uniform(0.97, 1.03),
        manner.gain_db + random.uniform(-1, 1),
    )


def mix(dialogue: dict, turns: list[Turn], *, random: np.random.Generator) -> np.ndarray:
    """The call at `TELEPHONE_RATE`, shape (channels, samples); a mono call holds both
    parties in its one channel.
    """
    length = round((turns[-1].end + TAIL_SECONDS) * SAMPLE_RATE)
    lines: dict[str, np.ndarray] = {}
    for party, level in NOISE_DBFS.items():
        line = room_noise(length, level_dbfs=level, random=random)
        for turn in turns:
            if turn.party == party:
                first = round(turn.start * SAMPLE_RATE)
                line[first : first + len(turn.samples)] += turn.samples
        lines[party] = line
    if dialogue["channels"] == 1:
        return telephone(lines["agent"] + lines["customer"])[None]
    order = (
        ["agent", "customer"]
        if dialogue["agent_channel"] == "left"
        else ["customer", "agent"]
    )
    return np.stack([telephone(lines[party]) for party in order])


def write_opus(path: Path, samples: np.ndarray, *, bit_rate: int) -> None:
    """Store `samples` of shape (channels, samples) as Ogg Opus."""
    channels = len(samples)
    layout = "mono" if channels == 1 else "stereo"
    with av.open(str(path), "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=TELEPHONE_RATE, layout=layout)
        stream.bit_rate = bit_rate
        whole = np.ascontiguousarray(np.clip(samples, -1, 1), dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(
            whole.T.reshape(1, -1), format="flt", layout=layout
        )
        frame.sample_rate = TELEPHONE_RATE
        resampler = av.AudioResampler(format="flt", layout=layout, rate=TELEPHONE_RATE)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))


def read_opus(path: Path) -> np.ndarray:
    """Decode to float samples of shape (channels, samples) at `TELEPHONE_RATE`."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        frames = [frame.to_ndarray() for frame in container.decode(stream)]
        rate_hz, planar = (
            stream.codec_context.sample_rate,
            stream.codec_context.format.is_planar,
        )
        channels = stream.codec_context.channels
    decoded = np.concatenate(frames, axis=1)
    decoded = decoded if planar else decoded.reshape(-1, channels).T
    return soxr.resample(decoded.T.astype(np.float32), rate_hz, TELEPHONE_RATE).T


def leakage_db(path: Path, turns: list[Turn], *, agent_first: bool) -> float:
    """The worst share of a talking party that is heard on the other's channel, in dB, where
    one talks alone.

    Opus may store two channels as one and a direction; then an analysis per channel hears
    the wrong party. The other channel's own room noise does not count: only what goes along
    with the talking channel is leakage.
    """
    channels = read_opus(path)
    worst = -120.0
    for turn in turns:
        if any(
            t.party != turn.party and t.start < turn.end and t.end > turn.start
            for t in turns
        ):
            continue
        talking = int((turn.party == "agent") != agent_first)
        part = channels[
            :, round(turn.start * TELEPHONE_RATE) : round(turn.end * TELEPHONE_RATE)
        ]
        share = abs(np.dot(part[talking], part[1 - talking])) / np.dot(
            part[talking], part[talking]
        )
        worst = max(worst, 20 * np.log10(share + 1e-6))
    return float(worst)


def make_call(path: Path, *, bit_rate_per_channel: int) -> str:
    """Make one call beside its dialogue; returns a line for the screen."""
    dialogue = tomllib.loads(path.read_text(encoding="utf-8"))
    random = np.random.default_rng(zlib.crc32(path.stem.encode()))
    turns = place_turns(dialogue, random=random)
    samples = mix(dialogue, turns, random=random)
    audio = path.with_suffix(".ogg")
    write_opus(audio, samples, bit_rate=bit_rate_per_channel * len(samples))
    times = {
        "seconds": round(samples.shape[1] / TELEPHONE_RATE, 3),
        "turns": [
            {"party": t.party, "start": round(t.start, 3), "end": round(t.end, 3)}
            for t in turns
        ],
    }
    path.with_suffix(".times.json").write_text(
        json.dumps(times, indent=1) + "\n", encoding="utf-8"
    )
    leak = ""
    if len(samples) == 2:
        agent_first = dialogue["agent_channel"] == "left"
        leak = f", leakage {leakage_db(audio, turns, agent_first=agent_first):.1f} dB"
    return (
        f"{audio.name}: {times['seconds']:.1f} s, {audio.stat().st_size // 1024} KiB{leak}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "names",
        nargs="*",
        help="sample calls to make, for example hotel-wrong-room; all when left out",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=SAMPLES,
        help="where the dialogues are (default: %(default)s)",
    )
    parser.add_argument(
        "--bit-rate",
        type=int,
        default=16_000,
        help="bits a second and channel of the Opus stream (default: %(default)s)",
    )
    options = parser.parse_args()
    paths = [options.folder / f"{name}.toml" for name in options.names] or sorted(
        options.folder.glob("*.toml")
    )
    for path in paths:
        print(make_call(path, bit_rate_per_channel=options.bit_rate))


if __name__ == "__main__":
    main()
