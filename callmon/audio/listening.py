"""A copy of a recording that every browser plays, and that can be cut without a codec.

MP3 of constant bit rate and without a bit reservoir: all frames are of the same size and
each stands for itself. So the byte of a second is known, a clip is a run of frames, and a
frame without sound can take the place of one that nobody may hear. MP3 and not Opus: older
Safari versions play no Ogg.
"""

from __future__ import annotations

from typing import Any, BinaryIO

from callmon.audio.decode import WORKING_RATE
from callmon.call import Audio

BITS_PER_CHANNEL = 32_000
"""LAME needs somewhat more than the 24 kbit/s of the report, having no reservoir. Frames
are whole bytes at that: 72 * 32000 / 16000 = 144 (ISO/IEC 13818-3, 2.4.3.1)."""
FRAME_SAMPLES = 576
"""Of MPEG-2, layer III."""
DELAY_FRAMES = 2
"""Left out at the start: LAME and every decoder delay the sound by 1105 samples together,
so that without 1152 of them it is 3 ms early and not 69 ms late."""
BLOCK_SECONDS = 30.0


def write_copy(audio: Audio, target: BinaryIO) -> None:
    """Writes the copy, about 4 kB a second for each channel, without any metadata."""
    import av
    import numpy as np

    if audio.sample_rate != WORKING_RATE:
        raise ValueError(f"the sound has {audio.sample_rate} Hz and not {WORKING_RATE}")
    layout = "stereo" if audio.channels == 2 else "mono"
    encoder: Any = av.CodecContext.create("libmp3lame", "w")
    encoder.sample_rate = WORKING_RATE
    encoder.layout = layout
    encoder.format = "fltp"
    encoder.bit_rate = BITS_PER_CHANNEL * audio.channels
    encoder.options = {"reservoir": "0"}
    skip = DELAY_FRAMES

    def write(packets: list[Any]) -> None:
        nonlocal skip
        for packet in packets:
            if skip:
                skip -= 1
            else:
                target.write(bytes(packet))

    at = 0.0
    while at < audio.duration:
        until = min(at + BLOCK_SECONDS, audio.duration)
        block = np.stack([audio.read(c, at, until) for c in range(audio.channels)])
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=layout)
        frame.sample_rate = WORKING_RATE
        write(encoder.encode(frame))
        at = until
    write(encoder.encode(None))
