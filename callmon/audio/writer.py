"""Writes decoded frames to a temporary file of 16-bit samples at one rate.

Frames come as the recording has them: their rate may change, their time stamps may jump,
their floats may be no numbers. The file has one rate, true times and plain samples.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

from callmon.errors import BadRecording, Transient

if TYPE_CHECKING:
    import av
    import numpy as np
    from av.audio.resampler import AudioResampler
    from numpy.typing import NDArray

SAMPLE_BYTES = 2

LOWEST_RATE, HIGHEST_RATE = 4_000, 384_000
"""Hertz. Below, no speech is left; above, no recorder is known and the header is wrong."""

CLIPPED = 0.98
"""Share of full scale from which a sample counts as clipped. The top code of µ-law is
32124 / 32768 = 0.980 and that of A-law 0.984 (G.711), so a call that was clipped on the
telephone line is seen whatever format it was stored in afterwards."""

WILD = 4.0
"""Above this times full scale a float sample is no overshoot of a lossy codec but rubbish,
like NaN; the resampler would smear it over its neighbours."""

GAP = 0.1
"""Seconds that time stamps may run ahead of the samples before silence is put in: more
than the rounding of any container (Matroska: 1 ms), less than anybody hears as a pause."""

FULL_SCALE = {"u1": 128.0, "i2": 2.0**15, "i4": 2.0**31, "f4": 1.0, "f8": 1.0}


class Writer:
    """An unlinked file of interleaved samples that grows frame by frame.

    Args:
        rate: Hertz of the file.
        stamped: Whether the times of the frames are to be believed.
        max_seconds: No jump of the time stamps goes further.
    """

    def __init__(self, *, rate: int, stamped: bool, max_seconds: float) -> None:
        # Not in a with statement: it outlives the writer.
        self._file = tempfile.TemporaryFile(prefix="callmon-")  # noqa: SIM115
        self._rate = rate
        self._stamped = stamped
        self._max_seconds = max_seconds
        self._resampler: AudioResampler | None = None
        self._setup: tuple[str, str, int] | None = None
        self._origin: float | None = None
        self._clipped: NDArray[np.int64] | None = None
        self._samples = 0
        self.channels = 0
        self.sample_rate = 0
        self.seconds = 0.0
        """Time written so far, with silence put in."""
        self.missing = 0.0

    @property
    def clipped(self) -> tuple[float, ...]:
        if self._clipped is None:
            return ()
        return tuple(float(count) / self._samples for count in self._clipped)

    def add(self, frame: av.AudioFrame) -> None:
        import av

        self._accept(frame)
        self._fill_gap(frame)
        frame = self._inspect(frame)
        setup = (frame.format.name, frame.layout.name, frame.sample_rate)
        if setup != self._setup:
            # A chained Ogg or a joined MP3 may change in the middle.
            self._flush()
            same = frame.layout.nb_channels == self.channels
            layout = frame.layout if same else ("mono", "stereo")[self.channels - 1]
            self._resampler = av.AudioResampler("s16", layout, self._rate)
            self._setup = setup
        assert self._resampler is not None
        for resampled in self._resampler.resample(frame):
            self._write(resampled)
        self.seconds += frame.samples / frame.sample_rate

    def finish(self) -> IO[bytes]:
        """The file with all samples; it belongs to the caller."""
        self._flush()
        with _full_disk_told():
            self._file.flush()
        return self._file

    def close(self) -> None:
        self._resampler = None
        with suppress(OSError):  # a full disk refuses the rest of the buffer here too
            self._file.close()

    def _accept(self, frame: av.AudioFrame) -> None:
        channels, rate = frame.layout.nb_channels, frame.sample_rate
        if channels not in (1, 2):
            raise BadRecording(
                f"The recording has {channels} channels. Two layouts work: one channel"
                " with both voices, or two channels with one voice each."
            )
        if not LOWEST_RATE <= rate <= HIGHEST_RATE:
            raise BadRecording(
                f"The recording says it has {rate} samples per second. Rates from"
                f" {LOWEST_RATE} to {HIGHEST_RATE} work; telephone calls have 8000."
            )
        if self.channels == 0:
            self.channels, self.sample_rate = channels, rate

    def _fill_gap(self, frame: av.AudioFrame) -> None:
        """Leaves silence where the time stamps jump, so that times stay true."""
        if not self._stamped or frame.time is None:
            return
        if self._origin is None:
            self._origin = frame.time
        gap = frame.time - self._origin - self.seconds
        if gap < -GAP or self.seconds + gap > self._max_seconds:
            # The clock of the file starts again or is broken: trust the samples.
            self._origin = frame.time - self.seconds
        elif gap > GAP:
            self._flush()
            # Skipped, not written: the file system keeps no blocks for a hole.
            bytes_skipped = round(gap * self._rate) * SAMPLE_BYTES * self.channels
            with _full_disk_told():
                self._file.seek(bytes_skipped, os.SEEK_CUR)
            self.seconds += gap
            self.missing += gap

    def _inspect(self, frame: av.AudioFrame) -> av.AudioFrame:
        """Counts clipped samples; gives back the frame, cleaned of impossible values."""
        import av
        import numpy as np

        try:
            stored = frame.to_ndarray()
        except ValueError:
            raise BadRecording(
                f"The recording stores its samples as {frame.format.name}, which cannot be"
                " read. WAV with 8, 16, 24 or 32 bits or floats works."
            ) from None
        channels = frame.layout.nb_channels
        full_scale = FULL_SCALE[stored.dtype.str[1:]]
        middle = 128 if stored.dtype == np.uint8 else 0
        levels = np.abs(stored.astype(np.float32) - middle) / full_scale
        by_channel = levels if frame.format.is_planar else levels.reshape(-1, channels).T
        # NaN counts as clipped too: it compares false.
        counts = (~(by_channel < CLIPPED)).sum(axis=1)
        if len(counts) == self.channels:
            self._clipped = counts if self._clipped is None else self._clipped + counts
            self._samples += frame.samples
        if (levels <= WILD).all():
            return frame
        clean = np.clip(np.nan_to_num(stored, nan=0.0), -1, 1)
        cleaned = av.AudioFrame.from_ndarray(clean, frame.format.name, frame.layout)
        cleaned.sample_rate = frame.sample_rate
        cleaned.pts = frame.pts
        cleaned.time_base = frame.time_base
        return cleaned

    def _flush(self) -> None:
        if self._resampler is not None:
            for resampled in self._resampler.resample(None):
                self._write(resampled)
        self._resampler = self._setup = None

    def _write(self, frame: av.AudioFrame | None) -> None:
        if frame is not None:
            with _full_disk_told():
                self._file.write(frame.to_ndarray().tobytes())


@contextmanager
def _full_disk_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise Transient(
            f"The disk of the temporary folder {tempfile.gettempdir()!r} is full. A"
            " recording needs 2 MB there per minute and channel; make room, or set TMPDIR."
        ) from error
