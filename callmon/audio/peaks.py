"""The outline of a recording, to be drawn: the lowest and highest sample of each stretch.

The file begins with a line of JSON that says what follows: `channels`, `duration` in
seconds, and `resolutions`, each with its stretches `per_second` and its `length` in
stretches. Then come, resolution by resolution and in it channel by channel, a byte for the
lowest and one for the highest sample of each stretch, -127 to 127.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, BinaryIO

from callmon.call import Audio

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pairs = NDArray[np.int8]  # shape (stretches, 2)

PER_SECOND = (50, 10, 1)
"""Each a whole part of the first: to listen closely, to see a call, to see a long one."""
BLOCK_SECONDS = 60


def write_peaks(audio: Audio, target: BinaryIO) -> None:
    """Writes the outline, 122 bytes a second for each channel."""
    import numpy as np

    channels = [_finest(audio, channel) for channel in range(audio.channels)]
    outlines = [
        [_coarser(pairs, PER_SECOND[0] // per_second) for pairs in channels]
        for per_second in PER_SECOND
    ]
    head = {
        "channels": audio.channels,
        "duration": round(audio.duration, 3),
        "resolutions": [
            {"per_second": per_second, "length": len(outline[0])}
            for per_second, outline in zip(PER_SECOND, outlines, strict=True)
        ],
    }
    target.write(json.dumps(head).encode() + b"\n")
    for outline in outlines:
        for pairs in outline:
            target.write(np.ascontiguousarray(pairs).tobytes())


def _finest(audio: Audio, channel: int) -> Pairs:
    import numpy as np

    width = audio.sample_rate // PER_SECOND[0]
    found = [np.zeros((0, 2), np.int8)]
    at = 0.0
    while at < audio.duration:
        until = min(at + BLOCK_SECONDS, audio.duration)
        samples = audio.read(channel, at, until)
        rest = -len(samples) % width
        stretches = np.pad(samples, (0, rest)).reshape(-1, width)
        ends = np.stack([stretches.min(axis=1), stretches.max(axis=1)], axis=1)
        found.append(np.round(np.clip(ends, -1, 1) * 127).astype(np.int8))
        at = until
    return np.concatenate(found)


def _coarser(pairs: Pairs, times: int) -> Pairs:
    import numpy as np

    rest = -len(pairs) % times
    groups = np.pad(pairs, ((0, rest), (0, 0))).reshape(-1, times, 2)
    return np.stack([groups[:, :, 0].min(axis=1), groups[:, :, 1].max(axis=1)], axis=1)
