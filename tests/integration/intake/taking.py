"""What the tests of intake share: small recordings, and a queue that only remembers."""

from __future__ import annotations

import struct

from callmon.errors import StoreUnavailable


def wav(words: str, *, seconds: float = 0.05) -> bytes:
    """A recording of its own for each text: noise at 8 kHz that begins with the text."""
    samples = words.encode() + bytes(int(seconds * 8000) * 2)
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + len(samples), b"WAVE", b"fmt ",
                       16, 1, 1, 8000, 16000, 2, 16)  # fmt: skip
    return head + struct.pack("<4sI", b"data", len(samples)) + samples


class Remembering:
    """In place of a queue."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, int, int]] = []
        self.answers = True

    def enqueue(self, recording_id: str, run: int, *, priority: int) -> None:
        if not self.answers:
            raise StoreUnavailable("The queue does not answer.")
        self.jobs.append((recording_id, run, priority))
