"""Finds when somebody speaks, on each channel.

The speech probability comes from Silero VAD (https://github.com/snakers4/silero-vad), the
ONNX model inside faster-whisper. `faster_whisper.vad` wants the whole call in memory; here
the network runs block by block and its state is carried over, so that a block boundary
changes nothing. It knows noise and the tones of the telephone; music, which it may take
for speech, is told by `music`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from callmon.audio.music import without_music
from callmon.call import Activity, Audio, Interval
from callmon.intervals import clip, union

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 16_000
WINDOW = 512
"""Samples per probability; fixed by the network, like the two below."""
CONTEXT = 64
"""Samples of the window before that the network sees too."""
STATE = (1, 1, 128)
STEP = WINDOW / RATE
"""Seconds per probability: 32 ms."""

BLOCK = 1_875
"""Windows at a time: one minute of sound. Longer blocks are not faster."""

ONSET = 0.35
"""Probability from which speech begins. Silero's default of 0.5 loses soft speech: on a
real call with two clean channels 13 s of 180 s at ordinary loudness, 0.35 loses 8 s. On
another call, with a reference, both miss 2.4 %; what is invented goes from 0.8 to 1.1 %."""
OFFSET = 0.2
"""Probability under which it ends; 0.15 lower, as Silero recommends, against flutter."""
SHORTEST_SILENCE = 0.25
"""Seconds. Shorter gaps belong to articulation, for example the closure of a stop, and are
no pauses (Goldman-Eisler 1968)."""
SHORTEST_SPEECH = 0.2
"""Seconds; a spoken "mm" lasts about as long, a click or a breath less."""
PAD = STEP
"""Seconds on each side: soft onsets and endings reach into the neighbouring window. No
more, because padding eats pauses and makes overlap that was not there."""


def find_activity(
    audio: Audio,
    *,
    channels: Sequence[int] | None = None,
    progress: Callable[[float], None] | None = None,
) -> tuple[Activity, ...]:
    """When the voice on each channel speaks.

    Args:
        audio: Sound at 16 kHz.
        channels: The channels to listen to; all by default.
        progress: Called with the share of the sound that was heard, 0 to 1.

    Returns:
        One activity per channel. Its speaker is `left` or `right` in a recording with
        two channels, `speaker 1` in one with one.

    Raises:
        ValueError: The sound has another rate.
    """
    import numpy as np

    if audio.sample_rate != RATE:
        raise ValueError(f"sound at {audio.sample_rate} Hz; voice activity needs {RATE} Hz")
    chosen = range(audio.channels) if channels is None else channels
    names = ("left", "right") if audio.channels == 2 else ("speaker 1",)
    activities = []
    for index, channel in enumerate(chosen):
        blocks = []
        for block in _probabilities(audio, channel):
            blocks.append(block)
            if progress is not None:
                heard = sum(map(len, blocks)) * STEP / audio.duration
                progress(min((index + heard) / len(chosen), 1.0))
        probabilities = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
        # shape (windows,)
        spoken = segment(probabilities, duration=audio.duration)
        voice = Activity(speaker=names[channel], channel=channel, intervals=spoken)
        activities.append(without_music(audio, voice, shortest=SHORTEST_SPEECH))
    return tuple(activities)


def segment(probabilities: NDArray[np.float32], *, duration: float) -> tuple[Interval, ...]:
    """Turns one probability per window, shape (windows,), into stretches of speech."""
    import numpy as np

    # Hysteresis without a loop: a window between the two limits goes on as before, so
    # each window takes the verdict of the last clear one.
    clear = (probabilities >= ONSET) | (probabilities < OFFSET)
    last_clear = np.maximum.accumulate(np.where(clear, np.arange(len(clear)), -1))
    speaking = (last_clear >= 0) & (probabilities[last_clear] >= ONSET)
    edges = np.flatnonzero(np.diff(speaking, prepend=False, append=False))
    raw = [
        Interval(start=float(first) * STEP, end=float(last) * STEP)
        for first, last in edges.reshape(-1, 2)
    ]
    joined = union(raw, gap=SHORTEST_SILENCE - 1e-9)
    padded = [
        Interval(start=speech.start - PAD, end=speech.end + PAD)
        for speech in joined
        if speech.duration >= SHORTEST_SPEECH
    ]
    return clip(padded, start=0.0, end=duration)


def _probabilities(
    audio: Audio, channel: int, *, block: int = BLOCK
) -> Iterator[NDArray[np.float32]]:
    """Speech probabilities in blocks, each of shape (windows,)."""
    import numpy as np
    from faster_whisper.vad import get_vad_model

    session = get_vad_model().session  # one thread, by its own settings
    h = c = np.zeros(STATE, np.float32)
    context = np.zeros(CONTEXT, np.float32)
    seconds = block * STEP
    index = 0
    while (start := index * seconds) < audio.duration:
        samples = audio.read(channel, start, start + seconds)
        samples = np.pad(samples, (0, -len(samples) % WINDOW))
        windows = samples.reshape(-1, WINDOW)
        before = np.vstack([context, windows[:-1, -CONTEXT:]])
        # each window after the end of the one before it: shape (windows, 64 + 512)
        fed = np.hstack([before, windows])
        found, h, c = session.run(None, {"input": fed, "h": h, "c": c})
        context = windows[-1, -CONTEXT:]
        yield found.reshape(-1)
        index += 1
