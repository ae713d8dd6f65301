"""Finds what was cut out of a recording: stretches without any sound, or a bleep.

Recorders that are paused while a card number is said (PCI DSS 3.3) leave digital zero
on all channels, or lay a steady tone over it. An open line is hardly ever that quiet: a
microphone, a converter and even comfort noise move the last bits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from callmon.call import Activity, Audio, Interval
from callmon.intervals import complement, intersection, seconds, union

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Frames = NDArray[np.float32]  # shape (frames, samples)
    Verdicts = NDArray[np.bool_]  # shape (frames,)

BLOCK = 60.0
"""Seconds read at a time; a whole number of both frames below."""
SHORTEST = 0.5
"""Seconds; a shorter hole is some lost packets and hides no digit."""

BLANK_FRAME = 0.02
"""Seconds; a packet of telephony lasts as long."""
STEP = 1 / 32_768
"""Of the 16 bits that decoding gives."""
RIPPLE = 2.5 * STEP
"""From the lowest to the highest sample of a blank frame: two steps, which are also the
dither of 16-bit editors (triangular, one step to each side; Lipshitz et al. 1992). Zero
comes out of PCM, G.711, G.726, MP3, AAC, Opus and AMR as a constant after 60 ms."""
OFFSET = 9.5 * STEP
"""The constant: silence in A-law is 8 steps from zero (G.711), and one is dither."""

SEVERAL = 4
"""Blank pauses before they can be the recorder's habit (discontinuous transmission,
voice-activated recording); a payment takes one to three: number, date, code."""

BLEEP = 1_000
"""Hertz of the tone that is laid over what nobody may hear. The tones of the network are
elsewhere: dialling, ringing and busy end at 620 Hz (ITU-T E.180), fax begins at 1100."""
BLEEP_FRAME = 0.1
"""Seconds: lines 10 Hz apart."""
BLEEP_WIDTH = 30
"""Hertz to each side: the Hann window's lobe of two lines, and 1 % for the generator."""
BLEEP_SHARE = 0.95
"""Of a frame's energy: the bleep is 13 dB over all else, and no voice is heard."""


def find_redacted(audio: Audio, activities: Sequence[Activity]) -> tuple[Interval, ...]:
    """Stretches of over half a second that were cut out of all channels at once.

    Blank stretches at the start and the end count too: whether the recorder was paused
    or had no line yet, they tell nothing about the people. Where most ordinary pauses
    inside the call are blank as well, the recorder blanks them by itself, and nothing
    blank is redacted; a bleep still is.

    Args:
        audio: The sound.
        activities: The voices; something can be cut out only where all are silent.
    """
    spoken = union(interval for voice in activities for interval in voice.intervals)
    pauses = [
        pause
        for pause in complement(spoken, start=0.0, end=audio.duration)
        if pause.duration >= SHORTEST
    ]
    blank = _runs(audio, pauses, frame=BLANK_FRAME, holds=_is_blank)
    inside = [p for p in pauses if p.start > 0 and p.end < audio.duration]
    gated = sum(seconds(intersection(blank, [p])) >= p.duration / 2 for p in inside)
    if gated >= SEVERAL and gated > len(inside) / 2:
        blank = ()
    bleeps = _runs(audio, pauses, frame=BLEEP_FRAME, holds=_is_bleep)
    return tuple(cut for cut in union([*blank, *bleeps]) if cut.duration > SHORTEST)


def _runs(
    audio: Audio,
    pauses: Sequence[Interval],
    *,
    frame: float,
    holds: Callable[[Frames, int], Verdicts],
) -> tuple[Interval, ...]:
    """The parts of the pauses in which every frame of every channel holds."""
    import numpy as np

    found: list[Interval] = []
    width = round(frame * audio.sample_rate)
    for pause in pauses:
        for start, end in _blocks(pause):
            verdicts = []
            for channel in range(audio.channels):
                samples = audio.read(channel, start, end)
                whole = len(samples) // width
                verdicts.append(
                    holds(samples[: whole * width].reshape(whole, width), audio.sample_rate)
                )
            everywhere = np.all(verdicts, axis=0)
            edges = np.flatnonzero(np.diff(everywhere, prepend=False, append=False))
            found += [
                Interval(
                    start=start + float(first) * frame, end=start + float(last) * frame
                )
                for first, last in edges.reshape(-1, 2)
            ]
    # Half a frame is more than the last bits of a sum of frames.
    return union(found, gap=frame / 2)


def _blocks(pause: Interval) -> Iterator[tuple[float, float]]:
    for index in range(math.ceil(pause.duration / BLOCK)):
        start = pause.start + index * BLOCK
        yield start, min(start + BLOCK, pause.end)


def _is_blank(frames: Frames, _rate: int) -> Verdicts:
    import numpy as np

    steady = np.ptp(frames, axis=1) <= RIPPLE
    verdicts: Verdicts = steady & (np.abs(frames.mean(axis=1)) <= OFFSET)
    return verdicts


def _is_bleep(frames: Frames, rate: int) -> Verdicts:
    import numpy as np

    spectrum = np.fft.rfft(frames * np.hanning(frames.shape[1]), axis=1)
    power = np.abs(spectrum) ** 2
    hertz = np.fft.rfftfreq(frames.shape[1], 1 / rate)
    near = np.abs(hertz - BLEEP) <= BLEEP_WIDTH
    verdicts: Verdicts = power[:, near].sum(axis=1) > BLEEP_SHARE * power.sum(axis=1)
    return verdicts
