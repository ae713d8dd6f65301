"""A recording as sound that every browser plays."""

from __future__ import annotations

import io
from pathlib import Path

from callmon.audio.decode import WORKING_RATE, decode

# 24 kbit/s a channel is enough for telephone speech and keeps a ten-minute call of two
# channels at 3.6 MB inside a page.
BITS_PER_CHANNEL = 24_000
BLOCK_SECONDS = 30.0


def to_mp3(path: Path, *, max_seconds: float = 14_400.0) -> bytes:
    """The recording as MP3 at 16 kHz, without the metadata of the source.

    MP3 and not Opus: older Safari versions play no Ogg. Raises BadRecording like
    `decode`.
    """
    import av
    import numpy as np

    target = io.BytesIO()
    with (
        decode(path, max_seconds=max_seconds) as audio,
        av.open(target, "w", format="mp3") as container,
    ):
        layout = "stereo" if audio.channels == 2 else "mono"
        stream = container.add_stream("mp3", rate=WORKING_RATE, layout=layout)
        stream.bit_rate = BITS_PER_CHANNEL * audio.channels
        at = 0.0
        while at < audio.duration:
            until = min(at + BLOCK_SECONDS, audio.duration)
            block = np.stack([audio.read(c, at, until) for c in range(audio.channels)])
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=layout)
            frame.sample_rate = WORKING_RATE
            container.mux(stream.encode(frame))
            at = until
        container.mux(stream.encode(None))
    return target.getvalue()
