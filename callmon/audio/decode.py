"""Decodes any recording to 16 kHz in blocks, kept in a temporary file.

A four-hour stereo call is 1.8 GB as floats; here it never is in memory. The sound is
decoded frame by frame into an unlinked file of 16-bit samples, and read back in the
pieces that are asked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from callmon.audio.container import (
    WHAT_WORKS,
    declared_seconds,
    ends_early,
    has_time_stamps,
    open_recording,
)
from callmon.audio.writer import SAMPLE_BYTES, Writer
from callmon.call import Value
from callmon.errors import BadRecording

if TYPE_CHECKING:
    import av
    import numpy as np
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from numpy.typing import NDArray

WORKING_RATE = 16_000
"""Hertz; what Silero and Whisper were trained on."""

SHORTFALL = 0.5
"""Seconds by which the sound may be shorter than the header says: codecs pad and prime
with up to two frames (AAC 2 x 64 ms, ADPCM 256 ms at 8 kHz)."""


class Facts(Value):
    """What was learnt about the recording while it was decoded."""

    container: str
    """FFmpeg's short name, for example `wav`."""
    codec: str
    """FFmpeg's short name, for example `pcm_mulaw`."""
    sample_rate: int
    """Hertz, as stored."""
    clipped: tuple[float, ...]
    """By channel, the share of stored samples at the limit of the scale, 0 to 1."""
    declared: float | None
    """Seconds, by the header; null where the header does not say."""
    truncated: bool
    """True when the end of the recording is missing."""
    missing: float
    """Seconds inside the recording without sound data; they are silent here."""


class Decoded:
    """Sound at 16 kHz in a temporary file; `callmon.call.Audio` with a lifetime.

    Use it in a `with` statement: the file takes 32 kB per second and channel until then.
    """

    def __init__(self, file: IO[bytes], *, channels: int, facts: Facts) -> None:
        self._file = file
        self._frames = os.fstat(file.fileno()).st_size // (SAMPLE_BYTES * channels)
        self._channels = channels
        self.facts = facts

    @property
    def sample_rate(self) -> int:
        return WORKING_RATE

    @property
    def channels(self) -> int:
        return self._channels

    @property
    def duration(self) -> float:
        return self._frames / WORKING_RATE

    def read(self, channel: int, start: float, end: float) -> NDArray[np.float32]:
        """Samples of one channel in [start, end), shape (n,), in -1 to 1.

        Times outside the recording are cut to it.

        Raises:
            IndexError: There is no such channel.
        """
        import numpy as np

        if not 0 <= channel < self._channels:
            raise IndexError(f"channel {channel} of a recording with {self._channels}")
        first = min(max(round(start * WORKING_RATE), 0), self._frames)
        last = min(max(round(end * WORKING_RATE), first), self._frames)
        width = SAMPLE_BYTES * self._channels
        data = os.pread(self._file.fileno(), (last - first) * width, first * width)
        samples = np.frombuffer(data, dtype="<i2").reshape(-1, self._channels)[:, channel]
        return samples.astype(np.float32) / np.float32(32768)

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def decode(
    path: Path,
    *,
    max_seconds: float = 14_400.0,
    progress: Callable[[float], None] | None = None,
) -> Decoded:
    """Decodes a recording of one or two channels, whatever its format and rate.

    What can be decoded of a damaged or cut file is kept, and `facts` says so.

    Args:
        path: A sound file, or a video file with a sound track.
        max_seconds: Decoding stops with an error when the sound is longer.
        progress: Called with the share of the file that was read, 0 to 1.

    Raises:
        BadRecording: The file is missing or unreadable, holds no sound, has more than
            two channels, or is longer than `max_seconds`.
        Transient: The disk is full.
    """
    with open_recording(path) as (container, stream, source):
        size = os.fstat(source.fileno()).st_size
        declared = declared_seconds(container, source)
        writer = Writer(
            rate=WORKING_RATE,
            stamped=has_time_stamps(container),
            max_seconds=max_seconds,
        )
        try:
            damaged = False
            reported = 0.0
            for frame in _frames(container, stream):
                damaged = frame is None
                if frame is not None:
                    writer.add(frame)
                if writer.seconds > max_seconds:
                    length = max(declared or 0.0, writer.seconds)
                    raise BadRecording(
                        f"The recording lasts {_minutes(length)} or more; the limit is"
                        f" {_minutes(max_seconds)}. Split it, or raise the limit."
                    )
                share = min(source.tell() / size, 1.0)
                if progress is not None and share >= reported + 0.01:
                    progress(reported := share)
            file = writer.finish()
            if writer.channels == 0 or os.fstat(file.fileno()).st_size == 0:
                raise BadRecording(
                    f"Nothing could be decoded of the {stream.codec_context.name} sound in"
                    f" {path.name!r}. {WHAT_WORKS}"
                )
            if declared is not None:  # then a last packet of rubbish is not the sound's
                damaged = declared - writer.seconds > SHORTFALL
            facts = Facts(
                container=container.format.name.split(",")[0],
                codec=stream.codec_context.name,
                sample_rate=writer.sample_rate,
                clipped=writer.clipped,
                declared=declared,
                truncated=damaged or ends_early(container, source),
                missing=writer.missing,
            )
        except BaseException:
            writer.close()
            raise
    if progress is not None:
        progress(1.0)
    return Decoded(file, channels=writer.channels, facts=facts)


def _frames(
    container: InputContainer, stream: AudioStream
) -> Iterator[av.AudioFrame | None]:
    """Decoded frames in their order; None stands for data that cannot be decoded."""
    import av

    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            yield None
            return
        if packet is None:
            return
        try:
            for frame in packet.decode():
                if isinstance(frame, av.AudioFrame):
                    yield frame
        except av.FFmpegError:
            yield None


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} minutes ({seconds:.0f} s)"
