"""Lines over which a recording comes: what each does to speech at 16 kHz.

All carry the telephone band. The codecs are those that PyAV and libsndfile can write: GSM
full rate, AMR narrow band, G.726, G.723.1 and Opus. EVRC, iLBC, G.729 and AMR wide band can
only be read there, so that no line is made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from tone_speech import RATE, gains, telephone

if TYPE_CHECKING:
    from tone_speech import Samples

LINE_RATE = 8000
PACKET = 0.02
"""Seconds of speech in one packet."""
LOST = 0.05
"""Share of packets: a bad connection (ITU-T G.113 gives 1 to 3 for a usual one)."""
BURST = 2.0
"""Packets that are lost one after the other, on average."""
SPOKEN = -26.0
"""Decibels re full scale of active speech on a line (ITU-T P.56, P.830)."""

Line = Callable[["Samples", int], "Samples"]
"""From a sentence at 16 kHz and its number to what is heard of it at 16 kHz."""


@dataclass(frozen=True)
class Codec:
    """A coder of FFmpeg, and the kind of file that holds what it writes."""

    name: str
    file: str
    bits: int
    """Per second."""


CODECS: Mapping[str, Codec] = {
    "AMR 12.2": Codec("libopencore_amrnb", "amr", 12_200),
    "AMR 4.75": Codec("libopencore_amrnb", "amr", 4_750),
    "G.726 32": Codec("g726", "wav", 32_000),
    "G.726 16": Codec("g726", "wav", 16_000),
    "G.723.1": Codec("g723_1", "g723_1", 6_300),
    "Opus 8": Codec("libopus", "ogg", 8_000),
}
"""By name and kilobits per second."""


def lines(count: int) -> Mapping[str, Line]:
    """All lines by name for so many sentences, the plain µ-law line first."""
    levels = gains(count, seed=1)
    return {
        "plain": lambda sound, _: telephone(sound),
        "gain": lambda sound, number: telephone(sound, gain_db=levels[number]),
        "noise": lambda sound, number: telephone(
            sound, noise=np.random.default_rng(number)
        ),
        "lost": lambda sound, number: lose_packets(
            telephone(sound), np.random.default_rng(number)
        ),
        "GSM": lambda sound, _: _up(_gsm(_spoken(sound))),
        **{name: _over(codec) for name, codec in CODECS.items()},
    }


def lose_packets(sound: Samples, chance: np.random.Generator) -> Samples:
    """The sound with bursts of lost packets, each filled by the last one heard at half.

    Losses come by Gilbert's two states: the next packet is lost with one probability
    after a packet that came, with another after one that was lost.
    """
    heard = sound.copy()
    size = int(PACKET * RATE)
    stays = 1 - 1 / BURST
    begins = LOST / (1 - LOST) / BURST
    lost = False
    for at in range(size, len(sound) - size, size):
        lost = chance.random() < (stays if lost else begins)
        if lost:
            heard[at : at + size] = heard[at - size : at] / 2
    return heard


def coded(sound: Samples, codec: Codec) -> Samples:
    """What the codec leaves of a sound at 8 kHz, as decoded; in -1 to 1."""
    import av

    samples = np.round(np.clip(sound, -1, 1) * 32767).astype(np.int16)
    file = BytesIO()
    with av.open(file, "w", format=codec.file) as written:
        stream = written.add_stream(codec.name, rate=LINE_RATE, layout="mono")
        stream.bit_rate = codec.bits
        size = stream.codec_context.frame_size or int(PACKET * LINE_RATE)
        samples = np.pad(samples, (0, -len(samples) % size))
        for at in range(0, len(samples), size):
            frame = av.AudioFrame.from_ndarray(samples[None, at : at + size], "s16", "mono")
            frame.sample_rate = LINE_RATE
            frame.pts = at
            written.mux(stream.encode(frame))
        written.mux(stream.encode(None))
    file.seek(0)
    resampler = av.AudioResampler(format="flt", layout="mono", rate=LINE_RATE)
    with av.open(file, format=codec.file) as read:
        pieces = [
            piece.to_ndarray()[0]
            for frame in read.decode(audio=0)
            for piece in resampler.resample(frame)
        ]
    pieces += [piece.to_ndarray()[0] for piece in resampler.resample(None)]
    return np.concatenate(pieces)[: len(sound)].astype(np.float32)


def _over(codec: Codec) -> Line:
    return lambda sound, _: _up(coded(_spoken(sound), codec))


def _gsm(sound: Samples) -> Samples:
    """GSM 06.10 full rate, 13 kilobits per second, as libsndfile writes it into a file."""
    import soundfile

    file = BytesIO()
    soundfile.write(file, sound, LINE_RATE, format="WAV", subtype="GSM610")
    file.seek(0)
    heard, _ = soundfile.read(file, dtype="float32")
    return np.asarray(heard[: len(sound)], dtype=np.float32)


def _spoken(sound: Samples) -> Samples:
    """The telephone band at 8 kHz, at the level for which codecs are made."""
    from scipy import signal

    passed = signal.butter(6, [300, 3400], btype="band", fs=LINE_RATE, output="sos")
    line = signal.sosfilt(passed, signal.resample_poly(sound, 1, 2))
    loud = 10 ** (SPOKEN / 20) / np.sqrt(np.mean(line**2))
    return np.clip(line * loud, -1, 1).astype(np.float32)


def _up(line: Samples) -> Samples:
    from scipy import signal

    heard: Samples = signal.resample_poly(line, 2, 1).astype(np.float32)
    return heard
