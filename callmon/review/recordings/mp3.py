"""Cuts and silences MP3 by its frames, which needs no codec.

It is for the copies that callmon makes (`callmon.audio.listening`): MPEG-2 layer III of a
constant bit rate without a bit reservoir, so that all frames have one size and each stands
for itself. (ISO/IEC 13818-3, 2.4.)
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from callmon.call import Interval

HEADER_BYTES: Final = 4
SAMPLES: Final = 576
"""Of a frame."""
RATES: Final = (22_050, 24_000, 16_000)
KBITS: Final = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
SPREAD: Final = 2
"""Frames before and after in which a sound is heard too: a transform covers two of them,
and the decoder's delay is not a whole number of them."""


@dataclass(frozen=True)
class Frames:
    """The frames of a copy."""

    header: bytes
    """Of the first one; they differ in nothing that matters to a frame without sound."""
    size: int
    """Bytes of a frame."""
    count: int
    seconds: float
    """That a frame lasts."""

    @classmethod
    def read(cls, header: bytes, *, length: int) -> Self:
        """From the first bytes of a copy of this length. Raises ValueError for others."""
        sync = len(header) >= HEADER_BYTES and header[0] == 0xFF
        # Sync, MPEG-2, layer III, no checksum.
        if not sync or header[1] != 0xF3:
            raise ValueError(f"no copy to listen to begins with {header[:4].hex(' ')}")
        rate, bits, padded = header[2] >> 2 & 3, header[2] >> 4, header[2] & 2
        if rate > 2 or not 1 <= bits <= len(KBITS) or padded:
            raise ValueError(f"a frame with the header {header[:4].hex(' ')} has no size")
        size, rest = divmod(72_000 * KBITS[bits - 1], RATES[rate])
        if rest or length % size:
            raise ValueError(f"{length} bytes are no whole frames of {size}")
        return cls(
            header=header[:HEADER_BYTES],
            size=size,
            count=length // size,
            seconds=SAMPLES / RATES[rate],
        )

    @property
    def duration(self) -> float:
        return self.count * self.seconds

    def cut(self, start: float, end: float) -> tuple[int, int]:
        """The bytes [first, last) of the frames that sound in [start, end)."""
        first = min(max(math.floor(start / self.seconds), 0), self.count)
        last = min(max(math.ceil(end / self.seconds), first), self.count)
        return first * self.size, last * self.size

    def hidden(self, stretches: Iterable[Interval]) -> tuple[tuple[int, int], ...]:
        """The bytes of all frames in which something of the stretches can be heard."""
        margin = SPREAD * self.seconds
        return tuple(self.cut(each.start - margin, each.end + margin) for each in stretches)

    def silence(self, block: bytes, at: int, hidden: Sequence[tuple[int, int]]) -> bytes:
        """The block, which stands at that byte of the copy, with frames without sound in
        place of those that are hidden."""
        silent = self.header + bytes(self.size - HEADER_BYTES)
        parts, done = [], 0
        for first, last in sorted(hidden):
            begin, end = max(first - at, done), min(last - at, len(block))
            if begin >= end:
                continue
            parts.append(block[done:begin])
            phase = (at + begin) % self.size
            repeats = (end - begin + phase) // self.size + 1
            parts.append((silent * repeats)[phase : phase + end - begin])
            done = end
        return b"".join([*parts, block[done:]])
